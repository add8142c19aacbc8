import NIOCore

extension DASHManifest {
    /// The MIME type of manifests. Specification: ISO/IEC 23009-1, Annex C.
    public static let mimeType = "application/dash+xml"

    /// Appends the manifest's text.
    public func write(into buffer: inout ByteBuffer) {
        buffer.writeString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        buffer.writeElement("MPD", attributes) { buffer in
            for (index, period) in periods.enumerated() {
                period.write(into: &buffer, isFollowed: index + 1 < periods.count)
            }
            for timing in timings { timing.write(into: &buffer) }
        }
    }

    /// The manifest's text.
    public func text() -> ByteBuffer {
        var buffer = ByteBuffer()
        write(into: &buffer)
        return buffer
    }

    private var attributes: [(String, String?)] {
        let end = periods.last.flatMap { period in period.duration.map { period.start + $0 } }
        return [
            ("xmlns", "urn:mpeg:dash:schema:mpd:2011"),
            ("profiles", "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019"),
            ("type", minimumUpdatePeriod == nil ? "static" : "dynamic"),
            ("availabilityStartTime", availabilityStart.description),
            ("publishTime", publishTime.description),
            ("minimumUpdatePeriod", minimumUpdatePeriod?.iso8601),
            ("mediaPresentationDuration", minimumUpdatePeriod == nil ? end?.iso8601 : nil),
            ("timeShiftBufferDepth", minimumUpdatePeriod == nil ? nil : timeShiftBufferDepth?.iso8601),
            ("suggestedPresentationDelay", suggestedPresentationDelay?.iso8601),
            ("maxSegmentDuration", maxSegmentDuration.iso8601),
            ("minBufferTime", minBufferTime.iso8601),
        ]
    }
}

extension DASHManifest.Timing {
    fileprivate func write(into buffer: inout ByteBuffer) {
        let (scheme, value) =
            switch self {
            case .direct(let time): ("direct", time.description)
            case .httpISO(let url): ("http-iso", url)
            case .httpHead(let url): ("http-head", url)
            }
        buffer.writeElement("UTCTiming", [("schemeIdUri", "urn:mpeg:dash:utc:\(scheme):2014"), ("value", value)])
    }
}

extension DASHManifest.Period {
    fileprivate func write(into buffer: inout ByteBuffer, isFollowed: Bool) {
        // Where the next period's start tells the end, a duration could only contradict it. 5.3.2.1.
        let duration = isFollowed ? nil : duration?.iso8601
        buffer.writeElement("Period", [("id", id), ("start", start.iso8601), ("duration", duration)]) { buffer in
            for set in adaptationSets { set.write(into: &buffer) }
        }
    }
}

extension AdaptationSet {
    fileprivate func write(into buffer: inout ByteBuffer) {
        let attributes: [(String, String?)] = [
            ("id", String(id)), ("contentType", contentType.rawValue), ("mimeType", "\(contentType.rawValue)/mp4"),
            ("lang", language), ("segmentAlignment", "true"), ("startWithSAP", beginsWithSync ? "1" : nil),
        ]
        buffer.writeElement("AdaptationSet", attributes) { buffer in
            // DASH-IF interoperability points want a role named where there is a choice to make.
            buffer.writeElement("Role", [("schemeIdUri", "urn:mpeg:dash:role:2011"), ("value", "main")])
            for representation in representations { representation.write(into: &buffer) }
        }
    }
}

extension Representation {
    fileprivate func write(into buffer: inout ByteBuffer) {
        let attributes: [(String, String?)] = [
            ("id", id), ("codecs", codecs), ("bandwidth", String(bandwidth)),
            ("width", resolution.map { String($0.width) }), ("height", resolution.map { String($0.height) }),
            ("frameRate", frameRate.flatMap(Self.fraction)),
            ("audioSamplingRate", audioSamplingRate.map { String($0) }),
        ]
        buffer.writeElement("Representation", attributes) { buffer in
            if let channels {
                // Specification: ISO/IEC 23009-1, 5.8.5.4.
                let scheme = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
                buffer.writeElement(
                    "AudioChannelConfiguration", [("schemeIdUri", scheme), ("value", String(channels))])
            }
            template.write(into: &buffer)
        }
    }

    /// A whole number or a fraction, as 30 or 30000/1001. Specification: ISO/IEC 23009-1, 5.3.7.2.
    private static func fraction(_ rate: Double) -> String? {
        for denominator in [1.0, 1001.0, 1000.0] {
            let numerator = denominator == 1001 ? (rate * 1.001).rounded() * 1000 : (rate * denominator).rounded()
            guard let whole = Int64(exactly: numerator), whole > 0 else { return nil }
            if denominator == 1000 || abs(numerator / denominator - rate) < 0.0005 {
                return denominator == 1 ? String(whole) : "\(whole)/\(Int(denominator))"
            }
        }
        return nil
    }
}

extension SegmentTemplate {
    fileprivate func write(into buffer: inout ByteBuffer) {
        let attributes: [(String, String?)] = [
            ("timescale", String(timescale)),
            ("presentationTimeOffset", presentationTimeOffset == 0 ? nil : String(presentationTimeOffset)),
            ("initialization", initialization), ("media", media), ("startNumber", String(startNumber)),
        ]
        buffer.writeElement("SegmentTemplate", attributes) { buffer in
            buffer.writeElement("SegmentTimeline") { buffer in
                var expected: Int64?
                for run in timeline {
                    let isNext = run.start == expected
                    buffer.writeElement(
                        "S",
                        [
                            ("t", isNext ? nil : String(run.start)), ("d", String(run.duration)),
                            ("r", run.repeats > 0 ? String(run.repeats) : nil),
                        ])
                    expected = run.start &+ run.duration &* Int64(run.repeats &+ 1)
                }
            }
        }
    }
}

extension Duration {
    /// As in "PT4.2S". Specification: ISO 8601; XML Schema Part 2, 3.2.6.
    fileprivate var iso8601: String {
        var buffer = ByteBuffer()
        buffer.writeString("PT")
        buffer.writeSeconds(self)
        buffer.writeString("S")
        return String(buffer: buffer)
    }
}

extension ByteBuffer {
    /// An element without content. Attributes without a value are left out.
    fileprivate mutating func writeElement(_ name: String, _ attributes: [(String, String?)]) {
        writeStart(name, attributes)
        writeString("/>\n")
    }

    /// An element and what is in it.
    fileprivate mutating func writeElement(
        _ name: String, _ attributes: [(String, String?)] = [], content: (inout ByteBuffer) -> Void
    ) {
        writeStart(name, attributes)
        writeString(">\n")
        content(&self)
        writeString("</\(name)>\n")
    }

    private mutating func writeStart(_ name: String, _ attributes: [(String, String?)]) {
        writeString("<\(name)")
        for case (let name, let value?) in attributes {
            writeString(" \(name)=\"")
            writeAttributeValue(value)
            writeString("\"")
        }
    }

    /// Text as it may stand in quotation marks. Specification: XML 1.0, 2.3.
    private mutating func writeAttributeValue(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): writeString("&amp;")
            case UInt8(ascii: "<"): writeString("&lt;")
            case UInt8(ascii: "\""): writeString("&quot;")
            // Control characters have no place in XML, not even escaped.
            case 0..<0x20: continue
            default: writeInteger(byte)
            }
        }
    }
}
