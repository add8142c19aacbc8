import Testing

/// A file that FFmpeg makes, and how what is told of it differs from what ffprobe tells.
struct CorpusFile: Sendable, CustomTestStringConvertible {
    /// What is compared.
    enum Quantity: String, Sendable, Hashable, CaseIterable {
        case codec, format, packets, bytes, keyframes, times, pictures
    }

    /// What is done to the file when it is made.
    enum Harm: Sendable, Hashable {
        case none
        /// Only so much of it is left, in percent.
        case cut(Int)
        /// So many bytes from the middle on become 0xAA.
        case overwritten(Int)
    }

    /// With the extension, which decides the container.
    var name: String
    /// FFmpeg's arguments between the inputs and the file.
    var arguments: String
    var video: String? = "testsrc2=size=160x90:rate=25:duration=1.2"
    var audio: String? = "sine=sample_rate=44100:duration=1.2"
    var harm = Harm.none
    /// What differs, and why.
    var differences: [Quantity: String] = [:]

    var testDescription: String { name }
}

extension CorpusFile {
    private static let x264 = "-c:v libx264 -preset ultrafast -threads 1 -c:a aac"
    private static let x265 = "-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=1"
    private static let reordering = "-c:v libx264 -preset veryfast -threads 1 -bf 3 -g 12 -c:a aac"
    private static let fragmented = "-movflags frag_keyframe+empty_moov+default_base_moof"

    /// In a transport stream the bytes on the wire differ from the frames that players get.
    private static let annexB =
        "Annex B start codes, delimiters and parameter sets are counted by ffprobe; ADTS headers, too"

    static let h264: [CorpusFile] = [
        CorpusFile(name: "h264-baseline.mp4", arguments: "\(x264) -profile:v baseline"),
        CorpusFile(name: "h264-b-frames.mp4", arguments: reordering),
        CorpusFile(name: "h264-b-frames.flv", arguments: reordering),
        CorpusFile(name: "h264-b-frames.ts", arguments: reordering, differences: [.bytes: annexB]),
        CorpusFile(name: "h264-pyramid.flv", arguments: "\(reordering) -x264-params b-pyramid=normal"),
        CorpusFile(name: "h264-open-gop.mp4", arguments: "\(reordering) -x264-params open-gop=1"),
        CorpusFile(
            name: "h264-open-gop.ts", arguments: "\(reordering) -x264-params open-gop=1",
            differences: [.bytes: annexB]),
        CorpusFile(name: "h264-intra.mp4", arguments: "\(x264) -g 1"),
        CorpusFile(name: "h264-low-latency.flv", arguments: "\(x264) -tune zerolatency"),
        CorpusFile(name: "h264-plain.ts", arguments: x264, differences: [.bytes: annexB]),
        CorpusFile(name: "h264-fragments.mp4", arguments: "\(x264) -g 12 \(fragmented)"),
        CorpusFile(name: "h264-fragments-b-frames.mp4", arguments: "\(reordering) \(fragmented)"),
        CorpusFile(name: "h264-delay-moov.mp4", arguments: "\(reordering) -movflags frag_keyframe+delay_moov"),
        CorpusFile(name: "h264-faststart.mp4", arguments: "\(reordering) -movflags faststart"),
        CorpusFile(name: "h264-422.mp4", arguments: "\(x264) -pix_fmt yuv422p"),
        CorpusFile(name: "h264-444.flv", arguments: "\(x264) -pix_fmt yuv444p"),
        CorpusFile(name: "h264-10-bit.mp4", arguments: "\(x264) -pix_fmt yuv420p10le"),
        CorpusFile(
            name: "h264-interlaced.mp4", arguments: "\(reordering) -flags +ilme+ildct",
            video: "testsrc2=size=160x96:rate=25:duration=1.2"),
        CorpusFile(
            name: "h264-interlaced.ts", arguments: "\(reordering) -flags +ilme+ildct",
            video: "testsrc2=size=160x96:rate=25:duration=1.2", differences: [.bytes: annexB]),
        CorpusFile(
            name: "h264-odd-size.mp4", arguments: "\(x264) -pix_fmt yuv444p",
            video: "testsrc2=size=161x91:rate=25:duration=1"),
        CorpusFile(name: "h264-slices.mp4", arguments: "\(x264) -x264-params slices=4"),
        CorpusFile(name: "h264-in-band.mp4", arguments: "\(x264) -g 10 -bsf:v dump_extra"),
    ]

    static let rates: [CorpusFile] = [
        CorpusFile(name: "variable-rate.mp4", arguments: "\(x264) -vf select='lt(n\\,10)+not(mod(n\\,3))' -vsync vfr"),
        CorpusFile(name: "variable-rate.flv", arguments: "\(x264) -vf select='lt(n\\,10)+not(mod(n\\,3))' -vsync vfr"),
        CorpusFile(
            name: "variable-rate.ts", arguments: "\(x264) -vf select='lt(n\\,10)+not(mod(n\\,3))' -vsync vfr",
            differences: [.bytes: annexB]),
        CorpusFile(
            name: "rate-29.97.mp4", arguments: reordering, video: "testsrc2=size=160x90:rate=30000/1001:duration=1.2"),
        CorpusFile(
            name: "rate-29.97.flv", arguments: reordering, video: "testsrc2=size=160x90:rate=30000/1001:duration=1.2"),
        CorpusFile(
            name: "rate-60.ts", arguments: x264, video: "testsrc2=size=160x90:rate=60:duration=1",
            differences: [.bytes: annexB]),
        CorpusFile(name: "no-audio.mp4", arguments: x264, audio: nil),
        CorpusFile(name: "late-audio.mp4", arguments: "\(x264) -af adelay=1 -output_ts_offset 0.5"),
    ]

