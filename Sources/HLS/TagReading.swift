extension PlaylistStart {
    init(_ attributes: AttributeList) throws(HLSError) {
        self.init(
            timeOffset: try attributes.requiredSeconds("TIME-OFFSET"), isPrecise: try attributes.flag("PRECISE"))
    }
}

extension ServerControl {
    init(_ attributes: AttributeList) throws(HLSError) {
        self.init(
            canBlockReload: try attributes.flag("CAN-BLOCK-RELOAD"),
            partHoldBack: try attributes.seconds("PART-HOLD-BACK"), holdBack: try attributes.seconds("HOLD-BACK"),
            canSkipUntil: try attributes.seconds("CAN-SKIP-UNTIL"),
            canSkipDateRanges: try attributes.flag("CAN-SKIP-DATERANGES"))
    }
}

extension PreloadHint {
    /// Nil for kinds that are not known; they are to be passed over.
    init?(_ attributes: AttributeList) throws(HLSError) {
        guard let type = try attributes.word("TYPE") else { throw HLSError(.missing, "attribute TYPE") }
        let uri = try attributes.requiredText("URI")
        guard let kind = Kind(rawValue: String(type)) else { return nil }
        self.init(
            kind, uri: uri, byteRangeStart: try attributes.integer("BYTERANGE-START") ?? 0,
            byteRangeLength: try attributes.integer("BYTERANGE-LENGTH"))
    }
}

extension RenditionReport {
    init(_ attributes: AttributeList) throws(HLSError) {
        self.init(
            uri: try attributes.requiredText("URI"), lastMediaSequence: try attributes.requiredInteger("LAST-MSN"),
            lastPart: try attributes.integer("LAST-PART"))
    }
}

extension DateRange {
    init(_ attributes: AttributeList) throws(HLSError) {
        self.init(
            id: try attributes.requiredText("ID"), className: try attributes.text("CLASS"),
            start: try Self.time("START-DATE", attributes), end: try Self.time("END-DATE", attributes),
            duration: try attributes.seconds("DURATION"),
            plannedDuration: try attributes.seconds("PLANNED-DURATION"),
            isEndOnNext: try attributes.flag("END-ON-NEXT"),
            attributes: attributes.others { $0.hasPrefix("X-") || $0.hasPrefix("SCTE35-") })
    }

    private static func time(_ name: String, _ attributes: AttributeList) throws(HLSError) -> WallTime? {
        guard let text = try attributes.text(name) else { return nil }
        guard let time = WallTime(text) else { throw HLSError(.malformed, name) }
        return time
    }
}

extension Rendition {
    init(_ attributes: AttributeList) throws(HLSError) {
        guard let type = try attributes.word("TYPE"), let kind = Kind(rawValue: String(type)) else {
            throw HLSError(.malformed, "TYPE of EXT-X-MEDIA")
        }
        let isDefault = try attributes.flag("DEFAULT")
        // The default may also be chosen, whether that is said or not. 4.4.6.1.
        let isAutoselect = try attributes.flag("AUTOSELECT") ? true : isDefault
        self.init(
            kind, group: try attributes.requiredText("GROUP-ID"), name: try attributes.requiredText("NAME"),
            uri: try attributes.text("URI"), language: try attributes.text("LANGUAGE"),
            isDefault: isDefault, isAutoselect: isAutoselect,
            channels: try attributes.text("CHANNELS"), instreamID: try attributes.text("INSTREAM-ID"))
    }
}

extension Variant {
    init(_ attributes: AttributeList, uri: String) throws(HLSError) {
        let codecs = try attributes.text("CODECS") ?? ""
        // Three decimals, as the specification has it.
        let thousandths = (try attributes.seconds("FRAME-RATE")?.wholeMicroseconds ?? 0) / 1000
        self.init(
            uri: uri, bandwidth: try attributes.requiredInteger("BANDWIDTH"),
            averageBandwidth: try attributes.integer("AVERAGE-BANDWIDTH"),
            codecs: codecs.split(separator: ",").map { String($0.trimmed) }.filter { !$0.isEmpty },
            resolution: try Resolution(attributes), frameRate: thousandths > 0 ? Double(thousandths) / 1000 : nil,
            videoRange: try attributes.word("VIDEO-RANGE").map { String($0) },
            audioGroup: try attributes.text("AUDIO"), subtitlesGroup: try attributes.text("SUBTITLES"))
    }
}

extension Variant.Resolution {
    /// A decimal-resolution; nil where there is none.
    fileprivate init?(_ attributes: AttributeList) throws(HLSError) {
        guard let word = try attributes.word("RESOLUTION") else { return nil }
        let sides = word.split(separator: "x", omittingEmptySubsequences: false)
        guard sides.count == 2 else { throw HLSError(.malformed, "RESOLUTION") }
        self.init(width: try Int(decimal: sides[0], "RESOLUTION"), height: try Int(decimal: sides[1], "RESOLUTION"))
    }
}
