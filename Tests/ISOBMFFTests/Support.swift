import Codecs
import ISOBMFF
import NIOCore

/// The bytes of a hexadecimal text; anything that is no digit is passed over.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// A buffer of the bytes of a hexadecimal text.
func buffer(_ text: String) -> ByteBuffer {
    ByteBuffer(bytes: hex(text))
}

/// The readable bytes that `write` appends to an empty buffer.
func written(_ write: (inout ByteBuffer) throws -> Void) rethrows -> [UInt8] {
    var buffer = ByteBuffer()
    try write(&buffer)
    return Array(buffer.readableBytesView)
}

extension Int {
    /// The number as four bytes, for boxes that are written by hand.
    var be32: [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> $0) }
    }
}

/// A box that is written by hand.
func box(_ type: String, _ body: [UInt8]) -> [UInt8] {
    (8 + body.count).be32 + Array(type.utf8) + body
}

/// A box of version 0 without flags.
func fullBox(_ type: String, version: UInt8 = 0, flags: Int = 0, _ body: [UInt8]) -> [UInt8] {
    box(type, (Int(version) << 24 | flags).be32 + body)
}

/// The one box that the bytes are.
func parsed(_ bytes: [UInt8], limits: ISOBMFFLimits = .init()) throws -> Box {
    var boxes = BoxSequence(ByteBuffer(bytes: bytes), limits: limits)
    guard let box = try boxes.next() else { throw ISOBMFFError(.missingBox, "no box in the test's bytes") }
    return box
}

/// The code of the error that is thrown; nil without one.
func code(_ body: () throws -> Void) -> ISOBMFFError.Code? {
    do {
        try body()
        return nil
    } catch { return (error as? ISOBMFFError)?.code }
}

/// A feed for the verifier.
func reader(_ limits: ISOBMFFLimits = .init()) -> (inout ByteBuffer) throws -> [FragmentReader.Element] {
    var reader = FragmentReader(limits: limits)
    return { buffer in
        var elements: [FragmentReader.Element] = []
        while let element = try reader.read(from: &buffer) { elements.append(element) }
        return elements
    }
}

/// All that the reader makes of the bytes.
func read(_ bytes: [UInt8], _ limits: ISOBMFFLimits = .init()) throws -> [FragmentReader.Element] {
    var buffer = ByteBuffer(bytes: bytes)
    return try reader(limits)(&buffer)
}

extension [FragmentReader.Element] {
    var fragments: [Fragment] {
        compactMap { if case .fragment(let fragment) = $0 { fragment } else { nil } }
    }

    var initSegment: InitSegment? {
        lazy.compactMap { if case .initSegment(let segment) = $0 { segment } else { nil } }.first
    }
}

/// Configurations that FFmpeg 5.1 wrote.
enum Vectors {
    /// libx264: 1280x720, 30 frames a second.
    static let avc = buffer(
        "0164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000668ebe3cb22c0fdf8f800")
    /// libx265: Main.
    static let hevc = buffer(
        "01016000000090000000000078f000fcfdf8f800000f03a00001001840010c01ffff0160000003009000000300"
            + "00030078959809a10001002a420101016000000300900000030000030078a003c08010e596566924caf0168080"
            + "000003008000000f04a2000100074401c172b46240")
    /// libaom.
    static let av1 = buffer("81010c000a0b0000000cc4ff6736be4010")
    /// libvpx, without version and flags.
    static let vp9 = buffer("000a82020202 0000")
    /// AAC-LC, 48 kHz, stereo.
    static let aac = buffer("1190")
    /// libopus, stereo.
    static let opus = buffer("4f707573 48656164 01 02 3801 80bb0000 0000 00")
    /// libopus, 5.1 in the order of Vorbis.
    static let opusSurround = buffer("4f707573 48656164 01 06 3801 80bb0000 0000 01 04 02 000401020305")
    /// The marker and a block with its header: 44.1 kHz, stereo, 16 bits.
    static let flac = buffer(
        "664c6143 80000022 1000 1000 00000e 000e9b 0ac442f0 00000000 00000000000000000000000000000000")
    /// `dac3`: 48 kHz, 5.1, 448 kbit/s.
    static let ac3 = buffer("10 3d e0")
}

/// Tracks of every codec that is written.
let tracks: [Track] = [
    video(.avc1, Vectors.avc),
    video(.hvc1, Vectors.hevc),
    video(.av01, Vectors.av1),
    video(.vp09, Vectors.vp9),
    video(.vp08, Vectors.vp9),
    video(.vvc1, buffer("FF00655F")),
    audio(.mp4a, Vectors.aac),
    audio(.opus, Vectors.opus),
    audio(.opus, Vectors.opusSurround, channels: 6),
    audio(.flac, Vectors.flac, rate: 44100),
    audio(.ac3, Vectors.ac3, channels: 6),
    audio(.eac3, buffer("0E00 20 0F 00"), channels: 6),
    audio(.mp3, ByteBuffer(), rate: 44100),
]

func video(_ codec: FourCC, _ configuration: ByteBuffer, id: UInt32 = 1) -> Track {
    Track(
        id: id, timescale: Track.videoTimescale,
        description: SampleDescription(
            codec: codec, configuration: configuration,
            media: .video(VideoSampleFormat(width: 1280, height: 720))))
}

func audio(
    _ codec: FourCC, _ configuration: ByteBuffer, id: UInt32 = 1, channels: Int = 2, rate: Int = 48000
) -> Track {
    Track(
        id: id, timescale: UInt32(rate),
        description: SampleDescription(
            codec: codec, configuration: configuration,
            media: .audio(AudioSampleFormat(channels: channels, sampleRate: rate))))
}
