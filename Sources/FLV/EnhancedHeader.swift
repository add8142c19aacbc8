import Codecs
import NIOCore

/// What the enhanced audio and video headers have in common: modifiers in front (ModEx) and tracks.
/// Source: Enhanced RTMP v2, "Enhanced Audio" and "Enhanced Video".
struct EnhancedHeader {
    /// AudioPacketType.ModEx and VideoPacketType.ModEx.
    static let modEx: UInt8 = 7

    /// One track of a multitrack body.
    struct Track {
        let number: UInt8
        let codec: FourCC
        let payload: ByteBuffer
    }

    /// AvMultitrackType. Reserved values have no case.
    enum MultitrackType: UInt8 {
        case oneTrack = 0
        case manyTracks = 1
        case manyTracksManyCodecs = 2
    }

    /// The packet type behind the modifiers.
    var packetType: UInt8
    /// From a TimestampOffsetNano modifier, else 0.
    var nanosecondOffset: UInt32 = 0

    /// Reads the modifiers. Those we do not know are skipped, as the specification asks.
    init(parsing body: inout ByteBuffer, packetType: UInt8) throws(FLVError) {
        self.packetType = packetType
        while self.packetType == Self.modEx {
            try readModifier(from: &body)
        }
    }

    /// modExDataSize UI8 (UI16 when that is 255), both less one; modExData; VideoPacketModExType UB[4];
    /// VideoPacketType UB[4].
    private mutating func readModifier(from body: inout ByteBuffer) throws(FLVError) {
        guard let shortSize: UInt8 = body.readInteger() else { throw Self.truncated("ModEx size") }
        var size = Int(shortSize) &+ 1
        if size == 256 {
            guard let longSize: UInt16 = body.readInteger() else { throw Self.truncated("ModEx size") }
            size = Int(longSize) &+ 1
        }
        guard var data = body.readSlice(length: size), let types: UInt8 = body.readInteger() else {
            throw Self.truncated("ModEx data of \(size) bytes")
        }
        packetType = types & 0x0F
        let isTimestampOffsetNano = types >> 4 == 0
        if isTimestampOffsetNano, let offset = data.readUInt24(), offset <= 999_999 {
            nanosecondOffset = offset
        }
    }

    /// Writes the first byte behind a TimestampOffsetNano modifier, if there is an offset to state.
    ///
    /// - Parameters:
    ///   - high: the upper bits of the first byte, which stay in front of the modifier.
    ///   - packetType: the packet type to come to.
    ///   - nanosecondOffset: 0 to 999 999; 0 writes no modifier.
    ///   - buffer: where to append.
    static func write(high: UInt8, packetType: UInt8, nanosecondOffset: UInt32, into buffer: inout ByteBuffer) {
        guard nanosecondOffset > 0, nanosecondOffset <= 999_999 else {
            buffer.writeInteger(high | packetType)
            return
        }
        buffer.writeMultipleIntegers(high | modEx, UInt8(2))
        buffer.writeUInt24(nanosecondOffset)
        buffer.writeInteger(packetType)
    }

    static func truncated(_ place: String) -> FLVError {
        FLVError(.truncatedBody, place)
    }
}

// MARK: Tracks

extension EnhancedHeader {
    /// Reads a multitrack body: AvMultitrackType UB[4], the tracks' packet type UB[4], then the tracks.
    ///
    /// - Parameter multitrack: the packet type that says multitrack, which the tracks themselves cannot have.
    /// - Returns: nil, with nothing read, when the multitrack type is one that we do not know.
    static func readMultitrack(
        _ multitrack: UInt8, from body: inout ByteBuffer, limits: FLVLimits
    ) throws(FLVError) -> (packetType: UInt8, tracks: [Track])? {
        guard let types: UInt8 = body.getInteger(at: body.readerIndex) else { throw truncated("multitrack type") }
        guard let type = MultitrackType(rawValue: types >> 4) else { return nil }
        body.moveReaderIndex(forwardBy: 1)
        let packetType = types & 0x0F
        guard packetType != multitrack, packetType != modEx else {
            throw FLVError(.malformedMultitrack, "packet type \(packetType) inside multitrack")
        }
        return (packetType, try readTracks(type, from: &body, limits: limits))
    }

    /// Reads the tracks of a multitrack body, behind AvMultitrackType and the packet type.
    private static func readTracks(
        _ type: MultitrackType, from body: inout ByteBuffer, limits: FLVLimits
    ) throws(FLVError) -> [Track] {
        var codec = FourCC(rawValue: 0)
        if type != .manyTracksManyCodecs { codec = try body.readFourCC() }
        if type == .oneTrack {
            guard let number: UInt8 = body.readInteger() else { throw truncated("track number") }
            return [Track(number: number, codec: codec, payload: body.slice())]
        }
        var tracks: [Track] = []
        repeat {
            guard tracks.count < limits.packetsPerTagMax else {
                throw FLVError(.tooManyPackets, "at most \(limits.packetsPerTagMax)")
            }
            if type == .manyTracksManyCodecs { codec = try body.readFourCC() }
            guard let number: UInt8 = body.readInteger(), let size = body.readUInt24() else {
                throw truncated("track header")
            }
            guard let payload = body.readSlice(length: Int(size)) else {
                throw truncated("track \(number) of \(size) bytes")
            }
            tracks.append(Track(number: number, codec: codec, payload: payload))
        } while body.readableBytes > 0
        return tracks
    }

    /// How tracks of these codecs are best stated.
    static func multitrackType(of codecs: some Collection<FourCC>) -> MultitrackType {
        if codecs.count == 1 { return .oneTrack }
        return codecs.allSatisfy { $0 == codecs.first } ? .manyTracks : .manyTracksManyCodecs
    }

    /// Writes one track's header, to be followed by `payloadBytes` bytes.
    static func writeTrack(
        _ number: UInt8, codec: FourCC, payloadBytes: Int, in type: MultitrackType, into buffer: inout ByteBuffer
    ) {
        if type == .manyTracksManyCodecs { buffer.writeInteger(codec.rawValue) }
        buffer.writeInteger(number)
        if type != .oneTrack { buffer.writeUInt24(UInt32(truncatingIfNeeded: payloadBytes)) }
    }
}

extension ByteBuffer {
    /// UI24.
    mutating func readUInt24() -> UInt32? {
        guard let (high, low) = readMultipleIntegers(as: (UInt8, UInt16).self) else { return nil }
        return UInt32(high) << 16 | UInt32(low)
    }

    /// SI24, sign extended.
    mutating func readInt24() -> Int32? {
        readUInt24().map { Int32(bitPattern: $0 << 8) >> 8 }
    }

    /// UI24 or SI24: the lowest 24 bits.
    mutating func writeUInt24(_ value: UInt32) {
        writeMultipleIntegers(UInt8(truncatingIfNeeded: value >> 16), UInt16(truncatingIfNeeded: value))
    }

    /// FOURCC.
    mutating func readFourCC() throws(FLVError) -> FourCC {
        guard let value: UInt32 = readInteger() else { throw EnhancedHeader.truncated("FourCC") }
        return FourCC(rawValue: value)
    }
}
