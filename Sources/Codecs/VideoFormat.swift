import NIOCore

/// What one needs to know of a video stream to show it to people and to players.
public struct VideoFormat: Sendable, Hashable {
    /// The codec.
    public var codec: FourCC
    /// Pixels across after cropping; 0 where only a keyframe tells (VP8, VP9, some AV1), see ``refine(keyframe:)``.
    public var width: Int
    /// Pixels down after cropping; 0 where only a keyframe tells.
    public var height: Int
    /// Frames a second, as the stream claims; nil where it does not.
    public var frameRate: Double?
    /// The profile as people write it, such as "High"; empty where the codec has none.
    public var profile: String
    /// The level as people write it, such as "3.1"; empty where unspecified.
    public var level: String
    /// Bits of a luma sample.
    public var bitDepth: Int
    /// How chroma is sampled.
    public var chroma: ChromaFormat
    /// The colours' meaning; nil where unspecified.
    public var colour: ColourDescription?
    /// The pixels' shape; nil where unspecified, which is to be taken as square.
    public var sampleAspectRatio: SampleAspectRatio?
    /// Whether pictures may be interlaced.
    public var mayBeInterlaced = false
    /// Pictures that may wait for one that is shown before them; 0 where pictures are shown as they come.
    public var reorderDepth: Int
    /// Bytes of the length in front of each NAL unit; 0 where the codec has no NAL units.
    public var nalUnitLengthSize: Int
    /// The codecs parameter of RFC 6381, such as "avc1.64001F".
    public var rfc6381: String

    /// Makes a format; see the properties.
    public init(
        codec: FourCC, width: Int, height: Int, frameRate: Double? = nil, profile: String = "", level: String = "",
        bitDepth: Int = 8, chroma: ChromaFormat = .yuv420, colour: ColourDescription? = nil, reorderDepth: Int = 0,
        nalUnitLengthSize: Int = 0, rfc6381: String
    ) {
        self.codec = codec
        self.width = width
        self.height = height
        self.frameRate = frameRate
        self.profile = profile
        self.level = level
        self.bitDepth = bitDepth
        self.chroma = chroma
        self.colour = colour
        self.reorderDepth = reorderDepth
        self.nalUnitLengthSize = nalUnitLengthSize
        self.rfc6381 = rfc6381
    }

    /// The format that a decoder configuration tells.
    ///
    /// - Parameters:
    ///   - codec: H.264, HEVC, AV1, VP9 or VP8.
    ///   - configuration: the codec's configuration record; see ``FourCC``.
    /// - Returns: nil for other codecs, and where the configuration cannot be read.
    public init?(codec: FourCC, configuration: ByteBuffer) {
        do {
            switch codec {
            case .avc1: try self.init(AVCDecoderConfigurationRecord(configuration))
            case .hvc1: try self.init(HEVCDecoderConfigurationRecord(configuration))
            case .av01: try self.init(AV1CodecConfigurationRecord(configuration))
            case .vp09, .vp08: self.init(codec: codec, try VPCodecConfigurationRecord(configuration))
            default: return nil
            }
        } catch {
            return nil
        }
    }

    private init(_ record: AVCDecoderConfigurationRecord) throws(CodecError) {
        guard let unit = record.sequenceParameterSets.first else {
            throw CodecError(.malformed, "no sequence parameter set")
        }
        let set = try H264SequenceParameterSet(unit)
        let parameter = [record.profile, record.profileCompatibility, record.level].map(Self.hexByte).joined()
        self.init(
            codec: .avc1, width: set.width, height: set.height, frameRate: set.frameRate, profile: set.profileName,
            level: set.levelName, bitDepth: set.bitDepthLuma, chroma: set.chromaFormat, colour: set.usability?.colour,
            reorderDepth: set.reorderDepth, nalUnitLengthSize: record.lengthSize, rfc6381: "avc1.\(parameter)")
        sampleAspectRatio = set.usability?.sampleAspectRatio
        mayBeInterlaced = !set.isFrameOnly
    }

    private init(_ record: HEVCDecoderConfigurationRecord) throws(CodecError) {
        guard let unit = record.units(.sequenceParameterSet).first else {
            throw CodecError(.malformed, "no sequence parameter set")
        }
        let set = try HEVCSequenceParameterSet(unit)
        self.init(
            codec: .hvc1, width: set.width, height: set.height,
            frameRate: set.usability?.frameRate ?? Self.frameRate(record),
            profile: set.profileTierLevel.profileName, level: set.profileTierLevel.levelName,
            bitDepth: set.bitDepthLuma, chroma: set.chromaFormat, colour: set.usability?.colour,
            reorderDepth: set.reorderDepth, nalUnitLengthSize: record.lengthSize,
            rfc6381: "hvc1.\(record.profileTierLevel.codecsParameter)")
        sampleAspectRatio = set.usability?.sampleAspectRatio
        mayBeInterlaced = set.usability?.isFieldSequence == true
    }

    /// From the video parameter set, and else from the record itself. A damaged set only costs its timing.
    private static func frameRate(_ record: HEVCDecoderConfigurationRecord) -> Double? {
        if let unit = record.units(.videoParameterSet).first {
            do {
                if let timing = try HEVCVideoParameterSet(unit).timing { return timing.pictureRate }
            } catch {}
        }
        return record.averageFrameRate > 0 ? Double(record.averageFrameRate) / 256 : nil
    }

    private init(_ record: AV1CodecConfigurationRecord) throws(CodecError) {
        let header = try AV1SequenceHeader.first(in: record.configOBUs)
        self.init(
            codec: .av01, width: 0, height: 0, profile: Self.profileName(av1: record.profile),
            level: record.level < 31 ? "\(2 + record.level >> 2).\(record.level & 3)" : "",
            bitDepth: record.bitDepth, chroma: record.chromaFormat,
            rfc6381: "av01.\(record.codecsParameter(colour: header?.colour))")
        if let header { refine(header) }
    }

    private init(codec: FourCC, _ record: VPCodecConfigurationRecord) {
        self.init(
            codec: codec, width: 0, height: 0, profile: "Profile \(record.profile)",
            level: record.level > 0 ? "\(record.level / 10).\(record.level % 10)" : "", bitDepth: record.bitDepth,
            chroma: record.chromaFormat, colour: record.colour, rfc6381: "\(codec).\(record.codecsParameter)")
    }

    /// Adds what a keyframe tells and the configuration does not: the size of VP8, VP9 and AV1 pictures.
    /// A frame that cannot be read, and one of another codec, changes nothing.
    public mutating func refine(keyframe: ByteBuffer) {
        do {
            switch codec {
            case .av01:
                if let header = try AV1SequenceHeader.first(in: keyframe) { refine(header) }
            case .vp09:
                guard let header = try VP9FrameHeader(keyframe).keyframe else { return }
                (width, height) = (header.width, header.height)
                (bitDepth, chroma) = (header.bitDepth, header.chromaFormat)
            case .vp08:
                let header = try VP8FrameHeader(keyframe)
                (width, height) = (header.width ?? width, header.height ?? height)
            default: return
            }
        } catch {
            return
        }
    }

    private mutating func refine(_ header: AV1SequenceHeader) {
        (width, height) = (header.width, header.height)
        (bitDepth, chroma) = (header.bitDepth, header.chromaFormat)
        colour = header.colour
        frameRate = header.frameRate
    }

    private static func profileName(av1 profile: UInt8) -> String {
        switch profile {
        case 0: "Main"
        case 1: "High"
        case 2: "Professional"
        default: "Profile \(profile)"
        }
    }

    private static func hexByte(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
