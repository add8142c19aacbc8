import NIOCore

/// The lines of a playlist that say something: tags and URIs. Specification: RFC 8216bis, 4.1.
struct PlaylistLines {
    enum Line {
        /// A tag without its `#`, and what is behind its colon.
        case tag(Substring, Substring)
        /// A URI.
        case uri(Substring)
    }

    private var rest: Substring.UTF8View
    private let limits: HLSLimits
    /// The number of the line that ``next()`` returned last, from 1.
    private(set) var number = 0

    init(_ bytes: ByteBuffer, limits: HLSLimits) throws(HLSError) {
        guard bytes.readableBytes <= limits.playlistBytesMax else {
            throw HLSError(.limitExceeded, "playlist of \(bytes.readableBytes) bytes")
        }
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
            throw HLSError(.notAPlaylist, "not UTF-8")
        }
        self.limits = limits
        rest = text[...].utf8
        guard let first = try nextText(), first == "#EXTM3U" else {
            throw HLSError(.notAPlaylist, "the first line is not #EXTM3U", line: 1)
        }
    }

    private mutating func nextText() throws(HLSError) -> Substring? {
        guard !rest.isEmpty else { return nil }
        number += 1
        let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
        let line = rest[..<end]
        guard line.count <= limits.lineBytesMax else { throw HLSError(.limitExceeded, "line length", line: number) }
        rest = rest[end...].dropFirst()
        return Substring(line).trimmed
    }

    /// The next line that is neither empty nor a comment.
    mutating func next() throws(HLSError) -> Line? {
        while let line = try nextText() {
            if line.isEmpty { continue }
            guard line.utf8.first == UInt8(ascii: "#") else { return .uri(line) }
            guard line.hasPrefix("#EXT") else { continue }
            let parts = line.dropFirst().split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first else { continue }
            return .tag(name, parts.count == 2 ? parts[1] : "")
        }
        return nil
    }
}

/// Puts a playlist together, line by line.
protocol PlaylistReader {
    var limits: HLSLimits { get }

    mutating func read(tag name: Substring, _ value: Substring) throws(HLSError)
    mutating func read(uri: Substring) throws(HLSError)
}

extension PlaylistReader {
    /// Reads all lines; an error says which it was.
    mutating func read(_ bytes: ByteBuffer) throws(HLSError) {
        var lines = try PlaylistLines(bytes, limits: limits)
        while let line = try lines.next() {
            do throws(HLSError) {
                switch line {
                case .tag(let name, let value): try read(tag: name, value)
                case .uri(let uri): try read(uri: uri)
                }
            } catch {
                throw HLSError(error.code, error.detail, line: error.line ?? lines.number)
            }
        }
    }
}

/// The highest protocol version that the readers know. Specification: RFC 8216bis, 8.
let newestKnownVersion = 13

/// A playlist of either kind.
public enum Playlist: Sendable, Hashable {
    /// A list of segments.
    case media(MediaPlaylist)
    /// A list of media playlists.
    case multivariant(MultivariantPlaylist)

    /// Reads a playlist; which kind it is, its tags tell. Specification: RFC 8216bis, 4.1.
    ///
    /// - Throws: ``HLSError`` when it cannot be understood or passes a limit.
    public init(parsing bytes: ByteBuffer, limits: HLSLimits = HLSLimits()) throws(HLSError) {
        var lines = try PlaylistLines(bytes, limits: limits)
        while let line = try lines.next() {
            guard case .tag(let name, _) = line else { continue }
            if name == "EXT-X-STREAM-INF" || name == "EXT-X-MEDIA" || name == "EXT-X-I-FRAME-STREAM-INF" {
                self = .multivariant(try MultivariantPlaylist(parsing: bytes, limits: limits))
                return
            }
            if name == "EXTINF" || name == "EXT-X-TARGETDURATION" { break }
        }
        self = .media(try MediaPlaylist(parsing: bytes, limits: limits))
    }
}
