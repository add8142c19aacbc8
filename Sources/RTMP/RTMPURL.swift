/// Where to publish to or play from: `rtmp://host:port/app/stream?query`.
///
/// RTMP URLs have no specification; this follows what FFmpeg and librtmp do.
public struct RTMPURL: Sendable, Hashable {
    /// How the bytes travel.
    public enum Scheme: String, Sendable, Hashable {
        /// Over TCP.
        case rtmp
        /// Over TLS.
        case rtmps

        /// The port when the URL names none: 1935, or 443 as FFmpeg and librtmp take for rtmps.
        public var defaultPort: Int {
            switch self {
            case .rtmp: 1935
            case .rtmps: 443
            }
        }
    }

    /// Why a text is not an RTMP URL.
    public enum ParseError: Error, Sendable, Hashable, CustomStringConvertible {
        /// It does not begin with `rtmp://` or `rtmps://`.
        case schemeUnsupported
        /// There is nothing, or something that is no host, between `//` and the path.
        case hostInvalid
        /// The port is not a number from 1 to 65535.
        case portInvalid

        /// What would be right.
        public var description: String {
            switch self {
            case .schemeUnsupported: "the URL must begin with rtmp:// or rtmps://"
            case .hostInvalid: "the URL needs a host name, an IPv4 address or an IPv6 address in brackets"
            case .portInvalid: "the port must be a number from 1 to 65535"
            }
        }
    }

    /// TCP or TLS.
    public var scheme: Scheme
    /// A name or an address; an IPv6 address without its brackets.
    public var host: String
    /// 1 to 65535.
    public var port: Int
    /// What connect names as the application, perhaps with a query of its own.
    public var app: String
    /// What publish or play names as the stream, with its query. Empty when the URL ends with the application.
    public var streamName: String

    /// Makes a URL of its parts; see the properties.
    public init(scheme: Scheme = .rtmp, host: String, port: Int? = nil, app: String, streamName: String) {
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.defaultPort
        self.app = app
        self.streamName = streamName
    }

    /// Parses a URL that ends with the stream, as one gives it to FFmpeg.
    ///
    /// With up to two path segments the first is the application; with more the first two are ("application/instance"),
    /// unless the second holds a colon ("mp4:folder/file" is a stream). Slashes in the query do not count.
    public init(parsing text: String) throws(ParseError) {
        let (scheme, host, port, path) = try Self.parts(of: text)
        let (app, streamName) = Self.split(path)
        self.init(scheme: scheme, host: host, port: port, app: app, streamName: streamName)
    }

    /// Parses a URL that ends with the application, with the stream named apart, as OBS has "Server" and "Stream Key".
    public init(server text: String, streamKey: String) throws(ParseError) {
        var (scheme, host, port, path) = try Self.parts(of: text)
        while path.last == "/" { path = path.dropLast() }
        self.init(scheme: scheme, host: host, port: port, app: String(path), streamName: streamKey)
    }

    /// The URL up to the application, which connect sends as "tcUrl". The port is left out when it is the scheme's own.
    public var tcURL: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return "\(scheme.rawValue)://\(host)\(port == scheme.defaultPort ? "" : ":\(port)")/\(app)"
    }

    private static func parts(of text: String) throws(ParseError) -> (Scheme, String, Int, Substring) {
        guard let mark = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased())
        else { throw .schemeUnsupported }
        let rest = text[mark.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (host, port) = try authority(rest[..<slash], of: scheme)
        return (scheme, host, port, slash == rest.endIndex ? "" : rest[rest.index(after: slash)...])
    }

    private static func authority(_ text: Substring, of scheme: Scheme) throws(ParseError) -> (String, Int) {
        // A user and password before "@" are not sent in RTMP; a query carries the key.
        let text = text.lastIndex(of: "@").map { text[text.index(after: $0)...] } ?? text
        let host: Substring
        let rest: Substring
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw .hostInvalid }
            host = text.dropFirst()[..<end]
            rest = text[text.index(after: end)...]
            // Behind "%" stands a zone, whose name is the operating system's.
            let address = host.prefix { $0 != "%" }
            guard address.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { throw .hostInvalid }
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<colon]
            rest = text[colon...]
        }
        guard !host.isEmpty, !host.contains(where: \.isWhitespace) else { throw .hostInvalid }
        guard !rest.isEmpty else { return (String(host), scheme.defaultPort) }
        guard rest.first == ":", rest.dropFirst().allSatisfy(\.isASCII), let port = Int(rest.dropFirst()),
            (1...65535).contains(port), rest.dropFirst().first != "+"
        else { throw .portInvalid }
        return (String(host), port)
    }

    /// Source: the behaviour of FFmpeg's rtmp_open (libavformat/rtmpproto.c).
    private static func split(_ path: Substring) -> (app: String, streamName: String) {
        let pathEnd = path.firstIndex(of: "?") ?? path.endIndex
        guard let first = path[..<pathEnd].firstIndex(of: "/") else { return (String(path), "") }
        let afterFirst = path.index(after: first)
        guard let second = path[afterFirst..<pathEnd].firstIndex(of: "/"),
            !path[afterFirst..<second].contains(":"), path.index(after: second) < pathEnd
        else { return (String(path[..<first]), String(path[afterFirst...])) }
        return (String(path[..<second]), String(path[path.index(after: second)...]))
    }
}
