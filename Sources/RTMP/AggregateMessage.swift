import NIOCore

/// Several messages in one, each with the header of an FLV tag. Specification: RTMP 1.0, 7.1.6.
public enum AggregateMessage {
    /// The most messages in one aggregate. Flash Media Server packs what it has of 1 to 10 seconds, some hundreds; each
    /// message costs a peer 11 bytes and us about 60, so without a bound 8 MiB could become 45 MB.
    public static let messagesMax = 4096

    /// Bytes of a message's header: type, length, timestamp in the order of FLV, message stream.
    private static let headerBytes = 11
    /// Bytes of the back pointer behind each message: its length with the header. Nothing depends on it.
    private static let backPointerBytes = 4

    /// The messages inside, in order; their payloads are slices of the aggregate's.
    ///
    /// They get the aggregate's message stream, and its time plus their distance from the first of them.
    ///
    /// - Throws: `malformedMessage` where a message ends outside the aggregate or is an aggregate itself,
    ///   `limitExceeded` beyond ``messagesMax``; both with the scope `ignore`, since the aggregate's own length keeps
    ///   the two ends in step.
    public static func split(_ aggregate: RTMPMessage) throws(RTMPError) -> [RTMPMessage] {
        var bytes = aggregate.payload
        var messages: [RTMPMessage] = []
        var offset: UInt32?
        while bytes.readableBytes > 0 {
            guard messages.count < messagesMax else {
                throw RTMPError(.limitExceeded, scope: .ignore, "aggregate of more than \(messagesMax) messages")
            }
            guard let header = bytes.readSlice(length: headerBytes),
                let inner = message(header, &bytes, of: aggregate, offset: &offset)
            else {
                throw RTMPError(
                    .malformedMessage, scope: .ignore, "aggregate whose message \(messages.count) ends outside it")
            }
            guard inner.typeID != .aggregate else {
                throw RTMPError(.malformedMessage, scope: .ignore, "aggregate inside an aggregate")
            }
            messages.append(inner)
            // The last back pointer may be missing.
            bytes.moveReaderIndex(forwardBy: min(backPointerBytes, bytes.readableBytes))
        }
        return messages
    }

    /// One message. `nil`: its payload is not there whole.
    private static func message(
        _ header: ByteBuffer, _ bytes: inout ByteBuffer, of aggregate: RTMPMessage, offset: inout UInt32?
    ) -> RTMPMessage? {
        var header = header
        guard let typeAndLength = header.readInteger(as: UInt32.self), let time = header.readInteger(as: UInt32.self),
            let payload = bytes.readSlice(length: Int(typeAndLength & 0xFF_FFFF))
        else { return nil }
        // Three bytes of the timestamp, then its highest byte.
        let timestamp = time >> 8 | time << 24
        let distance = offset ?? (aggregate.timestamp &- timestamp)
        offset = distance
        return RTMPMessage(
            typeID: MessageTypeID(rawValue: UInt8(truncatingIfNeeded: typeAndLength >> 24)),
            streamID: aggregate.streamID, timestamp: timestamp &+ distance, payload: payload)
    }
}
