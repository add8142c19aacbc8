import RTMP

extension RTMPURL {
    /// Host and port, for messages.
    var authority: String {
        "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// The same stream at another server; nil when the text is no URL of one.
    ///
    /// - Parameter tcURL: a URL up to the application.
    func moved(to tcURL: String?) -> RTMPURL? {
        guard let tcURL else { return nil }
        do {
            return try RTMPURL(server: tcURL, streamKey: streamName)
        } catch {
            return nil
        }
    }

    /// The URL without what lets others publish: for terminals and logs.
    ///
    /// Queries lose their values. A name of 20 characters or more, which is how the large services write stream keys,
    /// loses all but its first four.
    public var redacted: String {
        let parts = streamName.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map(String.init) ?? ""
        let shortName = name.utf8.count >= Self.keyBytesMin ? "\(name.prefix(4))…" : name
        let query = parts.count > 1 ? "?" + Self.withoutValues(parts[1]) : ""
        let server = RTMPURL(
            scheme: scheme, host: host, port: port, app: Self.withoutQueryValues(app), streamName: "")
        return "\(server.tcURL)/\(shortName)\(query)"
    }

    /// From this length on a name is taken for a key.
    private static let keyBytesMin = 20

    private static func withoutQueryValues(_ text: String) -> String {
        guard let mark = text.firstIndex(of: "?") else { return text }
        return text[...mark] + withoutValues(text[text.index(after: mark)...])
    }

    private static func withoutValues(_ query: Substring) -> String {
        query.split(separator: "&").map { pair in
            pair.firstIndex(of: "=").map { "\(pair[...$0])…" } ?? "…"
        }.joined(separator: "&")
    }
}