    static let otherVideo: [CorpusFile] = [
        CorpusFile(name: "hevc.mp4", arguments: "\(x265) -c:a aac -tag:v hvc1"),
        CorpusFile(name: "hevc-hev1.mp4", arguments: "\(x265) -c:a aac"),
        CorpusFile(name: "hevc.ts", arguments: "\(x265):bframes=2:keyint=12 -c:a aac", differences: [.bytes: annexB]),
        CorpusFile(name: "hevc-fragments.mp4", arguments: "\(x265):bframes=2:keyint=12 -c:a aac \(fragmented)"),
        CorpusFile(name: "hevc-10-bit.mp4", arguments: "\(x265) -pix_fmt yuv420p10le -c:a aac"),
        CorpusFile(name: "av1.mp4", arguments: "-c:v libsvtav1 -preset 12 -c:a aac"),
        CorpusFile(name: "av1-fragments.mp4", arguments: "-c:v libsvtav1 -preset 12 -g 12 -c:a libopus \(fragmented)"),
        CorpusFile(name: "vp9.mp4", arguments: "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"),
        CorpusFile(
            name: "vp9-fragments.mp4",
            arguments: "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 10 -c:a aac \(fragmented)"),
        CorpusFile(
            name: "mpeg4.mp4", arguments: "-c:v mpeg4 -c:a aac",
            differences: [
                .format: "MPEG-4 Visual is known by its name only",
                .pictures: "MPEG-4 Visual is known by its name only",
            ]),
    ]

    static let sound: [CorpusFile] = [
        CorpusFile(name: "aac.mp4", arguments: "-c:a aac", video: nil),
        CorpusFile(name: "aac.flv", arguments: "-c:a aac", video: nil),
        CorpusFile(name: "aac.ts", arguments: "-c:a aac", video: nil, differences: [.bytes: annexB]),
        CorpusFile(name: "aac-5.1.mp4", arguments: "-c:a aac -ac 6 -ar 48000", video: nil),
        CorpusFile(name: "mp3.flv", arguments: "-c:a libmp3lame", video: nil),
        CorpusFile(name: "mp3.mp4", arguments: "-c:a libmp3lame", video: nil),
        CorpusFile(name: "mp3.ts", arguments: "-c:a libmp3lame", video: nil),
        CorpusFile(name: "mp2.ts", arguments: "-c:a mp2", video: nil),
        CorpusFile(name: "opus.mp4", arguments: "-c:a libopus", video: nil),
        CorpusFile(name: "opus.ts", arguments: "-c:a libopus", video: nil),
        CorpusFile(name: "flac.mp4", arguments: "-c:a flac -strict experimental", video: nil),
        CorpusFile(name: "ac3.ts", arguments: "-c:a ac3", video: nil),
        CorpusFile(name: "ac3.mp4", arguments: "-c:a ac3", video: nil),
        CorpusFile(name: "eac3.ts", arguments: "-c:a eac3", video: nil),
        CorpusFile(name: "eac3-fragments.mp4", arguments: "-c:a eac3 -movflags frag_keyframe+delay_moov", video: nil),
    ]

    /// ffprobe hands out what there is of a packet whose end is missing.
    private static let halfPackets = "ffprobe counts the part of a frame that is left as a packet"
    private static let halfFragments = "ffprobe counts what is whole of a fragment whose end is missing"

    static let harmed: [CorpusFile] = [
        CorpusFile(
            name: "cut.flv", arguments: reordering, harm: .cut(60),
            differences: [.packets: halfPackets, .bytes: halfPackets, .times: halfPackets]),
        CorpusFile(
            name: "cut.ts", arguments: reordering, harm: .cut(60),
            differences: [.packets: halfPackets, .bytes: annexB, .times: halfPackets]),
        CorpusFile(
            name: "cut.mp4", arguments: "\(reordering) -movflags faststart", harm: .cut(60),
            differences: [.packets: halfPackets, .bytes: halfPackets, .times: halfPackets]),
        CorpusFile(
            name: "cut-fragments.mp4", arguments: "\(reordering) \(fragmented)", harm: .cut(60),
            differences: [
                .packets: halfFragments, .bytes: halfFragments, .times: halfFragments, .keyframes: halfFragments,
                .pictures: halfFragments,
            ]),
        CorpusFile(
            name: "overwritten.ts", arguments: x264, harm: .overwritten(400), differences: [.bytes: annexB]),
        CorpusFile(name: "overwritten.mp4", arguments: x264, harm: .overwritten(40)),
    ]

    static let all = h264 + rates + otherVideo + sound + harmed
}
