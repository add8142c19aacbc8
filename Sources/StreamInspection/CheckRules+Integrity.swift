import Codecs
import StreamAnatomy

extension CheckRule {
    /// What must be there at all.
    static let integrity: [CheckRule] = [
        CheckRule(
            name: "no-media", severity: .breaks, statement: "There must be pictures or sound.",
            source: "ISO/IEC 14496-12, 8.3; Adobe FLV 10.1, E.3",
            check: { report in
                let hasMedia = report.tracks.contains { $0.track.kind != .data && $0.sampleCount > 0 }
                return hasMedia ? [] : ["neither a picture nor a frame of sound was found"]
            }),
        CheckRule(
            name: "damage", severity: .breaks, statement: "The container must be readable throughout.",
            source: "Adobe FLV 10.1, E.4; ISO/IEC 14496-12, 4.2; ISO/IEC 13818-1, 2.4.3",
            check: { report in
                report.damages.first.map { ["\(report.damageCount) times, first: \($0)"] } ?? []
            }),
        CheckRule(
            name: "cut-short", severity: .breaks, statement: "The last element must be whole.",
            source: "Adobe FLV 10.1, E.4; ISO/IEC 14496-12, 4.2; ISO/IEC 13818-1, 2.4.3",
            check: { report in report.cutShort.map { [$0] } ?? [] }),
        CheckRule(
            name: "configuration-missing", severity: .breaks,
            statement: "A decoder's configuration must come before the first frame.",
            source: "Adobe FLV 10.1, E.4.2.2 and E.4.3.2; ISO/IEC 14496-12, 8.5.2", of: .video, .audio,
            finding: unconfigured),
        CheckRule(
            name: "configuration-unreadable", severity: .breaks,
            statement: "A decoder's configuration must be one of its codec.",
            source: "ISO/IEC 14496-15, 5.3.3 and 8.3.3; ISO/IEC 14496-3, 1.6.2.1", of: .video, .audio,
            finding: unreadable),
        CheckRule(
            name: "nal-unit-lengths", severity: .breaks,
            statement: "The lengths of NAL units must add up to their picture.",
            source: "ISO/IEC 14496-15, 5.3.4.2", of: .video
        ) { track in
            let count = track.samples.count { $0.isDamaged }
            return count > 0 ? "\(count) of \(track.sampleCount) pictures" : nil
        },
    ]

    /// The codecs that a decoder cannot begin without a configuration.
    private static let configuredCodecs: Set<FourCC> = [.avc1, .hvc1, .mp4a, .flac]

    @Sendable private static func unconfigured(_ track: TrackReport) -> String? {
        guard configuredCodecs.contains(track.track.codec), track.samplesUnconfigured > 0 else { return nil }
        return track.configuration == nil
            ? "no configuration for \(track.track.codec.codecName) came"
            : "\(track.samplesUnconfigured) frames came before it"
    }

    @Sendable private static func unreadable(_ track: TrackReport) -> String? {
        guard track.configuration != nil,
            let error = track.parameterSets.lazy.compactMap({ set in
                set.fields.first { $0.name == "error" }.map { "\(set.name): \($0.value)" }
            }).first
        else { return nil }
        return error
    }
}
