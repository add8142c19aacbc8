import Codecs
import NIOCore

/// A stream to be written.
public struct TSTrack: Sendable, Equatable {
    /// What it holds. ``ElementaryStream/Content/unknown`` cannot be written.
    public var content: ElementaryStream.Content
    /// What a decoder must know, as ``Codecs/FourCC`` says for the codec: an AVCDecoderConfigurationRecord, an
    /// HEVCDecoderConfigurationRecord, an AudioSpecificConfig, or an Opus head. For MP3 any frame, or nothing; for all
    /// others nothing.
    public var configuration: ByteBuffer
    /// Three letters of ISO 639-2; nil where it is not known.
    public var language: String?
    /// For private data: whose it is.
    public var registration: FourCC?
    /// For private data: what else is to be said of it.
    public var descriptors: [Descriptor]

    /// Makes a track; see the properties.
    public init(
        _ content: ElementaryStream.Content, configuration: ByteBuffer = ByteBuffer(), language: String? = nil,
        registration: FourCC? = nil, descriptors: [Descriptor] = []
    ) {
        self.content = content
        self.configuration = configuration
        self.language = language
        self.registration = registration
        self.descriptors = descriptors
    }
}

extension TSTrack {
    var isVideo: Bool {
        if case .video = content { true } else { false }
    }

    var isAudio: Bool {
        if case .audio = content { true } else { false }
    }

    /// The track's entry in the program map.
    ///
    /// - Throws: ``TSError/Code/unsupported``.
    func elementaryStream(id: PacketID) throws(TSError) -> ElementaryStream {
        var stream = ElementaryStream(id: id, type: try streamType)
        switch content {
        case .audio(.ac3): stream.descriptors = [.registration(.ac3Registration)]
        case .audio(.eac3): stream.descriptors = [.registration(.eac3Registration)]
        case .audio(.opus): stream.descriptors = [.registration(.opus), try opusDescriptor]
        case .timedID3: stream.descriptors = [.timedID3]
        case .privateData: stream.descriptors = (registration.map { [.registration($0)] } ?? []) + descriptors
        default: break
        }
        if let language = language.flatMap(Descriptor.language) { stream.descriptors.append(language) }
        return stream
    }

    private var streamType: StreamType {
        get throws(TSError) {
            switch content {
            case .video(.avc1): return .h264
            case .video(.hvc1): return .hevc
            case .audio(.mp4a): return .adts
            case .audio(.mp3): return mpegAudioType
            case .audio(.ac3): return .ac3
            case .audio(.eac3): return .eac3
            case .audio(.opus), .privateData: return .privateData
            case .timedID3: return .metadata
            case .video(let codec), .audio(let codec): throw TSError(.unsupported, "codec \(codec)")
            case .unknown: throw TSError(.unsupported, "content")
            }
        }
    }

    /// MPEG-1 where no frame tells: readers take the two for one.
    private var mpegAudioType: StreamType {
        do {
            return try MPEGAudioHeader(configuration).version == .mpeg1 ? .mpeg1Audio : .mpeg2Audio
        } catch {
            return .mpeg1Audio
        }
    }

    private var opusDescriptor: Descriptor {
        get throws(TSError) {
            let head: OpusHead
            do { head = try OpusHead(configuration) } catch { throw TSError(.unsupported, "Opus: \(error)") }
            guard let code = OpusInTS.channelConfiguration(head) else {
                throw TSError(.unsupported, "Opus with mapping family \(head.mappingFamily)")
            }
            return .opus(channelConfiguration: code)
        }
    }
}
