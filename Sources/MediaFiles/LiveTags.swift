import FLV
import NIOCore

/// A stream of bytes from somewhere else as FLV tags: FLV, fragmented MP4 or MPEG-TS, recognised by its first bytes.
///
/// Times are the stream's own, in milliseconds, wrapping at 2³²: those who join tracks or connections need them.
package struct LiveTags: Sendable {
    private enum State {
        /// Nothing has been read; the first bytes tell what it is.
        case unknown
        case reading(any TagReader)
    }

    private var state = State.unknown
    private let source: @Sendable () async throws(MediaFileError) -> ByteBuffer

    /// - Parameter source: the next bytes; empty at the end. What it throws ends the reading.
    package init(_ source: @escaping @Sendable () async throws(MediaFileError) -> ByteBuffer) {
        self.source = source
    }

    /// The next tag; nil at the end.
    ///
    /// - Throws: ``MediaFileError``; reading cannot go on then.
    package mutating func next() async throws(MediaFileError) -> FLVTag? {
        var reader: any TagReader
        switch state {
        case .reading(let present): reader = present
        case .unknown:
            guard let recognised = try await recognise() else { return nil }
            reader = recognised
        }
        // Nothing else may hold the reader's bytes while it reads.
        state = .unknown
        defer { state = .reading(reader) }
        return try await reader.next()
    }

    /// - Returns: nil when nothing came.
    private func recognise() async throws(MediaFileError) -> (any TagReader)? {
        var head = ByteBuffer()
        while head.readableBytes < MediaFile.recognisedBytes {
            let piece = try await source()
            guard piece.readableBytes > 0 else { break }
            head.writeImmutableBuffer(piece)
        }
        guard head.readableBytes > 0 else { return nil }
        let pieces = PieceReader(first: head, next: source)
        switch MediaFile.recognise(head) {
        case .flv: return FLVTagReader(pieces: pieces)
        case .mp4: return FragmentTagReader(pieces: pieces)
        case .mpegTS: return TransportStreamTagReader(pieces: pieces)
        case nil: throw MediaFileError(.unknownFormat, "what comes is neither FLV nor MP4 nor MPEG-TS")
        }
    }
}
