import BitStream
import NIOCore

/// What an HEVC decoder must know before the first picture. Source: ISO/IEC 14496-15, 8.3.3.1.
public struct HEVCDecoderConfigurationRecord: Sendable, Hashable {
    /// What a decoder must be able to do.
    public var profileTierLevel: HEVCProfileTierLevel
    /// min_spatial_segmentation_idc, 0 to 4095.
    public var minSpatialSegmentation: UInt16 = 0
    /// parallelismType, 0 to 3; 0 is mixed or unknown.
    public var parallelismType: UInt8 = 0
    /// How chroma is sampled.
    public var chromaFormat: ChromaFormat
    /// Bits of a luma sample, 8 to 15.
    public var bitDepthLuma: Int
    /// Bits of a chroma sample, 8 to 15.
    public var bitDepthChroma: Int
    /// avgFrameRate in frames per 256 seconds; 0 is unspecified.
    public var averageFrameRate: UInt16 = 0
    /// constantFrameRate, 0 to 3; 0 is unknown.
    public var constantFrameRate: UInt8 = 0
    /// numTemporalLayers, 0 to 7; 0 is unknown.
    public var temporalLayers: UInt8 = 0
    /// temporalIdNested.
    public var isTemporalIDNested = false
    /// Bytes of the length in front of each NAL unit: 1, 2 or 4.
    public var lengthSize: Int
    /// Parameter sets and SEI messages, by type.
    public var arrays: [NALUnitArray]

    /// NAL units of one type.
    public struct NALUnitArray: Sendable, Hashable {
        /// Whether all units of the type are here, and none in the stream itself.
        public var isComplete: Bool
        /// The units' type.
        public var type: HEVCNALUnitType
        /// The units, header included.
        public var units: [ByteBuffer]

        /// Makes an array; see the properties.
        public init(isComplete: Bool = true, type: HEVCNALUnitType, units: [ByteBuffer]) {
            self.isComplete = isComplete
            self.type = type
            self.units = units
        }
    }

    /// NAL units of one type at most; the specification allows 16 video and sequence and 64 picture parameter sets.
    public static let unitsPerArrayMax = 256

    /// Reads a record; bytes after it are ignored.
    ///
    /// - Throws: ``CodecError`` when it is cut short, of another version, or has NAL unit lengths of three bytes.
    public init(_ bytes: ByteBuffer) throws(CodecError) {
        var bytes = bytes
        guard let head = bytes.readSlice(length: 23) else {
            throw CodecError(.truncated, "HEVCDecoderConfigurationRecord")
        }
        var reader = SyntaxReader(head)
        let version = try reader.u(8)
        // Writers of early drafts, x265 of 2013 among them, say 0.
        guard version <= 1 else { throw CodecError(.unsupported, "configurationVersion \(version)") }
        profileTierLevel = try HEVCProfileTierLevel(general: &reader)
        profileTierLevel.level = try reader.byte()
        minSpatialSegmentation = UInt16(truncatingIfNeeded: try reader.u(16) & 0xFFF)
        parallelismType = try reader.byte() & 3
        chromaFormat = ChromaFormat(rawValue: try reader.byte() & 3) ?? .yuv420
        bitDepthLuma = 8 + Int(try reader.byte() & 7)
        bitDepthChroma = 8 + Int(try reader.byte() & 7)
        averageFrameRate = UInt16(truncatingIfNeeded: try reader.u(16))
        constantFrameRate = UInt8(truncatingIfNeeded: try reader.u(2))
        temporalLayers = UInt8(truncatingIfNeeded: try reader.u(3))
        isTemporalIDNested = try reader.flag()
        lengthSize = try reader.u(2) + 1
        guard lengthSize != 3 else { throw CodecError(.malformed, "lengthSizeMinusOne is 2") }
        let count = try reader.u(8)
        arrays = []
        for _ in 0..<count { arrays.append(try NALUnitArray(&bytes)) }
    }

