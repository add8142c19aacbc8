import NIOCore
import RTMP

/// Writes a capture of a TCP connection, as several programs would.
struct CaptureBuilder {
    enum File: Sendable, CaseIterable {
        case pcap, pcapSwapped, pcapNanoseconds, pcapng, pcapngSwapped
    }

    enum Link: UInt16, Sendable, CaseIterable {
        case loopback = 0
        case ethernet = 1
        case raw = 101
        case cooked = 113
        case cooked2 = 276
    }

    struct Segment: Sendable {
        var side = HandshakePart.Side.client
        /// Counted from the opening's number.
        var offset: UInt32
        /// SYN 2, SYN and ACK 0x12, ACK 0x10, RST 4.
        var flags: UInt8 = 0x10
        var payload: [UInt8] = []
        /// How many bytes of the payload the capture keeps; nil for all.
        var kept: Int?
    }

    var file = File.pcap
    var link = Link.ethernet
    var isIPv6 = false
    var hasVLAN = false
    var clientPort: UInt16 = 50000
    /// Close to the end of the numbers, so that they wrap.
    var firstSequence: UInt32 = 0xFFFF_F000

    /// The opening, and what the client says, in pieces of a common size.
    static func conversation(_ bytes: [UInt8], piece: Int = 1448) -> [Segment] {
        var segments = [Segment(offset: 0, flags: 2), Segment(side: .server, offset: 0, flags: 0x12)]
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let payload = Array(bytes[start..<min(start + piece, bytes.count)])
            segments.append(Segment(offset: 1 + UInt32(start), payload: payload))
        }
        return segments
    }

    /// The file.
    func capture(_ segments: [Segment]) -> ByteBuffer {
        var bytes = ByteBuffer()
        writeHeader(&bytes)
        for (index, segment) in segments.enumerated() {
            let packet = packet(segment)
            let kept = segment.kept.map { packet.readableBytes - segment.payload.count + $0 } ?? packet.readableBytes
            writePacket(packet, kept: kept, milliseconds: UInt64(index), &bytes)
        }
        return bytes
    }

    private var order: Endianness {
        file == .pcapSwapped || file == .pcapngSwapped ? .big : .little
    }

    private func writeHeader(_ bytes: inout ByteBuffer) {
        switch file {
        case .pcap, .pcapSwapped, .pcapNanoseconds:
            bytes.writeInteger(file == .pcapNanoseconds ? 0xA1B2_3C4D : 0xA1B2_C3D4, endianness: order, as: UInt32.self)
            for half: UInt16 in [2, 4] { bytes.writeInteger(half, endianness: order) }
            for word: UInt32 in [0, 0, 262_144, UInt32(link.rawValue)] { bytes.writeInteger(word, endianness: order) }
        case .pcapng, .pcapngSwapped:
            for word: UInt32 in [0x0A0D_0D0A, 28, 0x1A2B_3C4D] { bytes.writeInteger(word, endianness: order) }
            for half: UInt16 in [1, 0] { bytes.writeInteger(half, endianness: order) }
            for word: UInt32 in [.max, .max, 28] { bytes.writeInteger(word, endianness: order) }
            // An interface whose clock counts nanoseconds.
            for word: UInt32 in [1, 32] { bytes.writeInteger(word, endianness: order) }
            for half: UInt16 in [link.rawValue, 0] { bytes.writeInteger(half, endianness: order) }
            bytes.writeInteger(0, endianness: order, as: UInt32.self)
            for half: UInt16 in [9, 1] { bytes.writeInteger(half, endianness: order) }
            bytes.writeBytes([9, 0, 0, 0, 0, 0, 0, 0])
            bytes.writeInteger(32, endianness: order, as: UInt32.self)
        }
    }

    private func writePacket(_ packet: ByteBuffer, kept: Int, milliseconds: UInt64, _ bytes: inout ByteBuffer) {
        let part = packet.getSlice(at: packet.readerIndex, length: kept) ?? packet
        let lengths = [UInt32(kept), UInt32(packet.readableBytes)]
        switch file {
        case .pcap, .pcapSwapped, .pcapNanoseconds:
            let units: UInt64 = file == .pcapNanoseconds ? 1_000_000 : 1000
            for word in [1000, UInt32(milliseconds * units)] + lengths { bytes.writeInteger(word, endianness: order) }
            bytes.writeImmutableBuffer(part)
        case .pcapng, .pcapngSwapped:
            let time = 1_000_000_000_000 + milliseconds * 1_000_000
            let padding = (4 - kept % 4) % 4
            let total = UInt32(32 + kept + padding)
            let words = [6, total, 0, UInt32(time >> 32), UInt32(time & 0xFFFF_FFFF)] + lengths
            for word in words { bytes.writeInteger(word, endianness: order) }
            bytes.writeImmutableBuffer(part)
            bytes.writeRepeatingByte(0, count: padding)
            bytes.writeInteger(total, endianness: order)
        }
    }

    private func packet(_ segment: Segment) -> ByteBuffer {
        var packet = ByteBuffer()
        let type: UInt16 = isIPv6 ? 0x86DD : 0x0800
        switch link {
        case .loopback: packet.writeInteger(isIPv6 ? 30 : 2, endianness: .little, as: UInt32.self)
        case .ethernet:
            packet.writeRepeatingByte(2, count: 12)
            if hasVLAN { packet.writeMultipleIntegers(UInt16(0x8100), UInt16(7)) }
            packet.writeInteger(type)
        case .raw: break
        case .cooked:
            packet.writeRepeatingByte(0, count: 14)
            packet.writeInteger(type)
        case .cooked2:
            packet.writeInteger(type)
            packet.writeRepeatingByte(0, count: 18)
        }
        writeIP(segment, &packet)
        let ports: [UInt16] = segment.side == .client ? [clientPort, 1935] : [1935, clientPort]
        for port in ports { packet.writeInteger(port) }
        packet.writeMultipleIntegers(firstSequence &+ segment.offset, UInt32(0), UInt8(0x50), segment.flags)
        packet.writeMultipleIntegers(UInt16(0xFFFF), UInt16(0), UInt16(0))
        packet.writeBytes(segment.payload)
        // Ethernet fills short frames up.
        if link == .ethernet, packet.readableBytes < 60 {
            packet.writeRepeatingByte(0, count: 60 - packet.readableBytes)
        }
        return packet
    }

    private func writeIP(_ segment: Segment, _ packet: inout ByteBuffer) {
        let last: [UInt8] = segment.side == .client ? [7, 8] : [8, 7]
        let length = 20 + segment.payload.count
        if isIPv6 {
            packet.writeMultipleIntegers(UInt32(0x6000_0000), UInt16(length + 8), UInt8(0), UInt8(64))
            for end in last { packet.writeBytes([0xFD] + [UInt8](repeating: 0, count: 14) + [end]) }
            packet.writeBytes([6, 0, 1, 4, 0, 0, 0, 0])  // hop-by-hop options
        } else {
            packet.writeMultipleIntegers(UInt16(0x4500), UInt16(20 + length), UInt16(0), UInt16(0x4000))
            packet.writeMultipleIntegers(UInt8(64), UInt8(6), UInt16(0))
            for end in last { packet.writeBytes([10, 0, 0, end]) }
        }
    }
}
