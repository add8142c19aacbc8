import NIOCore

/// What an AV1 open bitstream unit holds. Specification: AV1 Bitstream & Decoding Process, 6.2.2.
public struct AV1OBUType: RawRepresentable, Hashable, Sendable {
    /// obu_type, 0 to 15.
    public var rawValue: UInt8

    /// - Parameter rawValue: obu_type, 0 to 15.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// What holds for all frames of a coded sequence.
    public static let sequenceHeader = AV1OBUType(rawValue: 1)
    /// The beginning of a temporal unit; left out in MP4 and RTMP.
    public static let temporalDelimiter = AV1OBUType(rawValue: 2)
    /// A frame's header.
    public static let frameHeader = AV1OBUType(rawValue: 3)
    /// Tiles of a frame.
    public static let tileGroup = AV1OBUType(rawValue: 4)
    /// Metadata such as HDR.
    public static let metadata = AV1OBUType(rawValue: 5)
    /// A frame's header and its tiles.
    public static let frame = AV1OBUType(rawValue: 6)
    /// A frame's header again.
    public static let redundantFrameHeader = AV1OBUType(rawValue: 7)
    /// Tiles of a large scale tile list.
    public static let tileList = AV1OBUType(rawValue: 8)
    /// Padding.
    public static let padding = AV1OBUType(rawValue: 15)
}

/// One AV1 open bitstream unit.
public struct AV1OBU: Sendable, Hashable {
    /// What it holds.
    public var type: AV1OBUType
    /// temporal_id, 0 to 7.
    public var temporalID: UInt8
    /// spatial_id, 0 to 3.
    public var spatialID: UInt8
    /// What follows the header.
    public var payload: ByteBuffer
}

/// The open bitstream units of an AV1 temporal unit, as slices; nothing is copied.
/// Specification: AV1 Bitstream & Decoding Process, 5.3.
public struct AV1OBUs: Sendable {
    private var rest: ByteBuffer

    /// - Parameter temporalUnit: units one after the other; only the last one may lack its size.
    public init(_ temporalUnit: ByteBuffer) {
        rest = temporalUnit
    }

    /// The next unit; nil after the last one.
    ///
    /// - Throws: ``CodecError`` when a unit is cut short, or the forbidden bit is set.
    public mutating func next() throws(CodecError) -> AV1OBU? {
        guard let head = rest.readInteger(as: UInt8.self) else { return nil }
        guard head & 0x80 == 0 else { throw CodecError(.malformed, "obu_forbidden_bit") }
        var layers: UInt8 = 0
        if head & 0x04 != 0 {
            guard let byte = rest.readInteger(as: UInt8.self) else {
                throw CodecError(.truncated, "obu_extension_header")
            }
            layers = byte
        }
        let size = head & 0x02 != 0 ? try readSize() : rest.readableBytes
        guard let payload = rest.readSlice(length: size) else { throw CodecError(.truncated, "obu of \(size) bytes") }
        return AV1OBU(
            type: AV1OBUType(rawValue: (head >> 3) & 0x0F), temporalID: layers >> 5, spatialID: (layers >> 3) & 3,
            payload: payload)
    }

    /// leb128(), 4.10.5: seven bits a byte, the lowest first, at most eight bytes and 32 bits.
    private mutating func readSize() throws(CodecError) -> Int {
        var value: UInt64 = 0
        for index in 0..<8 {
            guard let byte = rest.readInteger(as: UInt8.self) else { throw CodecError(.truncated, "obu_size") }
            value |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte & 0x80 == 0 {
                guard value <= UInt32.max else { throw CodecError(.malformed, "obu_size") }
                return Int(value)
            }
        }
        throw CodecError(.malformed, "obu_size")
    }
}
