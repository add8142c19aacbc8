import Codecs
import PlainText

extension CheckRule {
    /// How long players go on without pictures before viewers take it for a failure.
    static let pictureGapSecondsMax = 1.0
    /// How long sound may be missing: Media Source players bridge less than a frame or two.
    static let soundGapSecondsMax = 0.1
    /// How far apart pictures and sound may begin: until both are there, players show nothing.
    static let startOffsetSecondsMax = 1.0
    /// How far apart they may end more than they began: beyond it lips are seen to be out of step.
    static let driftSecondsMax = 0.185
    /// How far apart what belongs together may lie in the order of the bytes.
    static let interleavingSecondsMax = 1.0

    /// When frames are decoded and shown.
    static let timing: [CheckRule] = [
        CheckRule(
            name: "decode-time-backward", severity: .breaks, statement: "Decode times must not go back.",
            source: "ISO/IEC 14496-12, 8.6.1; Media Source Extensions, Coded Frame Processing", of: .video, .audio,
            finding: backward),
        CheckRule(
            name: "decode-time-repeated", severity: .advises, statement: "Each picture needs a decode time of its own.",
            source: "ISO/IEC 14496-12, 8.6.1", of: .video
        ) { track in
            let count = track.stepSeconds.count { $0 == 0 }
            return count > 0 ? "\(count) pictures have that of the one before" : nil
        },
        CheckRule(
            name: "presentation-time-repeated", severity: .breaks,
            statement: "Two pictures cannot be shown at the same time.",
            source: "ISO/IEC 14496-10, C.4.5; Media Source Extensions, Coded Frame Processing", of: .video
        ) { track in
            let count = track.samples.count - Set(track.samples.map(\.presentationTime)).count
            return count > 0 ? "\(count) of \(track.samples.count) pictures" : nil
        },
        CheckRule(
            name: "picture-gap", severity: .breaks, statement: "Pictures must not be missing for long.",
            source: "Media Source Extensions, Coded Frame Processing", of: .video
        ) { gaps($0, factor: 4, seconds: pictureGapSecondsMax) },
        CheckRule(
            name: "sound-gap", severity: .breaks, statement: "Sound must go on without holes.",
            source: "Media Source Extensions, Coded Frame Processing", of: .audio
        ) { gaps($0, factor: 2, seconds: soundGapSecondsMax) },
        CheckRule(
            name: "start-apart", severity: .breaks, statement: "Pictures and sound must begin together.",
            source: "Media Source Extensions, HTMLMediaElement.buffered: what not all tracks have is not played",
            check: { report in
                guard let offset = report.startOffset, abs(offset) > startOffsetSecondsMax else { return [] }
                return ["sound begins \(NumberText.time(abs(offset))) \(offset > 0 ? "after" : "before") pictures"]
            }),
        CheckRule(
            name: "drift", severity: .breaks, statement: "Sound must stay in step with its own sample rate.",
            source: "ITU-R BT.1359: lips out of step are seen from 0.185 s on", of: .audio, finding: drift),
        CheckRule(
            name: "interleaving", severity: .advises,
            statement: "Pictures and sound of one time must lie near each other, for players hold little.",
            source: "ISO/IEC 13818-1, 2.4.2.6: at most a second in the decoder",
            check: { report in
                let isFile = report.tracks.allSatisfy { $0.track.container == .fragmentedMP4 }
                guard let apart = report.interleavingSeconds, apart > interleavingSecondsMax, !isFile else { return [] }
                return ["\(NumberText.time(apart)) apart in the order of the bytes"]
            }),
    ]

    @Sendable private static func backward(_ track: TrackReport) -> String? {
        let steps = track.stepSeconds
        guard let first = steps.firstIndex(where: { $0 < 0 }) else { return nil }
        return "\(steps.count { $0 < 0 }) times, first by \(NumberText.time(-steps[first])) at "
            + NumberText.time(track.seconds(track.samples[first].decodeTime))
    }

    @Sendable private static func gaps(_ track: TrackReport, factor: Double, seconds: Double) -> String? {
        let gaps = track.gaps(factor: factor, seconds: seconds)
        guard let first = gaps.first else { return nil }
        return "\(gaps.count), first \(NumberText.time(first.seconds)) at \(NumberText.time(first.startSeconds))"
    }

    /// Frames of sound last a known time each: how far their timestamps have gone off that. Steps that are off by half a
    /// frame are gaps, or seams of what was put together, and no drift.
    @Sendable private static func drift(_ track: TrackReport) -> String? {
        guard let frame = track.frameSeconds, track.audio?.samplesPerFrame != nil, track.samples.count > 1 else {
            return nil
        }
        let steps = track.stepSeconds.filter { abs($0 - frame) < frame / 2 }
        let drift = steps.reduce(0, +) - Double(steps.count) * frame
        guard abs(drift) > driftSecondsMax else { return nil }
        return "timestamps have gone \(NumberText.time(abs(drift))) too \(drift > 0 ? "far" : "slowly") in "
            + "\(NumberText.time(steps.reduce(0, +)))"
    }
}
