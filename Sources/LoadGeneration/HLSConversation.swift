import HLS
import NIOCore

/// Watches HLS: playlists and segments one after the other on one connection, which is made again when the server closes
/// it between two answers.
///
/// The first variant's own media is what is watched; a separate rendition of sound is left out.
final class HLSConversation: Conversation {
    /// What was asked for.
    private enum Asked: Hashable {
        case first, playlist, initialization, media
    }

    /// The longest playlist.
    private static let playlistBytesMax = 1 << 20
    /// How often and after how long a viewer asks again for a stream that is not there yet.
    private static let firstTriesMax = 10
    private static let retryNanoseconds: UInt64 = 1_000_000_000

    var outbound = ByteBuffer()
    private(set) var wakeTime: UInt64?
    private let target: LoadTarget
    /// The media playlist; the multivariant playlist until that is known.
    private var path: String
    private var walk = HLSWalk()
    private var asked = Asked.first
    private var request = ByteBuffer()
    private var firstTries = 0
    private var scanner: (any StreamScanner)?
    private var leftover = Leftover()
    private var head = ByteBuffer()
    private var answer: HTTPResponseHead?
    private var text = ByteBuffer()
    /// An answer is under way.
    private var isAsking = false

    init(_ target: LoadTarget) {
        self.target = target
        path = target.path
        request = HTTPRequestText.get(path, target)
    }

    /// Segments come in steps: a pause counts when it is longer than two of them.
    var pauseNanosecondsMax: UInt64 {
        2 * UInt64(walk.targetMilliseconds) * 1_000_000
    }

    func begin(at now: UInt64) {
        guard wakeTime == nil else { return }
        outbound.writeImmutableBuffer(request)
        isAsking = true
    }

    func wake(at now: UInt64) {
        wakeTime = nil
        outbound.writeImmutableBuffer(request)
        isAsking = true
    }

    func connectionClosed(at now: UInt64) -> Bool {
        // A server may close an idle connection at any time; one that closes in an answer has failed.
        head.clear()
        return answer == nil
    }

    func receive(_ raw: inout ByteBuffer, _ work: inout LoopMemory, at now: UInt64) throws(ScanError) {
        while isAsking {
            if answer == nil {
                answer = try HTTPRequestText.head(from: &raw, gatheredIn: &head)
                if let answer, isMedia, !(200...206).contains(answer.status) { scanner?.beginResource() }
            }
            guard var answer else { return }
            let hasEnded: Bool
            if isMedia, answer.status < 300, let scanner = scanner ?? makeScanner() {
                hasEnded = try leftover.scan(&raw, unwrappedBy: &answer.framing, scanner, &work)
            } else {
                hasEnded = try answer.framing.unwrap(&raw, into: &text)
                guard text.readableBytes <= Self.playlistBytesMax else {
                    throw ScanError("a playlist of more than \(Self.playlistBytesMax) bytes")
                }
            }
            self.answer = answer
            guard hasEnded else { return }
            try finish(answer, &work, at: now)
        }
    }

    private var isMedia: Bool {
        asked == .media || asked == .initialization
    }

    /// An answer is whole.
    private func finish(_ answer: HTTPResponseHead, _ work: inout LoopMemory, at now: UInt64) throws(ScanError) {
        self.answer = nil
        isAsking = false
        let body = text
        text = ByteBuffer()
        leftover.clear()
        scanner?.beginResource()
        guard (200...206).contains(answer.status) else { return try retry(answer, at: now) }
        switch asked {
        case .first where isMultivariant(body): try chooseVariant(body)
        case .first, .playlist:
            asked = .playlist
            walk.receive(try work.playlists.playlist(body))
        case .initialization, .media: break
        }
        try ask(at: now)
    }

    /// What the stream's own server refuses at first may come: it begins to cut segments when somebody asks.
    private func retry(_ answer: HTTPResponseHead, at now: UInt64) throws(ScanError) {
        firstTries += 1
        guard asked == .first || asked == .playlist, firstTries < Self.firstTriesMax else {
            throw ScanError(HTTPRequestText.refusal(answer))
        }
        wakeTime = now + Self.retryNanoseconds
    }

    private func isMultivariant(_ body: ByteBuffer) -> Bool {
        String(buffer: body).contains("#EXT-X-STREAM-INF")
    }

    private func chooseVariant(_ body: ByteBuffer) throws(ScanError) {
        let playlist: MultivariantPlaylist
        do throws(HLSError) {
            playlist = try MultivariantPlaylist(parsing: body)
        } catch {
            throw ScanError("the multivariant playlist is wrong: \(error)")
        }
        guard let variant = playlist.variants.first else { throw ScanError("the playlist names no variant") }
        path = try resolve(variant.uri)
        asked = .playlist
    }

    /// Asks for what comes next.
    private func ask(at now: UInt64) throws(ScanError) {
        if walk.isEnded { throw ScanError("the server ended the stream") }
        var step = walk.next()
        if case .wait(let milliseconds) = step {
            wakeTime = now + UInt64(milliseconds) * 1_000_000
            step = walk.next()
        }
        switch step {
        case .playlist(let query):
            asked = .playlist
            let separator = path.contains("?") ? "&" : "?"
            request = HTTPRequestText.get(query.map { path + separator + $0 } ?? path, target)
        case .media(let uri, let range, let isInitialization):
            asked = isInitialization ? .initialization : .media
            request = HTTPRequestText.get(try resolve(uri), target, range: range)
            if scanner == nil, !isInitialization { scanner = makeScanner(uri) }
        case .wait: break
        }
        guard wakeTime == nil else { return }
        outbound.writeImmutableBuffer(request)
        isAsking = true
    }

    /// Segments behind an initialization section are fragmented MP4.
    private func makeScanner(_ uri: String = "") -> (any StreamScanner)? {
        let isTransportStream = uri.prefix { $0 != "?" }.hasSuffix(".ts")
        let made: any StreamScanner = isTransportStream ? TransportStreamScanner() : FragmentScanner()
        scanner = made
        return made
    }

    /// A path on the same server. Specification: RFC 3986, 5.2, as far as playlists go.
    private func resolve(_ uri: String) throws(ScanError) -> String {
        if uri.hasPrefix("/") { return uri }
        if let mark = uri.firstRange(of: "://") {
            let rest = uri[mark.upperBound...]
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            guard rest[..<slash] == HTTPRequestText.authority(target) else {
                throw ScanError("a playlist leads to another server: \(rest[..<slash].prefix(80))")
            }
            return slash == rest.endIndex ? "/" : String(rest[slash...])
        }
        let directory = path.prefix { $0 != "?" }
        return directory[...(directory.lastIndex(of: "/") ?? directory.startIndex)] + uri
    }
}
