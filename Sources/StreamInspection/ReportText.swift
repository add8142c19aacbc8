import Codecs
import PlainText
import StreamAnatomy

extension StreamReport {
    /// The report for people: lines without ends.
    ///
    /// - Parameters:
    ///   - title: what was looked at.
    ///   - style: how wide, and whether in colours.
    public func text(title: String, style: TextStyle) -> [String] {
        var lines = [style.paint(style.cut(title), .bold)]
        lines += style.wrap(summary, first: "  ", further: "  ")
        for track in tracks { lines += [""] + track.text(style) }
        for track in tracks where track.track.kind == .video && track.sampleCount > 0 {
            lines += track.groupText(style)
        }
        let curves = tracks.flatMap { $0.curves(style) }
        if !curves.isEmpty { lines += ["", style.paint("Over time", .bold)] + curves }
        lines += timingText(style)
        lines += damageText(style)
        return lines
    }

    private var summary: [String] {
        let containers = Set(tracks.map(\.track.container.rawValue)).sorted().joined(separator: ", ")
        let bytes = tracks.reduce(0) { $0 + $1.bytes }
        var parts = [containers.isEmpty ? "no tracks" : containers]
        if let duration {
            parts.append("\(NumberText.decimal(duration, digits: 3)) s")
            if duration > 0 { parts.append(NumberText.bitRate(8 * Double(bytes) / duration)) }
        }
        parts.append("\(NumberText.bytes(bytes)) in \(tracks.reduce(0) { $0 + $1.sampleCount }) frames")
        return parts
    }

    private func timingText(_ style: TextStyle) -> [String] {
        let media = tracks.filter { $0.track.kind != .data && $0.sampleCount > 0 }
        guard !media.isEmpty else { return [] }
        var lines = ["", style.paint("Timing", .bold)]
        for track in media {
            lines += style.wrap(track.timingWords, separator: ", ", first: "  \(track.label): ", further: "    ")
        }
        if let startOffset {
            var words = ["sound begins \(Self.lag(startOffset)) pictures"]
            if let endOffset { words.append("ends \(Self.lag(endOffset)) them") }
            if let interleavingSeconds {
                words.append("at most \(NumberText.time(interleavingSeconds)) apart in the order of the bytes")
            }
            lines += style.wrap(words, separator: ", ", first: "  A/V: ", further: "    ")
        }
        return lines
    }

    private static func lag(_ seconds: Double) -> String {
        abs(seconds) < 0.0005 ? "with" : "\(NumberText.time(abs(seconds))) \(seconds > 0 ? "after" : "before")"
    }

    private func damageText(_ style: TextStyle) -> [String] {
        guard damageCount > 0 || cutShort != nil else { return [] }
        var lines = ["", style.paint("Damage", .bold)]
        lines += damages.map { style.cut("  \($0)") }
        if damageCount > damages.count { lines.append("  … and \(damageCount - damages.count) more") }
        if let cutShort { lines.append(style.cut("  \(cutShort)")) }
        return lines
    }
}

extension TrackReport {
    /// "video 0".
    var label: String { "\(track.kind.rawValue) \(track.number)" }

    /// What the track is, and its parameter sets field by field.
    func text(_ style: TextStyle) -> [String] {
        let kind = track.kind.rawValue
        let head = kind.prefix(1).uppercased() + kind.dropFirst() + " \(track.number)"
        var lines = style.wrap(
            ["\(track.name):", track.codec.codecName] + formatWords + rateWords, first: head + ", ", further: "  ")
        if let first = lines.first {
            lines[0] = style.paint(head, .bold) + first.dropFirst(head.count)
        }
        for set in parameterSets {
            let fields = set.fields.map { field in
                "\(field.name) \(field.value)" + (field.meaning.isEmpty ? "" : " (\(field.meaning))")
            }
            lines += style.wrap(
                fields, separator: ", ", first: "  \(set.name), \(set.bytes) bytes: ", further: "    ")
        }
        return lines
    }

