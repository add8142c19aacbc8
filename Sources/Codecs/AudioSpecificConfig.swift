import BitStream
import NIOCore

/// What kind of MPEG-4 audio. Specification: ISO/IEC 14496-3, Table 1.17.
public struct AudioObjectType: RawRepresentable, Hashable, Sendable {
    /// 1 to 95.
    public var rawValue: UInt8

    /// - Parameter rawValue: 1 to 95.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// AAC Main.
    public static let main = AudioObjectType(rawValue: 1)
    /// AAC Low Complexity.
    public static let lowComplexity = AudioObjectType(rawValue: 2)
    /// AAC Scalable Sample Rate.
    public static let scalableSampleRate = AudioObjectType(rawValue: 3)
    /// AAC Long Term Prediction.
    public static let longTermPrediction = AudioObjectType(rawValue: 4)
    /// Spectral band replication: HE-AAC.
    public static let spectralBandReplication = AudioObjectType(rawValue: 5)
    /// AAC Low Delay.
    public static let lowDelay = AudioObjectType(rawValue: 23)
    /// Parametric stereo: HE-AAC v2.
    public static let parametricStereo = AudioObjectType(rawValue: 29)
    /// Enhanced Low Delay.
    public static let enhancedLowDelay = AudioObjectType(rawValue: 39)
    /// Unified speech and audio coding: xHE-AAC.
    public static let unifiedSpeechAudio = AudioObjectType(rawValue: 42)

    /// Types whose configuration is a GASpecificConfig. Specification: Table 1.15.
    var hasGeneralAudioConfig: Bool {
        switch rawValue {
        case 1...4, 6, 7, 17, 19...23: true
        default: false
        }
    }
}

/// What an AAC decoder must know before the first access unit.
/// Specification: ISO/IEC 14496-3, 1.6.2.1.
public struct AudioSpecificConfig: Sendable, Hashable {
    /// What codes the core: Low Complexity also beneath HE-AAC.
    public var objectType: AudioObjectType
    /// Samples a second of the core.
    public var sampleRate: Int
    /// channelConfiguration, 0 to 15; 0 where ``programConfig`` tells.
    public var channelConfiguration: UInt8
    /// frameLengthFlag: frames of 960 samples, and not 1024 (480 and 512 with Low Delay).
    public var hasShortFrames = false
    /// The channels one by one, where they are no common layout.
    public var programConfig: ProgramConfigElement?
    /// Spectral band replication, where it is signalled.
    public var bandReplication: BandReplication?

    /// How HE-AAC is told of.
    public struct BandReplication: Sendable, Hashable {
        /// Samples a second that come out; usually twice the core's.
        public var sampleRate: Int
        /// Whether a mono core becomes stereo: HE-AAC v2.
        public var hasParametricStereo: Bool
        /// Whether it is told at the end, where old decoders do not look, and not in front.
        public var isBackwardCompatible: Bool

        /// Makes a value; see the properties.
        public init(sampleRate: Int, hasParametricStereo: Bool = false, isBackwardCompatible: Bool = false) {
            self.sampleRate = sampleRate
            self.hasParametricStereo = hasParametricStereo
            self.isBackwardCompatible = isBackwardCompatible
        }
    }

    /// Makes a configuration; see the properties.
    public init(
        objectType: AudioObjectType = .lowComplexity, sampleRate: Int, channelConfiguration: UInt8,
        bandReplication: BandReplication? = nil
    ) {
        self.objectType = objectType
        self.sampleRate = sampleRate
        self.channelConfiguration = channelConfiguration
        self.bandReplication = bandReplication
    }

    /// Reads a configuration; of object types other than AAC only what all types have.
    ///
    /// - Throws: ``CodecError`` when it is cut short or a number is reserved.
    public init(_ bytes: ByteBuffer) throws(CodecError) {
        var reader = SyntaxReader(bytes)
        objectType = try reader.audioObjectType()
        sampleRate = try reader.samplingFrequency()
        channelConfiguration = UInt8(truncatingIfNeeded: try reader.u(4))
        if objectType == .spectralBandReplication || objectType == .parametricStereo {
            let hasParametricStereo = objectType == .parametricStereo
            bandReplication = BandReplication(
                sampleRate: try reader.samplingFrequency(), hasParametricStereo: hasParametricStereo)
            objectType = try reader.audioObjectType()
            if objectType.rawValue == 22 { try reader.skip(4) }  // extensionChannelConfiguration
        }
        guard objectType.hasGeneralAudioConfig else { return }
        try readGeneralAudioConfig(&reader)
        if objectType.rawValue >= 17 {
            let epConfig = try reader.u(2)
            guard epConfig < 2 else { return }
        }
        if bandReplication == nil { readSyncExtension(&reader) }
    }

    /// GASpecificConfig, 4.4.1.
    private mutating func readGeneralAudioConfig(_ reader: inout SyntaxReader) throws(CodecError) {
        hasShortFrames = try reader.flag()
        if try reader.flag() { try reader.skip(14) }  // coreCoderDelay
        let hasExtension = try reader.flag()
        if channelConfiguration == 0 { programConfig = try ProgramConfigElement(&reader) }
        if objectType.rawValue == 6 || objectType.rawValue == 20 { try reader.skip(3) }  // layerNr
        guard hasExtension else { return }
        switch objectType.rawValue {
        case 22: try reader.skip(5 + 11)  // numOfSubFrame, layer_length
        case 17, 19, 20, 23: try reader.skip(3)  // resilience flags
        default: break
        }
        try reader.skip(1)  // extensionFlag3
    }

