import Codecs

/// One stream of a program, as the program map table tells of it.
public struct ElementaryStream: Sendable, Hashable {
    /// Which packets carry it.
    public var id: PacketID
    /// How it is coded.
    public var type: StreamType
    /// What is said of it beyond its type.
    public var descriptors: [Descriptor]

    /// Makes a stream; see the properties.
    public init(id: PacketID, type: StreamType, descriptors: [Descriptor] = []) {
        self.id = id
        self.type = type
        self.descriptors = descriptors
    }

    /// What a stream holds.
    public enum Content: Sendable, Hashable {
        /// Video: ``Codecs/FourCC/avc1`` or ``Codecs/FourCC/hvc1``; the payloads are length-prefixed NAL units.
        case video(FourCC)
        /// Audio: ``Codecs/FourCC/mp4a`` (payloads are raw access units), ``Codecs/FourCC/mp3`` (of any layer),
        /// ``Codecs/FourCC/ac3``, ``Codecs/FourCC/eac3`` or ``Codecs/FourCC/opus``.
        case audio(FourCC)
        /// ID3 tags, each with the time that it is meant for. Source: Apple, Timed Metadata for HTTP Live Streaming.
        case timedID3
        /// Private data in PES packets; see ``ElementaryStream/descriptors``.
        case privateData
        /// What this library does not interpret; its packets are passed over.
        case unknown
    }

    /// What the stream holds, by its type and descriptors.
    public var content: Content {
        switch type {
        case .mpeg1Audio, .mpeg2Audio: .audio(.mp3)
        case .adts: .audio(.mp4a)
        case .h264: .video(.avc1)
        case .hevc: .video(.hvc1)
        case .ac3: .audio(.ac3)
        case .eac3: .audio(.eac3)
        case .metadata: descriptors.isTimedID3 ? .timedID3 : .privateData
        case .privateData: privateContent
        default: .unknown
        }
    }

    /// AC-3 descriptors: ETSI EN 300 468, Annex D.
    private var privateContent: Content {
        switch descriptors.registration {
        case FourCC.opus: .audio(.opus)
        case FourCC.ac3Registration: .audio(.ac3)
        case FourCC.eac3Registration: .audio(.eac3)
        case FourCC.hevcRegistration: .video(.hvc1)
        case FourCC.timedID3: .timedID3
        default:
            if descriptors.contains(where: { $0.tag == 0x6A }) {
                .audio(.ac3)
            } else if descriptors.contains(where: { $0.tag == 0x7A }) {
                .audio(.eac3)
            } else {
                .privateData
            }
        }
    }
}
