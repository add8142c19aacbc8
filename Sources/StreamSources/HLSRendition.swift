import HLS
import NIOCore
import RTMPClient

/// One media playlist as the bytes of its segments and parts, one after another, from near the live edge on.
///
/// Specification: RFC 8216bis, 6.3; parts and blocking reloads: 6.2.5.2, 6.3.8.
actor HLSRendition {
    nonisolated let unownedExecutor: UnownedSerialExecutor
    private let client: HTTPClient
    private let loop: any EventLoop
    private var url: WebURL
    private var playlist: MediaPlaylist
    /// What comes next: a segment's number, and how many of its parts have been read.
    private var next: (segment: Int, part: Int)
    private var map: MediaInitializationSection?
    /// Whether the body that is being read is not at its end.
    private var isReading = false
    private var loadedAt: NIODeadline

    /// Whole segments from the end at which one begins, where there are no parts: near the edge, and not at it.
    private static let segmentsBehindEdge = 3

    /// - Parameters:
    ///   - url: where the playlist was found.
    ///   - body: the playlist as it was found there.
    init(
        _ url: WebURL, body: ByteBuffer, client: HTTPClient, on loop: any EventLoop, at now: NIODeadline
    ) throws(SourceError) {
        unownedExecutor = loop.executor.asUnownedSerialExecutor()
        self.client = client
        self.loop = loop
        self.url = url
        loadedAt = now
        let list = try Self.parse(body, url)
        playlist = list
        let behind = list.partTarget == nil ? Self.segmentsBehindEdge : 1
        // What has ended, or keeps all its segments, is read from its beginning.
        let passedOver = list.isEnded || list.type != nil ? 0 : max(0, list.segments.count - behind)
        next = (list.mediaSequence + passedOver, 0)
    }

    static func parse(_ body: ByteBuffer, _ url: WebURL) throws(SourceError) -> MediaPlaylist {
        let text = String(buffer: body)
        let isEncrypted = text.split(separator: "\n").contains {
            $0.hasPrefix("#EXT-X-KEY:") && !$0.contains("METHOD=NONE")
        }
        guard !isEncrypted else {
            throw SourceError("the segments of \(url.path) are encrypted, which is not supported", isTransient: false)
        }
        do {
            return try MediaPlaylist(parsing: body)
        } catch {
            throw SourceError("\(url.path) is no playlist that can be read: \(error)", isTransient: false)
        }
    }

    /// The next bytes of media; nil when the presentation has ended.
    func nextPiece() async throws(SourceError) -> ByteBuffer? {
        while true {
            if isReading {
                if let piece = try await client.nextPiece() { return piece }
                isReading = false
            }
            if try await beginNext() { continue }
            if playlist.isEnded { return nil }
            try await reload()
        }
    }

    func close() async {
        await client.close()
    }

    // MARK: What comes next

    /// Begins to read the next segment, part or init section that is listed; false when there is none.
    private func beginNext() async throws(SourceError) -> Bool {
        if next.segment < playlist.mediaSequence {
            // Too slow: what is in between is gone.
            next = (playlist.mediaSequence, 0)
        }
        let index = next.segment - playlist.mediaSequence - playlist.skippedSegments
        if playlist.segments.indices.contains(index) {
            let segment = playlist.segments[index]
            if try await begin(map: segment.map) { return true }
            let parts = segment.parts
            if next.part > 0, next.part < parts.count {
                try await begin(part: parts[next.part])
            } else if next.part == 0, !segment.isGap {
                next = (next.segment + 1, 0)
                try await begin(segment.uri, segment.byteRange)
            } else if next.part > 0, parts.isEmpty {
                // How many parts there were is no longer told: begin anew, and leave out what one has.
                throw SourceError("\(url.path) no longer lists the parts that come next", isTransient: true)
            } else {
                // All its parts have been read, or it is missing.
                next = (next.segment + 1, 0)
                return try await beginNext()
            }
            return true
        }
        guard index == playlist.segments.count, let open = playlist.openSegment,
            open.parts.indices.contains(next.part)
        else { return false }
        if try await begin(map: open.map) { return true }
        try await begin(part: open.parts[next.part])
        return true
    }

    private func begin(part: PartialSegment) async throws(SourceError) {
        next.part += 1
        if !part.isGap { try await begin(part.uri, part.byteRange) }
    }

    private func begin(map section: MediaInitializationSection?) async throws(SourceError) -> Bool {
        guard let section, section != map else { return false }
        map = section
        try await begin(section.uri, section.byteRange)
        return true
    }

    private func begin(_ uri: String, _ range: ByteRange?) async throws(SourceError) {
        guard let place = url.resolving(uri) else {
            throw SourceError("\(url.path) lists \(uri), which is no address", isTransient: false)
        }
        let bytes = range.flatMap { $0.length > 0 ? $0.offset...($0.offset + $0.length - 1) : nil }
        _ = try await client.begin(place, range: bytes)
        isReading = true
    }

    // MARK: Loading the playlist again

    /// Specification: RFC 8216bis, 6.3.4, for servers that do not block.
    private func reload() async throws(SourceError) {
        var place = url
        if playlist.serverControl?.canBlockReload == true {
            let part = playlist.partTarget == nil ? nil : next.part
            let directives = DeliveryDirectives(mediaSequence: next.segment, part: part)
            place.query = [url.query, directives.query].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "&")
        } else {
            let target = playlist.partTarget ?? .seconds(max(1, playlist.targetDurationSeconds))
            let wait = TimeAmount.nanoseconds(target.nanoseconds / 2)
            await loop.sleep(for: loadedAt + wait - .now())
            if Task.isCancelled { throw .cancelled }
        }
        let (_, body) = try await client.document(place, bytesMax: SourceOptions.documentBytesMax)
        loadedAt = .now()
        playlist = try Self.parse(body, url)
        // Numbers that begin anew are another presentation's.
        let end = playlist.mediaSequence + playlist.skippedSegments + playlist.segments.count
        if next.segment > end + 1 {
            throw SourceError("the playlist \(url.path) begins anew", isTransient: true)
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}
