import RTMP

/// What a viewer opens, or a publisher publishes to: a URL, and what its scheme and ending say of the protocol.
package struct LoadTarget: Sendable, Hashable {
    /// How a viewer watches.
    package enum Transport: Sendable, Hashable {
        case rtmp(RTMPURL)
        case http(Container)
        case webSocket(Container)
        case hls
    }

    /// What the frames are in.
    package enum Container: Sendable, Hashable {
        case flv, fragments, transportStream

        /// A scanner for it.
        func makeScanner() -> any StreamScanner {
            switch self {
            case .flv: FLVScanner()
            case .fragments: FragmentScanner()
            case .transportStream: TransportStreamScanner()
            }
        }
    }

    /// Why a text is no target.
    package struct ParseError: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// The URL as given.
    package let text: String
    /// How a viewer watches.
    package let transport: Transport
    /// A name or an address; an IPv6 address without its brackets.
    package let host: String
    package let port: Int
    /// Path and query as HTTP sends them; empty for RTMP.
    package let path: String

    /// Where the number of a stream stands in a URL of several.
    package static let placeholder = "{n}"

    /// Parses a URL: rtmp://, http:// or ws:// with a path that ends in .flv, .mp4, .ts or .m3u8.
    package init(parsing text: String) throws(ParseError) {
        self.text = text
        guard let mark = text.firstRange(of: "://") else {
            throw ParseError(description: "\(text) is no URL: write rtmp://HOST/APP/STREAM or http://HOST:PORT/…")
        }
        let scheme = text[..<mark.lowerBound].lowercased()
        switch scheme {
        case "rtmp":
            let url = try Self.rtmp(text)
            (transport, host, port, path) = (.rtmp(url), url.host, url.port, "")
        case "http", "ws":
            (host, port, path) = try Self.authority(text[mark.upperBound...], of: text)
            transport = try Self.transport(path, isWebSocket: scheme == "ws", of: text)
        case "rtmps", "https", "wss":
            throw ParseError(
                description: "\(text): bench measures the server, not its encryption; give it the port without TLS")
        default:
            throw ParseError(description: "\(text): bench knows rtmp://, http:// and ws://")
        }
    }

    /// The names of the URL's protocol in a table: "RTMP", "HTTP-FLV", ….
    package var protocolName: String {
        switch transport {
        case .rtmp: "RTMP"
        case .http(let container): "HTTP-\(Self.name(container))"
        case .webSocket(let container): "WS-\(Self.name(container))"
        case .hls: "HLS"
        }
    }

    /// The URL of one of several streams: its number in the place of "{n}", or behind the stream's name.
    package static func text(_ text: String, number: Int) -> String {
        if text.contains(placeholder) { return text.replacing(placeholder, with: String(number)) }
        let end = text.firstIndex(of: "?") ?? text.endIndex
        let nameStart = text[..<end].lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex
        let dot = text[nameStart..<end].lastIndex(of: ".") ?? end
        return text[..<dot] + String(number) + text[dot...]
    }

    private static func name(_ container: Container) -> String {
        switch container {
        case .flv: "FLV"
        case .fragments: "MP4"
        case .transportStream: "TS"
        }
    }

    private static func rtmp(_ text: String) throws(ParseError) -> RTMPURL {
        let url: RTMPURL
        do throws(RTMPURL.ParseError) {
            url = try RTMPURL(parsing: text)
        } catch {
            throw ParseError(description: "\(text): \(error)")
        }
        guard !url.streamName.isEmpty else {
            throw ParseError(description: "\(text) names no stream: write rtmp://HOST/APP/STREAM")
        }
        return url
    }

    /// Host, port, and path with query. HTTP's and RTMP's URLs have the same authority.
    private static func authority(_ rest: Substring, of text: String) throws(ParseError) -> (String, Int, String) {
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let hasPort =
            rest[..<slash].drop { $0 != "]" }.contains(":") || rest.first != "[" && rest[..<slash].contains(":")
        let url: RTMPURL
        do throws(RTMPURL.ParseError) {
            url = try RTMPURL(parsing: "rtmp://\(rest[..<slash])\(hasPort ? "" : ":80")/")
        } catch {
            throw ParseError(description: "\(text): the host or the port is wrong")
        }
        let path = rest[slash...].prefix { $0 != "#" }
        return (url.host, url.port, path.isEmpty ? "/" : String(path))
    }

    private static func transport(
        _ path: String, isWebSocket: Bool, of text: String
    ) throws(ParseError) -> Transport {
        let name = path.prefix { $0 != "?" }.lowercased()
        if name.hasSuffix(".m3u8"), !isWebSocket { return .hls }
        let container: Container
        if name.hasSuffix(".flv") {
            container = .flv
        } else if name.hasSuffix(".mp4") {
            container = .fragments
        } else if name.hasSuffix(".ts") {
            container = .transportStream
        } else {
            throw ParseError(
                description: "\(text): the path must end in .flv, .mp4, .ts\(isWebSocket ? "" : " or .m3u8")")
        }
        return isWebSocket ? .webSocket(container) : .http(container)
    }
}
