import AMF
import Codecs

/// What an end of a connection says it can do beyond RTMP 1.0: in connect's command object, and in the server's answer.
/// Source: Enhanced RTMP v2, "Enhancing NetConnection connect Command".
public struct EnhancedCapabilities: Sendable, Equatable {
    /// The "capsEx" flags.
    public struct Features: OptionSet, Sendable, Hashable {
        /// The flags on the wire.
        public var rawValue: UInt32

        /// - Parameter rawValue: the flags on the wire.
        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// Follows a reconnect request.
        public static let reconnect = Features(rawValue: 0x01)
        /// Understands several tracks in one stream.
        public static let multitrack = Features(rawValue: 0x02)
        /// Understands the ModEx signal.
        public static let modEx = Features(rawValue: 0x04)
        /// Understands nanosecond offsets of timestamps.
        public static let timestampNanosecondOffset = Features(rawValue: 0x08)
        /// All of these.
        public static let all: Features = [.reconnect, .multitrack, .modEx, .timestampNanosecondOffset]
    }

    /// What can be done with a codec.
    public struct CodecUse: OptionSet, Sendable, Hashable {
        /// The flags on the wire.
        public var rawValue: UInt32

        /// - Parameter rawValue: the flags on the wire.
        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// Can decode it.
        public static let decode = CodecUse(rawValue: 0x01)
        /// Can encode it.
        public static let encode = CodecUse(rawValue: 0x02)
        /// Can pass it on.
        public static let forward = CodecUse(rawValue: 0x04)
    }

    /// One codec and what can be done with it.
    public struct CodecInfo: Sendable, Hashable {
        /// Four characters, or "*" for every codec.
        public var codec: String
        /// What can be done with it.
        public var use: CodecUse

        /// Makes an entry.
        public init(codec: String, use: CodecUse) {
            self.codec = codec
            self.use = use
        }
    }

    /// "fourCcList": the codecs by their four characters, or "*". Version 1 of Enhanced RTMP has only this.
    public var fourCCs: [String]
    /// "videoFourCcInfoMap".
    public var videoCodecs: [CodecInfo]
    /// "audioFourCcInfoMap".
    public var audioCodecs: [CodecInfo]
    /// "capsEx".
    public var features: Features

    /// What RTMP 1.0 can do: nothing of this.
    public static let none = EnhancedCapabilities()

    /// Makes capabilities; see the properties.
    public init(
        fourCCs: [String] = [], videoCodecs: [CodecInfo] = [], audioCodecs: [CodecInfo] = [], features: Features = []
    ) {
        self.fourCCs = fourCCs
        self.videoCodecs = videoCodecs
        self.audioCodecs = audioCodecs
        self.features = features
    }

    /// Whether `codec` is among the codecs named, in whichever way the peer named them.
    public func includes(_ codec: FourCC) -> Bool {
        let name = codec.description
        return fourCCs.contains { $0 == name || $0 == "*" }
            || (videoCodecs + audioCodecs).contains { $0.codec == name || $0.codec == "*" }
    }

    /// Reads the four properties; one that is missing or of another type counts as nothing.
    public init(_ object: AMF0Object) {
        fourCCs = []
        if case .strictArray(let values)? = object["fourCcList"]?.asAMF0 {
            fourCCs = values.compactMap { $0.asAMF0.string }
        }
        videoCodecs = Self.codecs(object["videoFourCcInfoMap"])
        audioCodecs = Self.codecs(object["audioFourCcInfoMap"])
        features = Features(rawValue: Self.flags(object["capsEx"]))
    }

    /// The properties, without those that say nothing: a peer that offered nothing must see nothing it does not know.
    public var object: AMF0Object {
        var object: AMF0Object = [:]
        if !fourCCs.isEmpty { object["fourCcList"] = .strictArray(fourCCs.map(AMF0Value.string)) }
        if !videoCodecs.isEmpty { object["videoFourCcInfoMap"] = Self.map(videoCodecs) }
        if !audioCodecs.isEmpty { object["audioFourCcInfoMap"] = Self.map(audioCodecs) }
        if !features.isEmpty { object["capsEx"] = .number(Double(features.rawValue)) }
        return object
    }

    /// What both ends can do, to be told to the end that offered: only the kinds of properties it used.
    func answering(_ offer: EnhancedCapabilities) -> EnhancedCapabilities {
        EnhancedCapabilities(
            fourCCs: Self.common(offer.fourCCs, fourCCs, \.self),
            videoCodecs: Self.common(offer.videoCodecs, videoCodecs, \.codec),
            audioCodecs: Self.common(offer.audioCodecs, audioCodecs, \.codec),
            features: offer.features.intersection(features))
    }

    /// Ours that the peer named too; all of ours when either end means every codec.
    private static func common<Item>(_ offered: [Item], _ ours: [Item], _ name: (Item) -> String) -> [Item] {
        if offered.isEmpty { return [] }
        if ours.contains(where: { name($0) == "*" }) || offered.contains(where: { name($0) == "*" }) { return ours }
        let names = Set(offered.map(name))
        return ours.filter { names.contains(name($0)) }
    }

    private static func codecs(_ value: AMF0Value?) -> [CodecInfo] {
        (value?.asAMF0.object?.properties ?? []).map {
            CodecInfo(codec: $0.name, use: CodecUse(rawValue: flags($0.value)))
        }
    }

    private static func map(_ codecs: [CodecInfo]) -> AMF0Value {
        .object(
            AMF0Object(
                properties: codecs.map { .init(name: $0.codec, value: .number(Double($0.use.rawValue))) }))
    }

    private static func flags(_ value: AMF0Value?) -> UInt32 {
        value?.asAMF0.number.flatMap(UInt32.init(exactly:)) ?? 0
    }
}
