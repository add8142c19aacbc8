/// Counts the bytes received and says when the peer wants to hear of them. Specification: RTMP 1.0, 5.4.3 and 5.4.4.
struct AcknowledgementWindow: Sendable {
    /// All bytes received, the handshake included, as librtmp counts.
    private(set) var bytesReceived: UInt64 = 0
    /// What the peer announced with Window Acknowledgement Size; 0, and no acknowledgements, until it does.
    var windowBytes: UInt32 = 0
    private var bytesAcknowledged: UInt64 = 0

    /// Counts bytes.
    ///
    /// - Returns: the sequence number to acknowledge, once a window's worth has come since the last one. However many
    ///   windows a read spans, one acknowledgement answers for all, so a tiny window costs one message a read.
    mutating func receive(byteCount: Int) -> UInt32? {
        bytesReceived &+= UInt64(clamping: byteCount)
        guard windowBytes > 0, bytesReceived &- bytesAcknowledged >= UInt64(windowBytes) else { return nil }
        bytesAcknowledged = bytesReceived
        return UInt32(truncatingIfNeeded: bytesReceived)
    }
}
