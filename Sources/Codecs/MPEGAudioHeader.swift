import NIOCore

/// The header of an MPEG-1 or MPEG-2 audio frame; layer III is MP3.
/// Specification: ISO/IEC 11172-3, 2.4.1.3; ISO/IEC 13818-3, 2.4.1.3; version 2.5 by custom.
public struct MPEGAudioHeader: Sendable, Hashable {
    /// Which MPEG audio.
    public enum Version: Sendable, Hashable {
        /// MPEG-1: 32 to 48 kHz.
        case mpeg1
        /// MPEG-2: half of MPEG-1's sample rates.
        case mpeg2
        /// MPEG-2.5: a quarter of MPEG-1's sample rates.
        case mpeg25
    }

    /// Which MPEG audio.
    public private(set) var version: Version
    /// 1 to 3.
    public private(set) var layer: Int
    /// Bits a second; nil in the free format.
    public private(set) var bitRate: Int?
    /// Samples a second.
    public private(set) var sampleRate: Int
    /// 1 or 2.
    public private(set) var channels: Int
    /// Bytes of the frame, header included; nil in the free format.
    public private(set) var frameLength: Int?

    /// - Parameter frame: begins with the header's four bytes.
    /// - Throws: ``CodecError`` when it is cut short, not a header, or a number is reserved.
    public init(_ frame: ByteBuffer) throws(CodecError) {
        var reader = SyntaxReader(Array(frame.readableBytesView.prefix(4)))
        guard try reader.u(11) == 0x7FF else { throw CodecError(.malformed, "no MPEG audio syncword") }
        switch try reader.u(2) {
        case 0: version = .mpeg25
        case 2: version = .mpeg2
        case 3: version = .mpeg1
        default: throw CodecError(.malformed, "version")
        }
        layer = 4 - (try reader.u(2))
        guard layer < 4 else { throw CodecError(.malformed, "layer") }
        try reader.skip(1)  // protection_bit
        let rateIndex = try reader.u(4)
        let frequencyIndex = try reader.u(2)
        guard rateIndex < 15, frequencyIndex < 3 else { throw CodecError(.malformed, "bitrate_index") }
        let divisor = version == .mpeg1 ? 1 : version == .mpeg2 ? 2 : 4
        sampleRate = [44100, 48000, 32000][frequencyIndex] / divisor
        let padding = try reader.u(1)
        try reader.skip(1)  // private_bit
        channels = try reader.u(2) == 3 ? 1 : 2
        guard rateIndex > 0 else { return }
        let rate = Self.bitRates(version: version, layer: layer)[rateIndex - 1] * 1000
        bitRate = rate
        if layer == 1 {
            frameLength = (12 * rate / sampleRate + padding) * 4
        } else {
            frameLength = samplesPerFrame / 8 * rate / sampleRate + padding
        }
    }

    /// Samples of a channel in the frame.
    public var samplesPerFrame: Int {
        switch layer {
        case 1: 384
        case 2: 1152
        default: version == .mpeg1 ? 1152 : 576
        }
    }

    /// In kbit/s, by bitrate_index less one.
    private static func bitRates(version: Version, layer: Int) -> [Int] {
        switch (version, layer) {
        case (.mpeg1, 1): [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448]
        case (.mpeg1, 2): [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384]
        case (.mpeg1, _): [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
        case (_, 1): [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256]
        default: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
        }
    }
}