    /// Makes the record of a stream from its parameter sets, as they come in MPEG-TS or RTP.
    ///
    /// - Parameters:
    ///   - videoParameterSets: NAL units.
    ///   - sequenceParameterSets: NAL units; at least one; the first one gives profile, level and format.
    ///   - pictureParameterSets: NAL units.
    /// - Throws: ``CodecError`` when the first sequence parameter set cannot be read.
    public init(
        videoParameterSets: [ByteBuffer], sequenceParameterSets: [ByteBuffer], pictureParameterSets: [ByteBuffer]
    ) throws(CodecError) {
        guard let first = sequenceParameterSets.first else {
            throw CodecError(.malformed, "no sequence parameter set")
        }
        let parsed = try HEVCSequenceParameterSet(first)
        profileTierLevel = parsed.profileTierLevel
        chromaFormat = parsed.chromaFormat
        bitDepthLuma = parsed.bitDepthLuma
        bitDepthChroma = parsed.bitDepthChroma
        temporalLayers = UInt8(truncatingIfNeeded: parsed.temporalLayers)
        isTemporalIDNested = parsed.isTemporalIDNested
        lengthSize = 4
        arrays = [
            NALUnitArray(type: .videoParameterSet, units: videoParameterSets),
            NALUnitArray(type: .sequenceParameterSet, units: sequenceParameterSets),
            NALUnitArray(type: .pictureParameterSet, units: pictureParameterSets),
        ]
    }

    /// The units of a type, in the record's order.
    public func units(_ type: HEVCNALUnitType) -> [ByteBuffer] {
        arrays.filter { $0.type == type }.flatMap(\.units)
    }

    /// Appends the record to a buffer. Units beyond the counts that the record can say are left out.
    public func write(to buffer: inout ByteBuffer) {
        var writer = BitWriter()
        writer.u(8, 1)
        writer.u(2, UInt64(profileTierLevel.profileSpace))
        writer.flag(profileTierLevel.isHighTier)
        writer.u(5, UInt64(profileTierLevel.profile))
        writer.u(32, UInt64(profileTierLevel.compatibilityFlags))
        writer.u(48, profileTierLevel.constraintFlags)
        writer.u(8, UInt64(profileTierLevel.level))
        writer.u(16, 0xF000 | UInt64(minSpatialSegmentation & 0xFFF))
        writer.u(8, 0xFC | UInt64(parallelismType & 3))
        writer.u(8, 0xFC | UInt64(chromaFormat.rawValue))
        writer.u(8, 0xF8 | UInt64(truncatingIfNeeded: (bitDepthLuma &- 8) & 7))
        writer.u(8, 0xF8 | UInt64(truncatingIfNeeded: (bitDepthChroma &- 8) & 7))
        writer.u(16, UInt64(averageFrameRate))
        writer.u(2, UInt64(constantFrameRate))
        writer.u(3, UInt64(temporalLayers))
        writer.flag(isTemporalIDNested)
        writer.u(2, UInt64(truncatingIfNeeded: lengthSize &- 1))
        writer.u(8, UInt64(min(arrays.count, 255)))
        buffer.writeBytes(writer.bytes)
        for array in arrays.prefix(255) {
            let units = array.units.prefix(Self.unitsPerArrayMax)
            buffer.writeInteger((array.isComplete ? 0x80 : 0) | (array.type.rawValue & 0x3F))
            buffer.writeInteger(UInt16(truncatingIfNeeded: units.count))
            buffer.writeParameterSets(units)
        }
    }
}

extension HEVCDecoderConfigurationRecord.NALUnitArray {
    fileprivate init(_ bytes: inout ByteBuffer) throws(CodecError) {
        guard let (head, count) = bytes.readMultipleIntegers(as: (UInt8, UInt16).self) else {
            throw CodecError(.truncated, "NAL unit array")
        }
        guard count <= HEVCDecoderConfigurationRecord.unitsPerArrayMax else {
            throw CodecError(.limitExceeded, "\(count) NAL units of one type")
        }
        isComplete = head & 0x80 != 0
        type = HEVCNALUnitType(rawValue: head & 0x3F)
        units = try bytes.readParameterSets(count: Int(count))
    }
}
