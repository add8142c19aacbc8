import HLS
import MediaCore

/// What a path and a query name, before it is known which streams there are.
enum ResourcePath: Sendable {
    /// `/{app}/{stream}.m3u8` or `.mpd`.
    case playlist(StreamName, WantedResource)
    /// `/{app}/{stream}/video.m3u8` and the like, or else the multivariant playlist of a stream of that longer name.
    case media(StreamName, WantedResource, orOf: StreamName?)
    /// `/{app}/{stream}/NAME`.
    case named(StreamName, SegmentName)
    /// The query cannot be understood.
    case malformed(String)

    /// - Parameters:
    ///   - path: percent-encoded, with the leading slash.
    ///   - query: what is behind the question mark.
    /// - Returns: nil when it is the path of something else.
    init?(path: String, query: String?) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let file = path[path.utf8.index(after: slash)...]
        guard let dot = file.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        switch file[file.utf8.index(after: dot)...] {
        case "m3u8": self.init(playlistAt: path, folder: path[..<slash], stem: file[..<dot], query.map { $0[...] })
        case "mpd":
            guard let name = Self.streamName(path.dropLast(4)) else { return nil }
            guard let query = DVRQuery(query.map { $0[...] }) else {
                self = .malformed("dvr is a number of seconds")
                return
            }
            self = .playlist(name, .manifest(query))
        case "m4s", "mp4", "ts":
            guard let resource = SegmentName(file), let name = Self.streamName(path[..<slash]) else { return nil }
            self = .named(name, resource)
        default: return nil
        }
    }

    private init?(playlistAt path: String, folder: Substring, stem: Substring, _ query: Substring?) {
        guard let window = DVRQuery(query) else {
            self = .malformed("dvr is a number of seconds or \"all\", format is \"cmaf\" or \"ts\"")
            return
        }
        let whole = Self.streamName(path.dropLast(5))
        if let kind = TrackKind(rawValue: String(stem)), let name = Self.streamName(folder) {
            do {
                let directives = try DeliveryDirectives(query: query)
                self = .media(name, .media(kind, window, directives), orOf: whole)
            } catch {
                self = .malformed(error.detail)
            }
            return
        }
        guard let whole else { return nil }
        self = .playlist(whole, .multivariant(window))
    }

    /// "/live/x" as a stream's name; nil when it cannot be one.
    private static func streamName(_ path: some StringProtocol) -> StreamName? {
        guard path.hasPrefix("/") else { return nil }
        do { return try StreamName(urlPath: path.dropFirst()) } catch { return nil }
    }

    /// The last component of a stream's name as a relative URL.
    static func lastComponent(of name: StreamName) -> String {
        let last = name.stream.utf8.split(separator: UInt8(ascii: "/")).last ?? Substring().utf8
        var encoded = ""
        for byte in last {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
