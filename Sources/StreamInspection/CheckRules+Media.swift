import Codecs
import PlainText

extension CheckRule {
    /// How far from what the stream claims the frame rate may be.
    static let frameRateRatioMax = 1.05

    /// What pictures are.
    static let pictures: [CheckRule] = [
        CheckRule(
            name: "composition-offsets-missing", severity: .breaks,
            statement: "Where B pictures are decoded late, composition offsets must say when pictures are shown.",
            source: "ISO/IEC 14496-12, 8.6.1.3; Adobe FLV 10.1, E.4.3.1; ISO/IEC 13818-1, 2.4.3.7", of: .video
        ) { track in
            let count = track.count(of: .bidirectional)
            guard count > 0, (track.video?.reorderDepth ?? 0) > 0,
                track.samples.allSatisfy({ $0.presentationTime == $0.decodeTime })
            else { return nil }
            return "\(count) B pictures, and every picture is shown when it is decoded"
        },
        CheckRule(
            name: "shown-before-decoded", severity: .breaks,
            statement: "A picture cannot be shown before it is decoded.",
            source: "ISO/IEC 13818-1, 2.4.3.7; Adobe FLV 10.1, E.4.3.1", of: .video
        ) { track in
            // In MP4 an edit makes up for negative offsets.
            guard track.track.container == .flv || track.track.container == .mpegTS else { return nil }
            let count = track.samples.count { $0.presentationTime < $0.decodeTime }
            return count > 0 ? "\(count) pictures" : nil
        },
        CheckRule(
            name: "reorder-depth", severity: .breaks,
            statement: "No more pictures may wait for a later one than the parameter set says.",
            source: "ISO/IEC 14496-10, E.2.1, max_num_reorder_frames; ISO/IEC 23008-2, 7.4.3.2.1", of: .video
        ) { track in
            guard let video = track.video, [.avc1, .hvc1].contains(track.track.codec) else { return nil }
            let depth = track.reorderDepth
            return depth > video.reorderDepth ? "\(depth) pictures wait, and \(video.reorderDepth) may" : nil
        },
        CheckRule(
            name: "parameter-sets-change", severity: .breaks,
            statement: "New parameter sets need a new configuration in front of them.",
            source: "ISO/IEC 14496-15, 5.4.2.1; Adobe FLV 10.1, E.4.3.2", of: .video
        ) { track in
            let count = track.unannouncedParameterSets
            return count > 0 ? "\(count) in keyframes that the configuration does not have" : nil
        },
        CheckRule(
            name: "frame-rate-claimed", severity: .advises,
            statement: "The frame rate that the stream claims should be that of its pictures.",
            source: "ISO/IEC 14496-10, E.2.1, time_scale; ISO/IEC 23008-2, E.3.1", of: .video
        ) { track in
            guard let claimed = track.video?.frameRate, claimed > 0, let real = track.frameRate,
                max(real / claimed, claimed / real) > frameRateRatioMax
            else { return nil }
            return "\(NumberText.short(claimed, digits: 3)) claimed, \(NumberText.short(real, digits: 3)) found"
        },
        CheckRule(
            name: "size-differs", severity: .advises,
            statement: "The size that the container says should be that of the pictures.",
            source: "ISO/IEC 14496-12, 12.1.3", of: .video
        ) { track in
            guard let claimed = track.track.size, let real = track.size, claimed != real else { return nil }
            return "\(claimed) in the container, \(real) in the pictures"
        },
        CheckRule(
            name: "odd-size", severity: .advises,
            statement: "Width and height should be even: many decoders and screens halve them for chroma.",
            source: "ISO/IEC 14496-10, Table 6-1", of: .video
        ) { track in
            guard let size = track.size, size.width % 2 + size.height % 2 > 0 else { return nil }
            return "\(size)"
        },
        CheckRule(
            name: "rare-profile", severity: .advises,
            statement: "H.264 plays everywhere only in 4:2:0 with 8 bits.",
            source: "HLS Authoring Specification for Apple Devices, Video", of: .video
        ) { track in
            guard track.track.codec == .avc1, let video = track.video,
                video.bitDepth > 8 || ![.yuv420, .monochrome].contains(video.chroma)
            else { return nil }
            return "\(video.profile), \(video.bitDepth) bits"
        },
    ]

    /// What sound is.
    static let sound: [CheckRule] = [
        CheckRule(
            name: "audio-priming", severity: .advises,
            statement: "What an audio encoder puts in front should be left out by an edit, or sound is late by it.",
            source: "ISO/IEC 14496-12, 8.6.6; ISO/IEC 14496-24", of: .audio
        ) { track in
            guard track.track.container == .mp4, [.mp4a, .opus].contains(track.track.codec),
                let first = track.samples.first, first.presentationTime >= 0
            else { return nil }
            return "no edit leaves out the first samples"
        },
        CheckRule(
            name: "channels-unknown", severity: .breaks,
            statement: "A configuration must say how much comes out: a sample rate and channels.",
            source: "ISO/IEC 14496-3, 1.6.2.1", of: .audio
        ) { track in
            guard let audio = track.audio, audio.sampleRate == 0 || audio.channels == 0 else { return nil }
            return "\(audio.sampleRate) Hz, \(audio.channels) channels"
        },
    ]
}

extension TrackReport {
    /// The pictures' size; nil where it is not known.
    var size: PictureSize? {
        guard let video, video.width > 0, video.height > 0 else { return nil }
        return PictureSize(width: video.width, height: video.height)
    }

    /// The most pictures that are decoded before one and shown after it.
    var reorderDepth: Int {
        var deepest = 0
        for group in groups {
            let times = samples[group.samples].map(\.presentationTime)
            for (index, time) in times.enumerated() {
                // Deeper than a decoder can be is not looked for: 16 pictures.
                let before = times[max(0, index - 17)..<index]
                deepest = max(deepest, before.count { $0 > time })
            }
        }
        return deepest
    }
}
