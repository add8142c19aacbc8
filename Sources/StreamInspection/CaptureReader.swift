import NIOCore

/// A packet of a capture file.
public struct CapturedPacket: Sendable, Equatable {
    /// When it was captured, in nanoseconds since 1970 or since whatever the capturing program counts from.
    public var nanoseconds: Int64
    /// What its first bytes are. Source: tcpdump.org, Link-layer header types.
    public var linkType: UInt16
    /// The bytes that were kept.
    public var bytes: ByteBuffer
    /// How many bytes of it were not kept.
    public var missingBytes: Int
}

/// Why a capture file cannot be read.
public struct CaptureError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was found, in one line.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Reads the packets of a capture file as its bytes come: pcap or pcapng.
/// Specification: draft-ietf-opsawg-pcap; draft-ietf-opsawg-pcapng.
public struct CaptureReader: Sendable {
    /// The longest packet or block. tcpdump keeps at most 262 144 bytes of a packet.
    public static let packetBytesMax = 512 << 10
    /// The most interfaces of a section.
    public static let interfacesMax = 256

    private struct Interface: Sendable {
        var linkType: UInt16
        /// Units of a second.
        var unitsPerSecond: UInt64 = 1_000_000
        var packetBytes: UInt32
    }

    private enum Format: Sendable {
        case pcap(Endianness, Interface)
        case blocks(Endianness)
    }

    private var format: Format?
    private var interfaces: [Interface] = []

    /// Nothing read yet.
    public init() {}

    /// The next packet.
    ///
    /// - Parameter bytes: what is at hand; what has been read is consumed.
    /// - Returns: nil when more bytes are needed.
    /// - Throws: ``CaptureError``; reading cannot go on then.
    public mutating func read(from bytes: inout ByteBuffer) throws(CaptureError) -> CapturedPacket? {
        while true {
            switch format {
            case nil: guard try readBeginning(&bytes) else { return nil }
            case .pcap(let order, let interface): return try Self.readRecord(&bytes, order, interface)
            case .blocks(let order):
                guard let block = try readBlock(&bytes, order) else { return nil }
                if let packet = block { return packet }
            }
        }
    }

    // MARK: pcap

    private mutating func readBeginning(_ bytes: inout ByteBuffer) throws(CaptureError) -> Bool {
        let start = bytes.readerIndex
        guard let magic: UInt32 = bytes.getInteger(at: start) else { return false }
        if magic == 0x0A0D_0D0A {
            format = .blocks(.big)
            return true
        }
        let order: Endianness = magic >> 16 == 0xA1B2 ? .big : .little
        let value = order == .big ? magic : magic.byteSwapped
        guard value == 0xA1B2_C3D4 || value == 0xA1B2_3C4D else {
            throw CaptureError("this is neither pcap nor pcapng: it begins with \(String(magic, radix: 16))")
        }
        guard bytes.readableBytes >= 24, let link: UInt32 = bytes.getInteger(at: start + 20, endianness: order) else {
            return false
        }
        bytes.moveReaderIndex(forwardBy: 24)
        let units: UInt64 = value == 0xA1B2_3C4D ? 1_000_000_000 : 1_000_000
        format = .pcap(
            order, Interface(linkType: UInt16(truncatingIfNeeded: link), unitsPerSecond: units, packetBytes: 0))
        return true
    }

    private static func readRecord(
        _ bytes: inout ByteBuffer, _ order: Endianness, _ interface: Interface
    ) throws(CaptureError) -> CapturedPacket? {
        let start = bytes.readerIndex
        guard let seconds: UInt32 = bytes.getInteger(at: start, endianness: order),
            let fraction: UInt32 = bytes.getInteger(at: start + 4, endianness: order),
            let kept: UInt32 = bytes.getInteger(at: start + 8, endianness: order),
            let original: UInt32 = bytes.getInteger(at: start + 12, endianness: order)
        else { return nil }
        guard kept <= packetBytesMax else { throw CaptureError("a packet of \(kept) bytes, at most \(packetBytesMax)") }
        guard let payload = bytes.getSlice(at: start + 16, length: Int(kept)) else { return nil }
        bytes.moveReaderIndex(forwardBy: 16 + Int(kept))
        let units = UInt64(seconds) * interface.unitsPerSecond + UInt64(fraction)
        return CapturedPacket(
            nanoseconds: nanoseconds(units, interface.unitsPerSecond), linkType: interface.linkType, bytes: payload,
            missingBytes: max(0, Int(original) - Int(kept)))
    }

