import NIOCore

/// The first bytes of a transport packet, with its adaptation field.
/// Specification: ISO/IEC 13818-1, 2.4.3.2 and 2.4.3.4.
struct PacketHeader: Sendable, Hashable {
    /// Bytes of a packet.
    static let packetBytes = 188
    /// sync_byte.
    static let syncByte: UInt8 = 0x47

    /// payload_unit_start_indicator: a PES packet or a section begins here.
    var startsUnit: Bool
    /// Which stream.
    var id: PacketID
    /// transport_scrambling_control is not 0.
    var isScrambled: Bool
    /// continuity_counter, 0 to 15.
    var continuity: UInt8
    /// discontinuity_indicator.
    var isDiscontinuous = false
    /// random_access_indicator.
    var isRandomAccess = false
    /// Where the payload lies in the packet; empty where there is none.
    var payload: Range<Int>

    /// - Parameter packet: the 188 bytes of a packet.
    /// - Throws: ``TSError/Code/badPacket``.
    init(_ packet: UnsafeRawBufferPointer) throws(TSError) {
        guard packet.count >= Self.packetBytes, packet[0] == Self.syncByte else {
            throw TSError(.badPacket, "sync_byte")
        }
        guard packet[1] & 0x80 == 0 else { throw TSError(.badPacket, "transport_error_indicator") }
        startsUnit = packet[1] & 0x40 != 0
        id = PacketID(field: UInt16(packet[1]) << 8 | UInt16(packet[2]))
        isScrambled = packet[3] & 0xC0 != 0
        continuity = packet[3] & 0x0F
        let hasPayload = packet[3] & 0x10 != 0
        var payloadStart = 4
        if packet[3] & 0x20 != 0 {
            let length = Int(packet[4])
            // 2.4.3.5: 0 to 182 bytes where there is a payload, else 183. Writers exist that have less in the latter.
            guard length <= (hasPayload ? 182 : 183) else {
                throw TSError(.badPacket, "adaptation_field_length is \(length)")
            }
            if length > 0 {
                isDiscontinuous = packet[5] & 0x80 != 0
                isRandomAccess = packet[5] & 0x40 != 0
            }
            payloadStart = 5 + length
        }
        payload = hasPayload ? payloadStart..<Self.packetBytes : Self.packetBytes..<Self.packetBytes
    }
}
