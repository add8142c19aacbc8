import Codecs
import NIOCore

extension ParameterSetDescription {
    /// Specification: ISO/IEC 14496-3, 1.6.2.1 and 4.4.1.
    static func fieldsOfAAC(_ bytes: ByteBuffer) throws(CodecError) -> [Field] {
        let configuration = try AudioSpecificConfig(bytes)
        var fields = [
            Field("audioObjectType", configuration.objectType.rawValue, configuration.profileName),
            Field("samplingFrequency", configuration.sampleRate, "Hz"),
            Field(
                "channelConfiguration", configuration.channelConfiguration,
                configuration.channels == 1 ? "mono" : "\(configuration.channels) channels"),
            Field(
                "frameLengthFlag", configuration.hasShortFrames,
                configuration.samplesPerFrame.map { "\($0) samples a frame" } ?? ""),
        ]
        if let replication = configuration.bandReplication {
            let place = replication.isBackwardCompatible ? "signalled at the end" : "signalled in front"
            fields += [
                Field("sbrPresentFlag", true, place),
                Field("extensionSamplingFrequency", replication.sampleRate, "Hz that come out"),
                Field("psPresentFlag", replication.hasParametricStereo),
            ]
        }
        if let program = configuration.programConfig {
            fields.append(Field("program_config_element", program.tag, "\(program.channels) channels one by one"))
        }
        return fields
    }

    /// Specification: RFC 7845, 5.1.
    static func fieldsOfOpus(_ bytes: ByteBuffer) throws(CodecError) -> [Field] {
        let head = try OpusHead(bytes)
        return [
            Field("Output Channel Count", head.channels),
            Field("Pre-skip", head.preSkip, "samples at 48000 Hz"),
            Field("Input Sample Rate", head.inputSampleRate, head.inputSampleRate == 0 ? "unspecified" : "Hz"),
            Field("Output Gain", "\(head.outputGain)", "\(Double(head.outputGain) / 256) dB"),
            Field("Channel Mapping Family", head.mappingFamily),
            Field("Stream Count", head.streams),
            Field("Coupled Count", head.coupledStreams),
        ]
    }

    /// Specification: RFC 9639, 8.2.
    static func fieldsOfFLAC(_ bytes: ByteBuffer) throws(CodecError) -> [Field] {
        let info = try FLACStreamInfo(bytes)
        return [
            Field("minimum block size", info.blockSizeMin, "samples"),
            Field("maximum block size", info.blockSizeMax, "samples"),
            Field("sample rate", info.sampleRate, "Hz"),
            Field("channels", info.channels),
            Field("bits per sample", info.bitsPerSample),
        ]
    }
}