    /// What HE-AAC encoders append for decoders that know it. Whatever else stands there is no error.
    private mutating func readSyncExtension(_ reader: inout SyntaxReader) {
        do {
            guard reader.bitsLeft >= 16, try reader.u(11) == 0x2B7,
                try reader.audioObjectType() == .spectralBandReplication, try reader.flag()
            else { return }
            var replication = BandReplication(sampleRate: try reader.samplingFrequency(), isBackwardCompatible: true)
            if reader.bitsLeft >= 12, try reader.u(11) == 0x548 {
                replication.hasParametricStereo = try reader.flag()
            }
            bandReplication = replication
        } catch {
            bandReplication = nil
        }
    }

    /// Appends the configuration to a buffer. Of object types other than AAC only what all types have is written.
    public func write(to buffer: inout ByteBuffer) {
        var writer = BitWriter()
        let ahead = bandReplication.flatMap { $0.isBackwardCompatible ? nil : $0 }
        if let ahead {
            writer.audioObjectType(ahead.hasParametricStereo ? .parametricStereo : .spectralBandReplication)
        } else {
            writer.audioObjectType(objectType)
        }
        writer.samplingFrequency(sampleRate)
        writer.u(4, UInt64(channelConfiguration))
        if let ahead {
            writer.samplingFrequency(ahead.sampleRate)
            writer.audioObjectType(objectType)
            if objectType.rawValue == 22 { writer.u(4, UInt64(channelConfiguration)) }  // extensionChannelConfiguration
        }
        if objectType.hasGeneralAudioConfig { writeGeneralAudioConfig(&writer) }
        if let behind = bandReplication, behind.isBackwardCompatible {
            writer.u(11, 0x2B7)
            writer.audioObjectType(.spectralBandReplication)
            writer.flag(true)
            writer.samplingFrequency(behind.sampleRate)
            if behind.hasParametricStereo {
                writer.u(11, 0x548)
                writer.flag(true)
            }
        }
        buffer.writeBytes(writer.bytes)
    }

    private func writeGeneralAudioConfig(_ writer: inout BitWriter) {
        writer.flag(hasShortFrames)
        writer.u(2, 0)  // dependsOnCoreCoder, extensionFlag
        if channelConfiguration == 0 { programConfig?.write(to: &writer) }
        if objectType.rawValue == 6 || objectType.rawValue == 20 { writer.u(3, 0) }
        if objectType.rawValue >= 17 { writer.u(2, 0) }  // epConfig
    }
}

extension AudioSpecificConfig {
    /// Channels that come out; 0 where the configuration does not tell. Specification: Table 1.19.
    public var channels: Int {
        let core =
            switch channelConfiguration {
            case 0: programConfig?.channels ?? 0
            case 1...6: Int(channelConfiguration)
            case 7, 12, 14: 8
            case 11: 7
            case 13: 24
            default: 0
            }
        return core == 1 && bandReplication?.hasParametricStereo == true ? 2 : core
    }

    /// Samples a second that come out.
    public var outputSampleRate: Int {
        bandReplication?.sampleRate ?? sampleRate
    }

    /// Samples of a channel that come out of one access unit; nil for object types other than AAC.
    public var samplesPerFrame: Int? {
        guard objectType.hasGeneralAudioConfig else { return nil }
        let core = objectType == .lowDelay ? (hasShortFrames ? 480 : 512) : (hasShortFrames ? 960 : 1024)
        guard sampleRate > 0, bandReplication != nil else { return core }
        return core * outputSampleRate / sampleRate
    }

    /// The object type that codecs parameters name: 5 and 29 where HE-AAC is signalled.
    public var signalledObjectType: AudioObjectType {
        guard let bandReplication else { return objectType }
        return bandReplication.hasParametricStereo ? .parametricStereo : .spectralBandReplication
    }

    /// The profile as people write it: "LC", "HE-AAC", "HE-AACv2".
    public var profileName: String {
        switch signalledObjectType.rawValue {
        case 1: "Main"
        case 2: "LC"
        case 3: "SSR"
        case 4: "LTP"
        case 5: "HE-AAC"
        case 23: "LD"
        case 29: "HE-AACv2"
        case 39: "ELD"
        case 42: "xHE-AAC"
        default: "Object type \(signalledObjectType.rawValue)"
        }
    }
}

/// Sample rates by index. Specification: ISO/IEC 14496-3, Table 1.18.
enum AACSampleRates {
    static let table = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350]
}

extension SyntaxReader {
    /// GetAudioObjectType, 1.6.2.1.
    fileprivate mutating func audioObjectType() throws(CodecError) -> AudioObjectType {
        let type = try u(5)
        return AudioObjectType(rawValue: UInt8(truncatingIfNeeded: type == 31 ? 32 + (try u(6)) : type))
    }

    /// samplingFrequencyIndex, and samplingFrequency where the index says that it follows.
    fileprivate mutating func samplingFrequency() throws(CodecError) -> Int {
        let index = try u(4)
        let rate = index == 15 ? try u(24) : index < AACSampleRates.table.count ? AACSampleRates.table[index] : 0
        guard rate > 0 else { throw CodecError(.malformed, "samplingFrequencyIndex is \(index)") }
        return rate
    }
}

extension BitWriter {
    fileprivate mutating func audioObjectType(_ type: AudioObjectType) {
        if type.rawValue < 31 {
            u(5, UInt64(type.rawValue))
        } else {
            u(5, 31)
            u(6, UInt64(type.rawValue &- 32))
        }
    }

    fileprivate mutating func samplingFrequency(_ rate: Int) {
        if let index = AACSampleRates.table.firstIndex(of: rate) {
            u(4, UInt64(index))
        } else {
            u(4, 15)
            u(24, UInt64(truncatingIfNeeded: rate))
        }
    }
}
