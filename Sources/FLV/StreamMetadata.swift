import AMF
import Codecs
import NIOCore

/// What "onMetaData" says of a stream: claims of the publisher, none of them certain.
/// Source: Adobe FLV 10.1, E.5; Enhanced RTMP v2, "Enhancing onMetaData".
public struct StreamMetadata: Sendable, Equatable {
    /// All properties, those without an accessor here included.
    public var object: AMF0Object

    /// - Parameter object: the properties.
    public init(object: AMF0Object = AMF0Object()) {
        self.object = object
    }

    /// - Parameter script: `nil` comes of any other than "onMetaData", or of one without an object or array.
    public init?(_ script: ScriptData) {
        guard script.name == ScriptData.onMetaDataName else { return nil }
        guard let object = script.values.lazy.compactMap(\.object).first else { return nil }
        self.init(object: object)
    }

    /// "onMetaData" with the properties as an associative array.
    public var scriptData: ScriptData {
        ScriptData(name: ScriptData.onMetaDataName, values: [.ecmaArray(object)])
    }

    /// Pixels.
    public var width: Int? {
        get { integer("width") }
        set { object["width"] = Self.number(newValue) }
    }

    /// Pixels.
    public var height: Int? {
        get { integer("height") }
        set { object["height"] = Self.number(newValue) }
    }

    /// Pictures per second.
    public var frameRate: Double? {
        get { object["framerate"]?.number }
        set { object["framerate"] = newValue.map { .number($0) } }
    }

    /// Seconds; 0 in live streams.
    public var durationSeconds: Double? {
        get { object["duration"]?.number }
        set { object["duration"] = newValue.map { .number($0) } }
    }

    /// Kilobits per second.
    public var videoBitrateKilobits: Double? {
        get { object["videodatarate"]?.number }
        set { object["videodatarate"] = newValue.map { .number($0) } }
    }

    /// Kilobits per second.
    public var audioBitrateKilobits: Double? {
        get { object["audiodatarate"]?.number }
        set { object["audiodatarate"] = newValue.map { .number($0) } }
    }

    /// Hertz.
    public var audioSampleRate: Int? {
        get { integer("audiosamplerate") }
        set { object["audiosamplerate"] = Self.number(newValue) }
    }

    /// Whether there are two channels or more.
    public var isStereo: Bool? {
        get { object["stereo"]?.boolean }
        set { object["stereo"] = newValue.map { .boolean($0) } }
    }

    /// The program that encodes.
    public var encoder: String? {
        get { object["encoder"]?.string }
        set { object["encoder"] = newValue.map { .string($0) } }
    }

    /// From "videocodecid": a CodecID, a FourCC as a number, or (Flash Media Live Encoder) a FourCC as a string.
    public var videoCodec: FourCC? {
        get {
            codec("videocodecid") { id in LegacyVideoCodec.fourCC(of: id) }
        }
        set {
            object["videocodecid"] = newValue.map {
                .number($0 == .avc1 ? Double(LegacyVideoCodec.avc) : Double($0.rawValue))
            }
        }
    }

    /// From "audiocodecid": a SoundFormat, a FourCC as a number, or (Flash Media Live Encoder) a FourCC as a string.
    public var audioCodec: FourCC? {
        get {
            codec("audiocodecid") { id in
                let codec = LegacySoundFormat(rawValue: id << 4).codec
                return codec.rawValue == 0 ? nil : codec
            }
        }
        set {
            object["audiocodecid"] = newValue.map { codec in
                switch codec {
                case .mp4a: .number(10)
                case .mp3: .number(2)
                default: .number(Double(codec.rawValue))
                }
            }
        }
    }

    private func integer(_ name: String) -> Int? {
        object[name]?.number.flatMap { Int(exactly: $0.rounded()) }
    }

    private static func number(_ value: Int?) -> AMF0Value? {
        value.map { .number(Double($0)) }
    }

    /// - Parameter legacy: the codec of an ID of four bits.
    private func codec(_ name: String, legacy: (UInt8) -> FourCC?) -> FourCC? {
        switch object[name] {
        case .number(let value):
            guard let id = UInt32(exactly: value) else { return nil }
            return id < 16 ? legacy(UInt8(truncatingIfNeeded: id)) : FourCC(rawValue: id)
        case .string(let text):
            guard text.utf8.count == 4 else { return nil }
            return FourCC(rawValue: text.utf8.reduce(0) { $0 << 8 | UInt32($1) })
        default: return nil
        }
    }
}
