/// Cuts one PES packet into transport packets, in memory that is large enough for them all.
/// Specification: ISO/IEC 13818-1, 2.4.3.2 to 2.4.3.5.
struct PacketFiller: ~Copyable {
    /// What the first packet says in its adaptation field.
    struct Start: Sendable {
        /// discontinuity_indicator.
        var isDiscontinuous = false
        /// random_access_indicator.
        var isRandomAccess = false
        /// program_clock_reference_base, 33 bits; nil for none.
        var clock: UInt64?

        /// Bytes of the adaptation field, its length included; 0 where there is nothing to say.
        var byteCount: Int {
            clock != nil ? 8 : isDiscontinuous || isRandomAccess ? 2 : 0
        }
    }

    /// Bytes of a packet behind its header.
    private static let spaceBytes = 184

    private let space: UnsafeMutableRawBufferPointer
    private let id: PacketID
    private var continuity: UInt8
    private var start: Start?
    private var bytesLeft: Int
    private var position = 0
    private var packetEnd = 0

    /// - Parameters:
    ///   - space: as many packets as ``packetCount(payloadBytes:start:)`` says.
    ///   - id: which stream.
    ///   - continuity: continuity_counter of the first packet.
    ///   - payloadBytes: what ``append(_:)`` will be given altogether.
    init(
        _ space: UnsafeMutableRawBufferPointer, id: PacketID, continuity: UInt8, start: Start, payloadBytes: Int
    ) {
        self.space = space
        self.id = id
        self.continuity = continuity
        self.start = start
        bytesLeft = payloadBytes
    }

    /// How many packets a payload takes.
    static func packetCount(payloadBytes: Int, start: Start) -> Int {
        let behindFirst = max(0, payloadBytes - (spaceBytes - start.byteCount))
        return 1 + (behindFirst + spaceBytes - 1) / spaceBytes
    }

    /// Writes a piece of the payload. More than was announced is not written.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if position == packetEnd { beginPacket() }
            let count = min(rest.count, packetEnd - position)
            guard count > 0 else { return }
            UnsafeMutableRawBufferPointer(rebasing: space[position..<position + count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
            position += count
            rest = rest.dropFirst(count)
        }
    }

    /// Writes the header, and the adaptation field where something is to be said or the payload does not fill a packet.
    private mutating func beginPacket() {
        guard bytesLeft > 0, space.count - position >= PacketHeader.packetBytes else { return }
        let first = start
        start = nil
        let payloadBytes = min(bytesLeft, Self.spaceBytes - (first?.byteCount ?? 0))
        let adaptationBytes = Self.spaceBytes - payloadBytes
        Self.storeHeader(
            id: id, continuity: continuity, startsUnit: first != nil, hasPayload: true,
            adaptationBytes: adaptationBytes,
            start: first ?? Start(),
            to: UnsafeMutableRawBufferPointer(rebasing: space[position..<position + PacketHeader.packetBytes]))
        continuity = (continuity &+ 1) & 0x0F
        packetEnd = position + PacketHeader.packetBytes
        position = packetEnd - payloadBytes
        bytesLeft -= payloadBytes
    }

    /// Writes a packet up to its payload.
    ///
    /// - Parameters:
    ///   - adaptationBytes: of the adaptation field, its length included; what is too many becomes stuffing.
    ///   - packet: 188 bytes.
    static func storeHeader(
        id: PacketID, continuity: UInt8, startsUnit: Bool, hasPayload: Bool, adaptationBytes: Int, start: Start,
        to packet: UnsafeMutableRawBufferPointer
    ) {
        packet[0] = PacketHeader.syncByte
        packet[1] = (startsUnit ? 0x40 : 0) | UInt8(truncatingIfNeeded: id.rawValue >> 8) & 0x1F
        packet[2] = UInt8(truncatingIfNeeded: id.rawValue)
        packet[3] = (adaptationBytes > 0 ? 0x20 : 0) | (hasPayload ? 0x10 : 0) | continuity & 0x0F
        guard adaptationBytes > 0 else { return }
        packet[4] = UInt8(truncatingIfNeeded: adaptationBytes - 1)
        guard adaptationBytes > 1 else { return }
        packet[5] =
            (start.isDiscontinuous ? 0x80 : 0) | (start.isRandomAccess ? 0x40 : 0) | (start.clock != nil ? 0x10 : 0)
        var next = 6
        if let clock = start.clock, adaptationBytes >= 8 {
            // 33 bits of 90 kHz, six reserved ones, nine bits of 27 MHz, which are 0 here.
            packet.storeBytes(of: UInt32(truncatingIfNeeded: clock >> 1).bigEndian, toByteOffset: 6, as: UInt32.self)
            packet[10] = UInt8(truncatingIfNeeded: clock << 7) | 0x7E
            packet[11] = 0
            next = 12
        }
        for index in next..<max(next, 4 + adaptationBytes) { packet[index] = 0xFF }
    }
}