    private var formatWords: [String] {
        if let video {
            let chroma: String =
                switch video.chroma {
                case .monochrome: "monochrome"
                case .yuv420: "4:2:0"
                case .yuv422: "4:2:2"
                case .yuv444: "4:4:4"
                }
            return [
                [video.profile, video.level].filter { !$0.isEmpty }.joined(separator: " "),
                PictureSize(width: video.width, height: video.height).description,
                "\(chroma) \(video.bitDepth) bit", video.mayBeInterlaced ? "interlaced" : "", video.rfc6381,
            ]
        }
        if let audio {
            return [
                audio.profile, "\(audio.sampleRate) Hz",
                audio.channels == 1 ? "mono" : audio.channels == 2 ? "stereo" : "\(audio.channels) channels",
                audio.rfc6381,
            ]
        }
        return track.kind == .data ? [] : ["no configuration that can be read"]
    }

    private var rateWords: [String] {
        var words: [String] = []
        if track.kind == .video, let frameRate { words.append("\(NumberText.short(frameRate, digits: 3)) frames/s") }
        if let bitRate { words.append(NumberText.bitRate(bitRate)) }
        return words
    }

    /// The groups of pictures in words, and drawn.
    func groupText(_ style: TextStyle) -> [String] {
        let lengths = groups.compactMap(\.seconds)
        var words = ["\(sampleCount) pictures", "\(keyframes) keyframes"]
        if let shortest = lengths.min(), let longest = lengths.max() {
            let isSame = longest - shortest < 0.0005
            words.append(
                isSame
                    ? "one every \(NumberText.decimal(longest, digits: 3)) s"
                    : "\(NumberText.decimal(shortest, digits: 3)) to \(NumberText.decimal(longest, digits: 3)) s apart")
        }
        for type in PictureType.allCases where count(of: type) > 0 { words.append("\(type) \(count(of: type))") }
        return ["", style.paint("Groups of pictures, \(label)", .bold)]
            + style.wrap(words, separator: ", ", first: "  ", further: "  ") + groupDrawing(style)
    }

    /// Bit rate, and of pictures their number, as lines of bars.
    func curves(_ style: TextStyle) -> [String] {
        guard track.kind != .data, samples.count > 1 else { return [] }
        let columns = style.columns - 4
        let times = samples.map { seconds($0.decodeTime) }
        let bits = Drawing.stretches(zip(times, samples).map { ($0, 8 * Double($1.bytes)) }, columns: columns)
        var lines = curve("bit rate", bits, NumberText.bitRate)
        if track.kind == .video {
            let pictures = Drawing.stretches(times.map { ($0, 1) }, columns: columns)
            lines += curve("frame rate", pictures) { "\(NumberText.short($0, digits: 1)) frames/s" }
        }
        return lines
    }

    private func curve(
        _ name: String, _ stretches: (sums: [Double], seconds: Double), _ words: (Double) -> String
    ) -> [String] {
        let rates = stretches.sums.map { $0 / stretches.seconds }
        guard let least = rates.min(), let most = rates.max() else { return [] }
        return [
            "  \(label), \(name): \(words(least)) to \(words(most)); a bar is \(NumberText.time(stretches.seconds))",
            "  " + Drawing.sparkline(rates),
        ]
    }

    /// How evenly the frames come.
    fileprivate var timingWords: [String] {
        guard let steps else { return ["one frame"] }
        var words = ["a frame every \(NumberText.time(steps.median))"]
        if steps.longest - steps.shortest > 0.0015 {
            words.append("\(NumberText.time(steps.shortest)) to \(NumberText.time(steps.longest))")
        }
        words.append("jitter \(NumberText.time(steps.jitter))")
        let gaps = gaps(factor: 2, seconds: 0.1)
        if let longest = gaps.max(by: { $0.seconds < $1.seconds }) {
            words.append(
                "\(gaps.count) gap\(gaps.count == 1 ? "" : "s"), the longest \(NumberText.time(longest.seconds)) at "
                    + "\(NumberText.decimal(longest.startSeconds, digits: 3)) s")
        } else {
            words.append("no gaps")
        }
        let backward = stepSeconds.count { $0 < 0 }
        if backward > 0 { words.append("\(backward) times backward") }
        if let arrivalJitter {
            words.append(
                "arrival jitter \(NumberText.time(arrivalJitter.mean)), at most "
                    + NumberText.time(arrivalJitter.largest))
        }
        return words
    }
}