    private static func nanoseconds(_ units: UInt64, _ unitsPerSecond: UInt64) -> Int64 {
        let (seconds, rest) = units.quotientAndRemainder(dividingBy: max(1, unitsPerSecond))
        let (high, low) = rest.multipliedFullWidth(by: 1_000_000_000)
        let part = max(1, unitsPerSecond).dividingFullWidth((high, low)).quotient
        return Int64(truncatingIfNeeded: seconds &* 1_000_000_000 &+ part)
    }

    // MARK: pcapng

    /// - Returns: nil when more bytes are needed; a block without a packet holds nil.
    private mutating func readBlock(
        _ bytes: inout ByteBuffer, _ order: Endianness
    ) throws(CaptureError) -> CapturedPacket?? {
        let start = bytes.readerIndex
        guard let rawType: UInt32 = bytes.getInteger(at: start) else { return .none }
        var order = order
        if rawType == 0x0A0D_0D0A {
            guard let magic: UInt32 = bytes.getInteger(at: start + 8) else { return .none }
            order = magic == 0x1A2B_3C4D ? .big : .little
            interfaces = []
            format = .blocks(order)
        }
        guard let type: UInt32 = bytes.getInteger(at: start, endianness: order),
            let length: UInt32 = bytes.getInteger(at: start + 4, endianness: order)
        else { return .none }
        guard length >= 12, length % 4 == 0, length <= Self.packetBytesMax else {
            throw CaptureError("a block of \(length) bytes, at most \(Self.packetBytesMax)")
        }
        guard var body = bytes.getSlice(at: start + 8, length: Int(length) - 12),
            bytes.readableBytes >= Int(length)
        else { return .none }
        bytes.moveReaderIndex(forwardBy: Int(length))
        switch type {
        case 1: try readInterface(&body, order)
        case 3: return .some(readSimplePacket(&body, order))
        case 6: return .some(readPacket(&body, order))
        default: break
        }
        return .some(nil)
    }

    /// Interface Description Block; of its options only if_tsresol (9) matters.
    private mutating func readInterface(_ body: inout ByteBuffer, _ order: Endianness) throws(CaptureError) {
        guard let link: UInt16 = body.readInteger(endianness: order), body.readSlice(length: 2) != nil,
            let length: UInt32 = body.readInteger(endianness: order)
        else { return }
        guard interfaces.count < Self.interfacesMax else {
            throw CaptureError("more than \(Self.interfacesMax) interfaces")
        }
        var interface = Interface(linkType: link, packetBytes: length)
        while let code: UInt16 = body.readInteger(endianness: order), code != 0,
            let count: UInt16 = body.readInteger(endianness: order), let value = body.readSlice(length: Int(count))
        {
            if code == 9, let byte: UInt8 = value.getInteger(at: value.readerIndex) {
                interface.unitsPerSecond = Self.units(resolution: byte)
            }
            _ = body.readSlice(length: (4 - Int(count) % 4) % 4)
        }
        interfaces.append(interface)
    }

    /// A negative power of ten, or of two where the highest bit is set.
    private static func units(resolution: UInt8) -> UInt64 {
        let power = Int(resolution & 0x7F)
        if resolution & 0x80 != 0 { return power < 63 ? 1 << UInt64(power) : 1_000_000 }
        return power < 19 ? (0..<power).reduce(1) { product, _ in product * 10 } : 1_000_000
    }

    /// Enhanced Packet Block.
    private func readPacket(_ body: inout ByteBuffer, _ order: Endianness) -> CapturedPacket? {
        guard let index: UInt32 = body.readInteger(endianness: order), interfaces.indices.contains(Int(index)),
            let high: UInt32 = body.readInteger(endianness: order),
            let low: UInt32 = body.readInteger(endianness: order),
            let kept: UInt32 = body.readInteger(endianness: order),
            let original: UInt32 = body.readInteger(endianness: order), let payload = body.readSlice(length: Int(kept))
        else { return nil }
        let interface = interfaces[Int(index)]
        return CapturedPacket(
            nanoseconds: Self.nanoseconds(UInt64(high) << 32 | UInt64(low), interface.unitsPerSecond),
            linkType: interface.linkType, bytes: payload, missingBytes: max(0, Int(original) - Int(kept)))
    }

    /// Simple Packet Block: of the first interface, without a time.
    private func readSimplePacket(_ body: inout ByteBuffer, _ order: Endianness) -> CapturedPacket? {
        guard let interface = interfaces.first, let original: UInt32 = body.readInteger(endianness: order) else {
            return nil
        }
        let limit = interface.packetBytes == 0 ? UInt32.max : interface.packetBytes
        guard let payload = body.readSlice(length: Int(min(original, limit, UInt32(body.readableBytes)))) else {
            return nil
        }
        return CapturedPacket(
            nanoseconds: 0, linkType: interface.linkType, bytes: payload,
            missingBytes: Int(original) - payload.readableBytes)
    }
}
