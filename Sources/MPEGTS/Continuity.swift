/// Whether the packets of a stream come without gaps. Specification: ISO/IEC 13818-1, 2.4.3.3 (continuity_counter).
struct Continuity: Sendable {
    /// What a packet is to those before it.
    enum Finding: Sendable, Hashable {
        /// The next one.
        case next
        /// The one before, sent twice. It is not to be read again.
        case duplicate
        /// Packets are missing in front of it.
        case gap
        /// The sender says that it does not go on from those before.
        case signalledDiscontinuity
    }

    private var last: UInt8?
    private var wasDuplicate = false

    mutating func check(_ header: PacketHeader) -> Finding {
        let expected = last.map { ($0 &+ 1) & 0x0F }
        let hasPayload = !header.payload.isEmpty
        if header.isDiscontinuous {
            // Without payload the counter stands still, and what it counts from is the next packet's.
            last = hasPayload ? header.continuity : nil
            wasDuplicate = false
            return .signalledDiscontinuity
        }
        guard hasPayload else { return .next }
        defer { last = header.continuity }
        if let last, header.continuity == last, !wasDuplicate {
            wasDuplicate = true
            return .duplicate
        }
        wasDuplicate = false
        return expected == nil || expected == header.continuity ? .next : .gap
    }
}
