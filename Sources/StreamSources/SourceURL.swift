import RTMP
import RTMPClient

/// Where a live stream is to be had.
package enum SourceURL: Sendable, Hashable {
    /// RTMP or RTMPS.
    case rtmp(RTMPURL)
    /// A body without an end, or an HLS playlist, over HTTP or HTTPS.
    case http(WebURL)
    /// Binary messages over WebSocket.
    case webSocket(WebURL)

    /// The schemes, for messages.
    package static let schemes = "rtmp, rtmps, http, https, ws or wss"

    /// - Throws: ``SourceError`` when it is no address, or of another scheme.
    package init(parsing text: String) throws(SourceError) {
        let scheme = text.prefix { $0 != ":" }.lowercased()
        switch scheme {
        case "rtmp", "rtmps":
            do {
                self = .rtmp(try RTMPURL(parsing: text))
            } catch {
                throw SourceError("\(text) is no address of a stream: \(error)", isTransient: false)
            }
        case "http", "https": self = .http(try WebURL(parsing: text))
        case "ws", "wss": self = .webSocket(try WebURL(parsing: text))
        default:
            throw SourceError("\(text) is no address of a stream: begin it with \(Self.schemes)", isTransient: false)
        }
    }

    /// The address without what lets others in: for terminals and logs.
    package var redacted: String {
        switch self {
        case .rtmp(let url): url.redacted
        case .http(let url): url.redacted(scheme: url.isSecure ? "https" : "http")
        case .webSocket(let url): url.redacted(scheme: url.isSecure ? "wss" : "ws")
        }
    }
}

/// The parts of an http, https, ws or wss address. Specification: RFC 3986, 3.
package struct WebURL: Sendable, Hashable {
    /// Whether TLS comes first.
    package var isSecure: Bool
    /// A name or an address; IPv6 without brackets.
    package var host: String
    /// The port.
    package var port: Int
    /// Percent-encoded, with the slash in front.
    package var path: String
    /// Percent-encoded; nil without one.
    package var query: String?

    /// - Throws: ``SourceError`` when there is no scheme, host or port to be read.
    package init(parsing text: String) throws(SourceError) {
        func failure(_ reason: String) -> SourceError {
            SourceError("\(text) is no address of a stream: \(reason)", isTransient: false)
        }
        guard let mark = text.range(ofASCII: "://") else { throw failure("write http://HOST/PATH") }
        let scheme = text[..<mark.lowerBound].lowercased()
        isSecure = scheme == "https" || scheme == "wss"
        let rest = text[mark.upperBound...].prefix { $0 != "#" }
        guard !rest.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) else {
            throw failure("it holds spaces or control characters: percent-encode them")
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else {
            throw failure("a user's name in front of the host is not supported")
        }
        var port: Substring?
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { throw failure("the bracket is not closed") }
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            let behind = authority[authority.index(after: end)...]
            port = behind.first == ":" ? behind.dropFirst() : nil
        } else {
            let sides = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = String(sides.first ?? "")
            port = sides.count > 1 ? sides[1] : nil
        }
        guard !host.isEmpty else { throw failure("it names no host") }
        self.port = isSecure ? 443 : 80
        if let port {
            guard let number = Int(port), (1...65535).contains(number) else { throw failure("port \(port)") }
            self.port = number
        }
        path = "/"
        setTarget(rest[authority.endIndex...])
    }

    /// What a request asks for: path and query.
    package var target: String {
        query.map { "\(path)?\($0)" } ?? path
    }

    /// The value of the Host field. Specification: RFC 9110, 7.2.
    package var hostField: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Host and port, for messages.
    package var authority: String {
        "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// Whether another address is of the same server, so that its connection serves.
    package func hasOrigin(of other: WebURL) -> Bool {
        isSecure == other.isSecure && host == other.host && port == other.port
    }

    /// What a reference in a document at this address means. Specification: RFC 3986, 5.2.
    ///
    /// - Returns: nil for other schemes, and what cannot be read.
    package func resolving(_ reference: String) -> WebURL? {
        let text = reference.prefix { $0 != "#" }
        if let mark = text.range(ofASCII: "://"), text[..<mark.lowerBound].allSatisfy(\.isLetter) {
            guard ["http", "https", "ws", "wss"].contains(text[..<mark.lowerBound].lowercased()) else { return nil }
            do { return try WebURL(parsing: String(text)) } catch { return nil }
        }
        if text.hasPrefix("//") {
            do { return try WebURL(parsing: (isSecure ? "https:" : "http:") + text) } catch { return nil }
        }
        guard !text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) else { return nil }
        var answer = self
        if text.isEmpty { return answer }
        if text.hasPrefix("/") {
            answer.setTarget(text)
        } else if text.hasPrefix("?") {
            answer.query = String(text.dropFirst())
        } else {
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
            answer.setTarget(Substring(folder + text))
        }
        return answer
    }

    private mutating func setTarget(_ target: Substring) {
        let sides = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = Self.withoutDots(sides.first ?? "")
        query = sides.count > 1 ? String(sides[1]) : nil
    }

    /// Specification: RFC 3986, 5.2.4.
    private static func withoutDots(_ path: Substring) -> String {
        var segments: [Substring] = []
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch part {
            case "." where isLast: segments.append("")
            case ".": break
            case "..":
                if segments.count > 1 { segments.removeLast() }
                if isLast { segments.append("") }
            default: segments.append(part)
            }
        }
        let joined = segments.joined(separator: "/")
        return joined.hasPrefix("/") ? joined : "/" + joined
    }

    fileprivate func redacted(scheme: String) -> String {
        let values = query.map { query in
            "?"
                + query.split(separator: "&").map { pair in
                    pair.firstIndex(of: "=").map { "\(pair[...$0])…" } ?? String(pair)
                }.joined(separator: "&")
        }
        return "\(scheme)://\(hostField)\(path)\(values ?? "")"
    }
}

extension StringProtocol {
    /// Where a text of ASCII stands first.
    fileprivate func range(ofASCII text: StaticString) -> Range<Index>? {
        let wanted = text.description
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(wanted) { return index..<self.index(index, offsetBy: wanted.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
