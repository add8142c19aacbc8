import NIOCore

/// One end of a TCP connection.
struct CapturedEnd: Sendable, Hashable, CustomStringConvertible {
    /// 4 bytes, or 16.
    var address: [UInt8]
    var port: UInt16

    /// "10.0.0.7:1935", "[::1]:1935" with all groups written out.
    var description: String {
        if address.count == 4 { return address.map(String.init).joined(separator: ".") + ":\(port)" }
        let groups = stride(from: 0, to: address.count - 1, by: 2).map { index in
            String(UInt16(address[index]) << 8 | UInt16(address[index + 1]), radix: 16)
        }
        return "[\(groups.joined(separator: ":"))]:\(port)"
    }
}

/// A TCP segment with where it comes from and goes to. Specification: RFC 9293, 3.1.
struct CapturedSegment: Sendable {
    var source: CapturedEnd
    var destination: CapturedEnd
    var sequence: UInt32
    var isOpening: Bool
    /// The opening's answer.
    var isAnswer: Bool
    var isReset: Bool
    var payload: ByteBuffer
    /// How many bytes of the payload the capture did not keep.
    var missingBytes: Int

    /// - Returns: nil for everything but TCP over IP, and for fragments.
    init?(_ packet: CapturedPacket) {
        var bytes = packet.bytes
        guard let isIPv6 = Self.skipLink(packet.linkType, &bytes) else { return nil }
        guard let (from, to) = isIPv6 ? Self.readIPv6(&bytes) : Self.readIPv4(&bytes) else { return nil }
        let start = bytes.readerIndex
        guard let sourcePort: UInt16 = bytes.getInteger(at: start),
            let destinationPort: UInt16 = bytes.getInteger(at: start + 2),
            let sequence: UInt32 = bytes.getInteger(at: start + 4),
            let offset: UInt8 = bytes.getInteger(at: start + 12),
            let flags: UInt8 = bytes.getInteger(at: start + 13)
        else { return nil }
        let headerBytes = Int(offset >> 4) * 4
        guard headerBytes >= 20, headerBytes <= bytes.readableBytes else { return nil }
        bytes.moveReaderIndex(forwardBy: headerBytes)
        source = CapturedEnd(address: from, port: sourcePort)
        destination = CapturedEnd(address: to, port: destinationPort)
        self.sequence = sequence
        isOpening = flags & 0x12 == 0x02
        isAnswer = flags & 0x12 == 0x12
        isReset = flags & 0x04 != 0
        payload = bytes
        missingBytes = packet.missingBytes
    }

    /// Passes over what stands in front of the IP header; whether that is IPv6, nil for other protocols.
    /// Source: tcpdump.org, Link-layer header types.
    private static func skipLink(_ linkType: UInt16, _ bytes: inout ByteBuffer) -> Bool? {
        switch linkType {
        case 0, 108: return skip(4, &bytes) ? version(bytes) : nil
        case 12, 14, 101, 228, 229: return version(bytes)
        case 1: return skip(12, &bytes) ? etherType(&bytes) : nil
        case 113: return skip(14, &bytes) ? etherType(&bytes) : nil
        case 276:
            guard let type: UInt16 = bytes.getInteger(at: bytes.readerIndex), skip(20, &bytes) else { return nil }
            return isIPv6(etherType: type)
        default: return nil
        }
    }

    private static func skip(_ count: Int, _ bytes: inout ByteBuffer) -> Bool {
        bytes.readSlice(length: count) != nil
    }

    private static func version(_ bytes: ByteBuffer) -> Bool? {
        switch bytes.getInteger(at: bytes.readerIndex, as: UInt8.self).map({ $0 >> 4 }) {
        case 4: false
        case 6: true
        default: nil
        }
    }

    /// The EtherType, behind tags of virtual networks. Specification: IEEE 802.1Q, 9.
    private static func etherType(_ bytes: inout ByteBuffer) -> Bool? {
        for _ in 0..<4 {
            guard let type: UInt16 = bytes.readInteger() else { return nil }
            guard type == 0x8100 || type == 0x88A8 else { return isIPv6(etherType: type) }
            guard skip(2, &bytes) else { return nil }
        }
        return nil
    }

    private static func isIPv6(etherType: UInt16) -> Bool? {
        etherType == 0x0800 ? false : etherType == 0x86DD ? true : nil
    }

    /// Specification: RFC 791, 3.1. What is behind the packet, as Ethernet's padding, is cut off.
    private static func readIPv4(_ bytes: inout ByteBuffer) -> ([UInt8], [UInt8])? {
        let start = bytes.readerIndex
        guard let first: UInt8 = bytes.getInteger(at: start), let total: UInt16 = bytes.getInteger(at: start + 2),
            let fragment: UInt16 = bytes.getInteger(at: start + 6), fragment & 0x3FFF == 0,
            bytes.getInteger(at: start + 9, as: UInt8.self) == 6, let from = bytes.getBytes(at: start + 12, length: 4),
            let to = bytes.getBytes(at: start + 16, length: 4)
        else { return nil }
        let headerBytes = Int(first & 0x0F) * 4
        // A length of 0 is one that the network card was to fill in.
        let totalBytes = total == 0 ? bytes.readableBytes : min(Int(total), bytes.readableBytes)
        guard headerBytes >= 20, totalBytes >= headerBytes,
            let rest = bytes.getSlice(at: start + headerBytes, length: totalBytes - headerBytes)
        else { return nil }
        bytes = rest
        return (from, to)
    }

    /// Specification: RFC 8200, 3 and 4.
    private static func readIPv6(_ bytes: inout ByteBuffer) -> ([UInt8], [UInt8])? {
        let start = bytes.readerIndex
        guard let length: UInt16 = bytes.getInteger(at: start + 4), var next: UInt8 = bytes.getInteger(at: start + 6),
            let from = bytes.getBytes(at: start + 8, length: 16), let to = bytes.getBytes(at: start + 24, length: 16)
        else { return nil }
        let behind = bytes.readableBytes - 40
        let count = length == 0 ? behind : min(Int(length), behind)
        guard count >= 0, var rest = bytes.getSlice(at: start + 40, length: count) else { return nil }
        // Hop-by-hop options, routing, destination options.
        while [0, 43, 60].contains(next) {
            guard let following: UInt8 = rest.getInteger(at: rest.readerIndex),
                let units: UInt8 = rest.getInteger(at: rest.readerIndex + 1),
                rest.readSlice(length: (Int(units) + 1) * 8) != nil
            else { return nil }
            next = following
        }
        guard next == 6 else { return nil }
        bytes = rest
        return (from, to)
    }
}
