import Codecs
import HLS
import PlainText

extension CheckRule {
    /// How far over what is claimed bit rate and frame rate may be.
    static let claimRatioMax = 1.1

    /// What a multivariant playlist claims of the variant that was looked at.
    static let variant: [CheckRule] = [
        CheckRule(
            name: "codecs-claimed", severity: .breaks,
            statement: "CODECS must name what is in the segments: players refuse a stream by it, or make its decoders.",
            source: "RFC 8216bis, 4.4.6.2; RFC 6381, 3.3 and 3.4",
            check: { report in
                guard let claims = report.variant?.codecs.map(ClaimedCodec.init), !claims.isEmpty else { return [] }
                let real = report.tracks.filter { $0.sampleCount > 0 }.compactMap { track in
                    track.codecsParameter.map { (track, ClaimedCodec($0)) }
                }
                let said = claims.map(\.text).joined(separator: ",")
                let wrong = real.compactMap { track, codec in
                    claims.contains { $0.covers(codec) } ? nil : "\(track.label): \(codec.text), and CODECS is \(said)"
                }
                let absent = claims.filter { claim in
                    claim.isMedia && !real.contains { $0.1.entry == claim.entry }
                }
                return wrong + absent.map { "CODECS names \($0.text), and no track is that" }
            }),
        CheckRule(
            name: "codecs-unsaid", severity: .advises,
            statement: "Each variant should have CODECS, so that players choose without trying.",
            source: "RFC 8216bis, 4.4.6.2",
            check: { report in
                report.variant?.codecs.isEmpty == true ? ["the variant has none"] : []
            }),
        CheckRule(
            name: "variant-claims", severity: .advises,
            statement: "BANDWIDTH is the most that a segment takes, RESOLUTION and FRAME-RATE the most that is shown.",
            source: "RFC 8216bis, 4.4.6.2",
            check: { report in report.variant.map { report.overshoots(of: $0) } ?? [] }),
    ]
}

/// A codec as RFC 6381 writes it.
private struct ClaimedCodec {
    let text: String
    /// The sample entry, without the difference that in-band parameter sets make.
    let entry: String
    private let fields: [Substring]

    init(_ text: String) {
        self.text = text
        fields = text.lowercased().split(separator: ".")
        entry =
            switch fields.first {
            case "avc3": "avc1"
            case "hev1": "hvc1"
            case let name?: String(name)
            case nil: ""
            }
    }

    /// Whether it is sound or pictures: subtitles need no track.
    var isMedia: Bool { !["stpp", "wvtt"].contains(entry) }

    /// Whether a player that was told this can play `real`: the same profile, and at least its level.
    func covers(_ real: ClaimedCodec) -> Bool {
        guard entry == real.entry, fields.count > 1, real.fields.count > 1 else { return entry == real.entry }
        switch entry {
        case "avc1":
            return fields[1].prefix(2) == real.fields[1].prefix(2)
                && Self.isHex(fields[1].suffix(2), atLeast: real.fields[1].suffix(2))
        case "mp4a":
            // AAC says in its configuration, or nowhere, that it has more than its low complexity.
            let isAAC = fields[1] == "40" && real.fields[1] == "40"
            return isAAC ? Self.isAACOfOneKind(fields.last, real.fields.last) : fields == real.fields
        default: return fields[1] == real.fields[1]
        }
    }

    private static func isHex(_ claimed: Substring, atLeast real: Substring) -> Bool {
        guard let claimed = Int(claimed, radix: 16), let real = Int(real, radix: 16) else { return false }
        return claimed >= real
    }

    private static func isAACOfOneKind(_ claimed: Substring?, _ real: Substring?) -> Bool {
        let lowComplexity: [Substring] = ["2", "5", "29"]
        return claimed == real
            || (lowComplexity.contains { $0 == claimed } && lowComplexity.contains { $0 == real })
    }
}

extension TrackReport {
    /// The codec as RFC 6381 writes it; nil where its configuration is not known.
    fileprivate var codecsParameter: String? { video?.rfc6381 ?? audio?.rfc6381 }
}

extension StreamReport {
    fileprivate func overshoots(of variant: Variant) -> [String] {
        var found: [String] = []
        let most = CheckRule.claimRatioMax
        let rate = tracks.compactMap(\.bitRate).reduce(0, +)
        if rate > most * Double(variant.bandwidth) {
            found.append("BANDWIDTH is \(variant.bandwidth), and \(Int(rate)) bits a second came")
        }
        if let size = video?.size, let claimed = variant.resolution,
            size != PictureSize(width: claimed.width, height: claimed.height)
        {
            found.append("RESOLUTION is \(claimed.width)x\(claimed.height), and pictures are \(size)")
        }
        if let claimed = variant.frameRate, let real = video?.frameRate, real > most * claimed {
            found.append(
                "FRAME-RATE is \(NumberText.short(claimed, digits: 3)), and \(NumberText.short(real, digits: 2)) pictures a "
                    + "second came")
        }
        return found
    }
}
