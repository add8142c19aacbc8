import NIOCore

/// What a picture is predicted from. Specification: ISO/IEC 14496-10, Table 7-6.
public enum PictureType: UInt8, Sendable, Hashable, CaseIterable {
    /// I: from itself alone.
    case intra
    /// P: from one picture at a time.
    case predicted
    /// B: from two pictures, one of them possibly shown later.
    case bidirectional
}

extension PictureType: CustomStringConvertible {
    /// "I", "P" or "B".
    public var description: String {
        switch self {
        case .intra: "I"
        case .predicted: "P"
        case .bidirectional: "B"
        }
    }
}

extension PictureType {
    /// The type of a coded picture: the most dependent of its slices.
    ///
    /// AV1, VP9 and VP8 know no B pictures: whatever is not intra counts as P.
    ///
    /// - Parameters:
    ///   - codec: what the picture is coded in.
    ///   - lengthSize: bytes of the length in front of each NAL unit; only H.264 and HEVC need it.
    ///   - accessUnit: one picture: length-prefixed NAL units, open bitstream units, or a VP8 or VP9 frame.
    /// - Returns: nil for other codecs, and where there is no picture or it cannot be read.
    public init?(codec: FourCC, lengthSize: Int, accessUnit: ByteBuffer) {
        let type: PictureType?
        do {
            switch codec {
            case .avc1: type = try Self.ofH264(accessUnit, lengthSize: lengthSize)
            case .hvc1: type = try Self.ofHEVC(accessUnit, lengthSize: lengthSize)
            case .av01: type = try Self.ofAV1(accessUnit)
            case .vp09: type = try VP9FrameHeader(accessUnit).isKeyframe ? .intra : .predicted
            case .vp08: type = try VP8FrameHeader(accessUnit).isKeyframe ? .intra : .predicted
            default: type = nil
            }
        } catch {
            return nil
        }
        guard let type else { return nil }
        self = type
    }

    private static func ofH264(_ accessUnit: ByteBuffer, lengthSize: Int) throws(CodecError) -> PictureType? {
        var units = LengthPrefixedNALUnits(accessUnit, lengthSize: lengthSize)
        var result: PictureType?
        while let unit = try units.next() {
            guard let type = H264NALUnitType(of: unit), type.hasSliceHeader else { continue }
            if type == .idrSlice { return .intra }
            let slice = try H264SliceHeader(unit).type
            if slice == .bidirectional { return .bidirectional }
            result = max(result ?? .intra, slice)
        }
        return result
    }

    private static func ofHEVC(_ accessUnit: ByteBuffer, lengthSize: Int) throws(CodecError) -> PictureType? {
        var units = LengthPrefixedNALUnits(accessUnit, lengthSize: lengthSize)
        var result: PictureType?
        while let unit = try units.next() {
            guard let type = HEVCNALUnitType(of: unit), type.hasSliceHeader else { continue }
            if type.isRandomAccessPoint { return .intra }
            if let slice = try HEVCSliceHeader(unit).type {
                result = max(result ?? .intra, slice)
            }
        }
        return result
    }

    private static func ofAV1(_ temporalUnit: ByteBuffer) throws(CodecError) -> PictureType? {
        var units = AV1OBUs(temporalUnit)
        var reduced = false
        while let unit = try units.next() {
            switch unit.type {
            case .sequenceHeader: reduced = try AV1SequenceHeader(unit.payload).isReducedStillPicture
            case .frame, .frameHeader:
                if reduced { return .intra }
                guard let first = unit.payload.getInteger(at: unit.payload.readerIndex, as: UInt8.self) else { break }
                // show_existing_frame, then frame_type: 0 key, 1 inter, 2 intra only, 3 switch. AV1, 5.9.2.
                if first & 0x80 != 0 { return .predicted }
                return first & 0x20 == 0 ? .intra : .predicted
            default: break
            }
        }
        return nil
    }
}

extension PictureType: Comparable {
    /// Less dependent than: I, then P, then B.
    public static func < (left: PictureType, right: PictureType) -> Bool {
        left.rawValue < right.rawValue
    }
}
