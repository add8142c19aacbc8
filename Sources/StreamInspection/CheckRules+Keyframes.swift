import Codecs
import PlainText

extension CheckRule {
    /// The longest time between keyframes that every delivery can live with: HLS segments cannot be shorter.
    static let keyframeSecondsMax = 10.0
    /// From how many seconds on joining is felt to be slow.
    static let keyframeSecondsAdvised = 4.0
    /// How much longer than the shortest group the longest may be.
    static let groupRatioMax = 2.0

    /// Where decoding can begin.
    static let keyframes: [CheckRule] = [
        CheckRule(
            name: "no-keyframes", severity: .breaks, statement: "Decoding must be able to begin somewhere.",
            source: "ISO/IEC 14496-10, 7.4.1.2.1; ISO/IEC 14496-12, 8.6.2", of: .video
        ) { track in
            track.keyframes == 0 ? "\(track.sampleCount) pictures, and none is a keyframe" : nil
        },
        CheckRule(
            name: "first-picture-no-keyframe", severity: .breaks, statement: "The first picture must be a keyframe.",
            source: "ISO/IEC 14496-10, 7.4.1.2.1; Media Source Extensions, Coded Frame Processing", of: .video
        ) { track in
            guard let first = track.samples.firstIndex(where: { $0.isKeyframe }), first > 0 else { return nil }
            return "\(first) pictures come before the first keyframe"
        },
        CheckRule(
            name: "keyframe-interval-long", severity: .breaks,
            statement: "A keyframe must come at least every \(NumberText.short(keyframeSecondsMax, digits: 0)) s: "
                + "segments and joiners wait for it.",
            source: "RFC 8216, 4.3.3.1; HLS Authoring Specification for Apple Devices, Video", of: .video
        ) { longestGroup($0, over: keyframeSecondsMax) },
        CheckRule(
            name: "keyframe-interval-slow", severity: .advises,
            statement: "A keyframe every 2 s lets viewers join quickly and segments be short.",
            source: "HLS Authoring Specification for Apple Devices, Video", of: .video
        ) { track in
            longestGroup(track, over: keyframeSecondsMax) == nil
                ? longestGroup(track, over: keyframeSecondsAdvised) : nil
        },
        CheckRule(
            name: "keyframe-interval-irregular", severity: .advises,
            statement: "Keyframes at equal distances make segments of equal length.",
            source: "RFC 8216bis, 4.4.3.1", of: .video
        ) { track in
            let lengths = track.groups.compactMap(\.seconds)
            guard let least = lengths.min(), let most = lengths.max(), most > groupRatioMax * least else {
                return nil
            }
            return "\(NumberText.time(least)) to \(NumberText.time(most))"
        },
        CheckRule(
            name: "keyframe-depends", severity: .breaks,
            statement: "What is called a keyframe must not depend on other pictures.",
            source: "ISO/IEC 14496-12, 8.6.2; Adobe FLV 10.1, E.4.3.1", of: .video
        ) { track in
            let wrong = track.samples.filter { $0.isKeyframe && ($0.picture ?? .intra) != .intra }
            guard let first = wrong.first else { return nil }
            return "\(wrong.count) of \(track.keyframes) keyframes are P or B pictures, first at "
                + NumberText.time(track.seconds(first.decodeTime))
        },
    ]

    @Sendable private static func longestGroup(_ track: TrackReport, over limit: Double) -> String? {
        var lengths = track.groups.compactMap(\.seconds)
        // The last group is at least as long as what there is of it.
        if let last = track.groups.last, let end = track.samples.last {
            lengths.append(track.seconds(end.decodeTime) - last.startSeconds)
        }
        guard let longest = lengths.max(), longest > limit else { return nil }
        return "\(NumberText.time(longest)) without a keyframe"
    }
}
