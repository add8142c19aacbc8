import PlainText

/// What a person is told when the server is up: where to watch, where to publish, how to stop.
struct Welcome {
    /// The port of the first RTMP listener; nil when RTMP is off.
    var rtmpPort: Int?
    /// The port of the first HTTP listener; nil when HTTP is off.
    var httpPort: Int?
    /// The port of the first HTTPS listener; nil when HTTPS is off.
    var httpsPort: Int?
    /// SHA-256 of a certificate that was made at the start; nil for one that others vouch for.
    var selfSignedFingerprint: String?
    /// The stream that plays already, such as "live/demo".
    var demoStream: String?

    /// Lines for the terminal.
    var text: String {
        var lines = ["Sluice \(SluiceVersion.current) is running. Ctrl-C ends it.", ""]
        if let demoStream {
            lines += row("watch", http.map { "\($0)/\(demoStream).flv" }, "mpv, ffplay, VLC")
            lines += row("", rtmp.map { "\($0)/\(demoStream)" }, "the same over RTMP")
            lines += row("", http.map { "\($0)/\(demoStream).m3u8" }, "the same over HLS")
        }
        lines += row("look", http.map { "\($0)/" }, "streams, and lines to copy")
        lines += row("", https.map { "\($0)/" }, selfSignedFingerprint == nil ? "over HTTPS" : "self-signed, SHA-256:")
        if let selfSignedFingerprint { lines += fingerprintRows(selfSignedFingerprint) }
        lines += row("publish", rtmp.map { "\($0)/live/NAME" }, "OBS: server \(rtmp ?? "")/live, stream key NAME")
        lines += row("", rtmp.map { "ffmpeg -re -i FILE -c copy -f flv \($0)/live/NAME" }, nil)
        if demoStream == nil {
            lines += row("watch", http.map { "\($0)/live/NAME.flv" }, "mpv, ffplay, VLC")
            lines += row("", http.map { "\($0)/live/NAME.m3u8" }, "phones, over HLS; .mpd is MPEG-DASH")
        }
        return lines.joined(separator: "\n") + "\n\n"
    }

    private var rtmp: String? { rtmpPort.map { "rtmp://localhost" + ($0 == 1935 ? "" : ":\($0)") } }
    private var http: String? { httpPort.map { "http://localhost" + ($0 == 80 ? "" : ":\($0)") } }

    private var https: String? { httpsPort.map { "https://localhost" + ($0 == 443 ? "" : ":\($0)") } }

    /// In two rows: 95 characters do not fit a terminal beside anything.
    private func fingerprintRows(_ fingerprint: String) -> [String] {
        let half = fingerprint.index(fingerprint.startIndex, offsetBy: fingerprint.count / 2 + 1)
        return [fingerprint[..<half], fingerprint[half...]].map { String(repeating: " ", count: 11) + $0 }
    }

    private func row(_ verb: String, _ address: String?, _ remark: String?) -> [String] {
        guard let address else { return [] }
        let line = "  " + verb.padded(to: 9) + (remark == nil ? address : address.padded(to: 41) + " ")
        return [line + (remark ?? "")]
    }
}
