import Codecs
import NIOCore

/// One parameter set or decoder configuration, field by field, under the names that its specification gives them.
public struct ParameterSetDescription: Sendable, Hashable {
    /// A field.
    public struct Field: Sendable, Hashable {
        /// The name as the specification spells it: "profile_idc".
        public var name: String
        /// The value as it is in the bits: "100".
        public var value: String
        /// What that means: "High"; empty where the value says it all.
        public var meaning: String

        /// Makes a field; see the properties.
        public init(_ name: String, _ value: String, _ meaning: String = "") {
            self.name = name
            self.value = value
            self.meaning = meaning
        }

        init(_ name: String, _ value: some BinaryInteger, _ meaning: String = "") {
            self.init(name, "\(value)", meaning)
        }

        init(_ name: String, _ value: Bool, _ meaning: String = "") {
            self.init(name, value ? "1" : "0", meaning)
        }
    }

    /// The most sets described of one configuration. Encoders send two or three; a record has room for 286.
    public static let setsMax = 16

    /// "SPS", "PPS", "VPS", "AudioSpecificConfig" …
    public var name: String
    /// Bytes of the set, NAL unit header included.
    public var bytes: Int
    /// The fields that this library reads, in the order of the bits. One field "error" where it cannot be read.
    public var fields: [Field]

    /// Makes a description; see the properties.
    public init(name: String, bytes: Int, fields: [Field]) {
        self.name = name
        self.bytes = bytes
        self.fields = fields
    }

    /// The parameter sets of a decoder configuration.
    ///
    /// - Parameters:
    ///   - codec: the codec.
    ///   - configuration: the codec's configuration record; see ``Codecs/FourCC``.
    /// - Returns: empty for codecs without one that this library reads.
    public static func all(codec: FourCC, configuration: ByteBuffer) -> [ParameterSetDescription] {
        do throws(CodecError) {
            switch codec {
            case .avc1: return try sets(of: AVCDecoderConfigurationRecord(configuration))
            case .hvc1: return try sets(of: HEVCDecoderConfigurationRecord(configuration))
            case .av01: return try sets(of: AV1CodecConfigurationRecord(configuration), configuration.readableBytes)
            case .vp08, .vp09: return [set("VPCodecConfigurationRecord", configuration, fieldsOfVP)]
            case .mp4a: return [set("AudioSpecificConfig", configuration, fieldsOfAAC)]
            case .opus: return [set("OpusHead", configuration, fieldsOfOpus)]
            case .flac: return [set("STREAMINFO", configuration, fieldsOfFLAC)]
            default: return []
            }
        } catch {
            return [
                ParameterSetDescription(
                    name: "configuration", bytes: configuration.readableBytes, fields: [Field("error", error.detail)])
            ]
        }
    }

    static func set(
        _ name: String, _ unit: ByteBuffer, _ fields: (ByteBuffer) throws(CodecError) -> [Field]
    ) -> ParameterSetDescription {
        do throws(CodecError) {
            return ParameterSetDescription(name: name, bytes: unit.readableBytes, fields: try fields(unit))
        } catch {
            return ParameterSetDescription(
                name: name, bytes: unit.readableBytes, fields: [Field("error", error.detail)])
        }
    }

    private static func sets(of record: AVCDecoderConfigurationRecord) -> [ParameterSetDescription] {
        let sequence = record.sequenceParameterSets.map { set("SPS", $0, fieldsOfH264Sequence) }
        let picture = record.pictureParameterSets.map { set("PPS", $0, fieldsOfH264Picture) }
        return Array((sequence + picture).prefix(setsMax))
    }

    private static func sets(of record: HEVCDecoderConfigurationRecord) -> [ParameterSetDescription] {
        let units = record.arrays.flatMap { array in array.units.prefix(setsMax).map { (array.type, $0) } }
        return units.prefix(setsMax).map { type, unit in
            switch type {
            case .videoParameterSet: set("VPS", unit, fieldsOfHEVCVideo)
            case .sequenceParameterSet: set("SPS", unit, fieldsOfHEVCSequence)
            default: ParameterSetDescription(name: "\(type)", bytes: unit.readableBytes, fields: [])
            }
        }
    }

    private static func sets(
        of record: AV1CodecConfigurationRecord, _ bytes: Int
    ) throws(CodecError) -> [ParameterSetDescription] {
        var sets = [
            ParameterSetDescription(name: "AV1CodecConfigurationRecord", bytes: bytes, fields: fields(of: record))
        ]
        var units = AV1OBUs(record.configOBUs)
        while sets.count < setsMax, let unit = try units.next() {
            guard unit.type == .sequenceHeader else { continue }
            sets.append(set("sequence header", unit.payload, fieldsOfAV1))
        }
        return sets
    }
}

/// Words that several codecs share.
enum Meaning {
    static func frameRate(_ rate: Double?) -> String {
        rate.map { "\(($0 * 1000).rounded() / 1000) frames/s" } ?? ""
    }

    /// Source: ISO/IEC 23091-2 (ITU-T H.273), 8.1.
    static func primaries(_ value: UInt8) -> String {
        switch value {
        case 1: "BT.709"
        case 2: "unspecified"
        case 5: "BT.601 625"
        case 6: "BT.601 525"
        case 9: "BT.2020"
        case 12: "Display P3"
        default: ""
        }
    }

    /// Source: ISO/IEC 23091-2 (ITU-T H.273), 8.2.
    static func transfer(_ value: UInt8) -> String {
        switch value {
        case 1: "BT.709"
        case 2: "unspecified"
        case 6: "BT.601"
        case 13: "sRGB"
        case 14: "BT.2020 10 bit"
        case 15: "BT.2020 12 bit"
        case 16: "PQ"
        case 18: "HLG"
        default: ""
        }
    }

    /// Source: ISO/IEC 23091-2 (ITU-T H.273), 8.3.
    static func matrix(_ value: UInt8) -> String {
        switch value {
        case 0: "RGB"
        case 1: "BT.709"
        case 2: "unspecified"
        case 5, 6: "BT.601"
        case 9: "BT.2020"
        default: ""
        }
    }
}

extension ColourDescription {
    /// The fields under the names they have in every video codec's specification.
    func fields(
        _ range: String, _ primariesName: String, _ transferName: String, _ matrixName: String
    ) -> [ParameterSetDescription.Field] {
        [
            .init(range, isFullRange, isFullRange ? "full range" : "studio range"),
            .init(primariesName, primaries, Meaning.primaries(primaries)),
            .init(transferName, transfer, Meaning.transfer(transfer)),
            .init(matrixName, matrix, Meaning.matrix(matrix)),
        ]
    }
}
