import Codecs
import NIOCore

/// What a table says of a program or an elementary stream beyond its type.
/// Specification: ISO/IEC 13818-1, 2.6; ETSI EN 300 468, 6.
public struct Descriptor: Sendable, Hashable {
    /// descriptor_tag.
    public var tag: UInt8
    /// What follows the length: 0 to 255 bytes.
    public var payload: [UInt8]

    /// Makes a descriptor; see the properties.
    public init(tag: UInt8, payload: [UInt8]) {
        self.tag = tag
        self.payload = payload
    }

    /// registration_descriptor: whose private data it is. Specification: ISO/IEC 13818-1, 2.6.8.
    public static func registration(_ format: FourCC) -> Descriptor {
        Descriptor(tag: 0x05, payload: bytes(format))
    }

    /// ISO_639_language_descriptor with one language. Specification: ISO/IEC 13818-1, 2.6.18.
    ///
    /// - Parameter language: three letters of ISO 639-2; nil is returned for anything else.
    public static func language(_ language: String) -> Descriptor? {
        let letters = Array(language.utf8)
        guard letters.count == 3, letters.allSatisfy({ (0x61...0x7A).contains($0) }) else { return nil }
        return Descriptor(tag: 0x0A, payload: letters + [0])
    }

    /// The descriptor of Opus: how its channels are laid out.
    ///
    /// It is DVB's extension_descriptor with a tag that DVB left to users. Source: OpusTS of the Xiph wiki, 0.1.3 draft.
    static func opus(channelConfiguration: UInt8) -> Descriptor {
        Descriptor(tag: extensionTag, payload: [0x80, channelConfiguration])
    }

    /// metadata_descriptor of a stream of timed ID3.
    /// Source: Apple, Timed Metadata for HTTP Live Streaming, 2; ISO/IEC 13818-1, 2.6.60.
    static let timedID3 = Descriptor(
        tag: 0x26, payload: [0xFF, 0xFF] + bytes(.timedID3) + [0xFF] + bytes(.timedID3) + [0, 0x0F])

    /// metadata_pointer_descriptor of a program with timed ID3.
    /// Source: Apple, Timed Metadata for HTTP Live Streaming, 2; ISO/IEC 13818-1, 2.6.58.
    static func timedID3Pointer(program: UInt16) -> Descriptor {
        let number = [UInt8(truncatingIfNeeded: program >> 8), UInt8(truncatingIfNeeded: program)]
        return Descriptor(
            tag: 0x25, payload: [0xFF, 0xFF] + bytes(.timedID3) + [0xFF] + bytes(.timedID3) + [0, 0x1F] + number)
    }

    static let registrationTag: UInt8 = 0x05
    static let languageTag: UInt8 = 0x0A
    static let metadataTag: UInt8 = 0x26
    static let extensionTag: UInt8 = 0x7F

    private static func bytes(_ code: FourCC) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: code.rawValue >> $0) }
    }
}

extension FourCC {
    /// "ID3 ", which marks timed ID3.
    static let timedID3 = FourCC(rawValue: 0x4944_3320)
    /// "HEVC", as some writers register it.
    static let hevcRegistration = FourCC(rawValue: 0x4845_5643)
    /// "AC-3".
    static let ac3Registration = FourCC(rawValue: 0x4143_2D33)
    /// "EAC3".
    static let eac3Registration = FourCC(rawValue: 0x4541_4333)
}

extension [Descriptor] {
    /// format_identifier of the registration descriptor.
    public var registration: FourCC? {
        guard let payload = first(where: { $0.tag == Descriptor.registrationTag })?.payload, payload.count >= 4 else {
            return nil
        }
        return FourCC(rawValue: payload.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// The first language: three letters of ISO 639-2.
    public var language: String? {
        guard let payload = first(where: { $0.tag == Descriptor.languageTag })?.payload, payload.count >= 3 else {
            return nil
        }
        return String(decoding: payload.prefix(3), as: UTF8.self)
    }

    /// channel_config_code of Opus.
    var opusChannelConfiguration: UInt8? {
        first { $0.tag == Descriptor.extensionTag && $0.payload.count >= 2 && $0.payload[0] == 0x80 }?.payload[1]
    }

    /// Whether the stream is timed ID3.
    var isTimedID3: Bool {
        contains { $0 == .timedID3 } || registration == .timedID3
            || contains { descriptor in
                // The identifier may stand behind metadata_application_format, or behind metadata_format alone.
                let payload = descriptor.payload
                return descriptor.tag == Descriptor.metadataTag
                    && payload.indices.contains { payload[$0...].starts(with: "ID3 ".utf8) }
            }
    }

    /// Bytes of all descriptors on the wire.
    var byteCount: Int {
        reduce(0) { $0 + 2 + $1.payload.count }
    }

    /// Reads descriptors to the end of the bytes.
    ///
    /// - Returns: nil where one reaches beyond the end.
    init?(_ bytes: ByteBuffer) {
        var bytes = bytes
        self = []
        while bytes.readableBytes > 0 {
            guard let (tag, length) = bytes.readMultipleIntegers(as: (UInt8, UInt8).self),
                let payload = bytes.readBytes(length: Int(length))
            else { return nil }
            append(Descriptor(tag: tag, payload: payload))
        }
    }

    /// Appends the descriptors; of one with too long a payload only what its length can say.
    func write(to buffer: inout ByteBuffer) {
        for descriptor in self {
            let payload = descriptor.payload.prefix(255)
            buffer.writeMultipleIntegers(descriptor.tag, UInt8(truncatingIfNeeded: payload.count))
            buffer.writeBytes(payload)
        }
    }
}
