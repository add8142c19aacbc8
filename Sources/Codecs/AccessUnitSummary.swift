import NIOCore

/// What one coded picture is made of, in a few bytes: its type and the kinds of its NAL units or open bitstream units.
/// For people who look at a stream; it never fails, and says where it could not read on.
public struct AccessUnitSummary: Sendable, Hashable {
    /// Units of one kind that follow each other.
    public struct Run: Sendable, Hashable {
        /// nal_unit_type or obu_type.
        public var type: UInt8
        /// How many.
        public var count: Int
    }

    /// The most units looked at. Pictures have a few, 68 slices at most at 1080p in broadcast encoders; the rest costs
    /// the one who looks time and tells nothing new.
    public static let unitsMax = 256
    /// The most runs kept.
    public static let runsMax = 16

    /// The codec.
    public let codec: FourCC
    /// The units in order, like ones that follow each other together.
    public private(set) var runs: [Run] = []
    /// I, P or B; nil where the codec or the picture does not tell.
    public private(set) var picture: PictureType?
    /// Whether there are units beyond ``unitsMax`` or ``runsMax``.
    public private(set) var hasMore = false
    /// Whether the units' lengths lead outside the picture.
    public private(set) var isDamaged = false

    /// - Parameters:
    ///   - codec: what the picture is coded in.
    ///   - lengthSize: bytes of the length in front of each NAL unit; only H.264 and HEVC need it.
    ///   - accessUnit: one picture: length-prefixed NAL units, open bitstream units, or a VP8 or VP9 frame.
    public init(codec: FourCC, lengthSize: Int = 4, accessUnit: ByteBuffer) {
        self.codec = codec
        var picturePart = accessUnit
        do {
            switch codec {
            case .avc1, .hvc1:
                var units = LengthPrefixedNALUnits(accessUnit, lengthSize: lengthSize)
                picturePart = try count(of: accessUnit) { () throws(CodecError) in
                    guard let unit = try units.next() else { return nil }
                    let type =
                        codec == .avc1 ? H264NALUnitType(of: unit)?.rawValue : HEVCNALUnitType(of: unit)?.rawValue
                    return (type ?? 0, unit.readableBytes + lengthSize)
                }
            case .av01:
                var units = AV1OBUs(accessUnit)
                picturePart = try count(of: accessUnit) { () throws(CodecError) in
                    guard let unit = try units.next() else { return nil }
                    // A header of at least one byte; the rest of it is not needed, since all of it is searched.
                    return (unit.type.rawValue, 1 + unit.payload.readableBytes)
                }
                if !hasMore { picturePart = accessUnit }
            default: break
            }
        } catch {
            isDamaged = true
        }
        if !isDamaged { picture = PictureType(codec: codec, lengthSize: lengthSize, accessUnit: picturePart) }
    }

    /// Counts units; returns the part of the picture that was looked at.
    private mutating func count(
        of accessUnit: ByteBuffer, next: () throws(CodecError) -> (type: UInt8, bytes: Int)?
    ) throws(CodecError) -> ByteBuffer {
        var units = 0
        var bytes = 0
        while let unit = try next() {
            guard units < Self.unitsMax else {
                hasMore = true
                return accessUnit.getSlice(at: accessUnit.readerIndex, length: bytes) ?? ByteBuffer()
            }
            units += 1
            bytes += unit.bytes
            add(unit.type)
        }
        return accessUnit
    }

    private mutating func add(_ type: UInt8) {
        if let last = runs.indices.last, runs[last].type == type {
            runs[last].count += 1
        } else if runs.count < Self.runsMax {
            runs.append(Run(type: type, count: 1))
        } else {
            hasMore = true
        }
    }

    /// The units in words: "AUD, SEI, IDR ×2"; empty for codecs without units.
    public var words: String {
        var parts = runs.map { run in
            let name =
                switch codec {
                case .avc1: H264NALUnitType(rawValue: run.type).description
                case .hvc1: HEVCNALUnitType(rawValue: run.type).description
                default: AV1OBUType(rawValue: run.type).description
                }
            return run.count == 1 ? name : "\(name) ×\(run.count)"
        }
        if hasMore { parts.append("…") }
        if isDamaged { parts.append("damaged") }
        return parts.joined(separator: ", ")
    }
}
