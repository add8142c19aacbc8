import FLV
import HLS
import NIOCore

/// A live HLS presentation: its best variant, and the sound that goes with it, in the order of their times.
actor HLSSource: TagSource {
    nonisolated let unownedExecutor: UnownedSerialExecutor
    private struct Track {
        let source: ByteSource
        var head: FLVTag?
        var isEnded = false
    }

    private var tracks: [Track] = []
    nonisolated let variant: Variant?

    /// - Parameters:
    ///   - url: where the playlist was found.
    ///   - body: the playlist as it was found there.
    ///   - client: the connection that it came over.
    init(
        _ url: WebURL, body: ByteBuffer, client: HTTPClient, options: SourceOptions, lifeline: Lifeline,
        on loop: any EventLoop
    ) async throws(SourceError) {
        unownedExecutor = loop.executor.asUnownedSerialExecutor()
        guard String(buffer: body).contains("#EXT-X-STREAM-INF") else {
            variant = nil
            add(try HLSRendition(url, body: body, client: client, on: loop, at: .now()), on: loop)
            return
        }
        let (best, places) = try Self.playlists(url, body)
        variant = best
        for (index, place) in places.enumerated() {
            let client =
                index == 0 ? client : HTTPClient(options: options, lifeline: lifeline, on: loop)
            let (found, body) = try await client.document(place, bytesMax: SourceOptions.documentBytesMax)
            add(try HLSRendition(found, body: body, client: client, on: loop, at: .now()), on: loop)
        }
    }

    private func add(_ rendition: HLSRendition, on loop: any EventLoop) {
        let source = ByteSource(
            on: loop, next: { () async throws(SourceError) in try await rendition.nextPiece() },
            close: { await rendition.close() })
        tracks.append(Track(source: source))
    }

    /// The best variant, and the media playlists that are to be read. Specification: RFC 8216bis, 4.4.6.
    private static func playlists(_ url: WebURL, _ body: ByteBuffer) throws(SourceError) -> (Variant, [WebURL]) {
        let playlist: MultivariantPlaylist
        do {
            playlist = try MultivariantPlaylist(parsing: body)
        } catch {
            throw SourceError("\(url.path) is no playlist that can be read: \(error)", isTransient: false)
        }
        guard let best = playlist.variants.max(by: { $0.bandwidth < $1.bandwidth }) else {
            throw SourceError("\(url.path) lists no variant", isTransient: true)
        }
        var uris = [best.uri]
        if let group = best.audioGroup {
            let sounds = playlist.renditions.filter { $0.kind == .audio && $0.group == group }
            let sound = sounds.first(where: \.isDefault) ?? sounds.first
            // Without an address of its own it is in the variant's segments.
            if let uri = sound?.uri, uri != best.uri { uris.append(uri) }
        }
        let places = try uris.map { uri throws(SourceError) in
            guard let place = url.resolving(uri) else {
                throw SourceError("\(url.path) lists \(uri), which is no address", isTransient: false)
            }
            return place
        }
        return (best, places)
    }

    /// The earliest tag of the tracks. Times are those of the media, which all tracks share.
    func next() async throws(SourceError) -> FLVTag? {
        for index in tracks.indices where tracks[index].head == nil && !tracks[index].isEnded {
            let tag = try await tracks[index].source.next()
            tracks[index].head = tag
            tracks[index].isEnded = tag == nil
        }
        let heads = tracks.indices.compactMap { index in tracks[index].head.map { (index: index, tag: $0) } }
        let earliest = heads.min { Int32(bitPattern: $0.tag.timestamp &- $1.tag.timestamp) < 0 }
        guard let earliest else { return nil }
        tracks[earliest.index].head = nil
        return earliest.tag
    }

    func close() async {
        for track in tracks { await track.source.close() }
    }
}
