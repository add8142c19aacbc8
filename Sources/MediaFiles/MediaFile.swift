import Codecs
import FLV
import ISOBMFF
import NIOCore

/// A media file as FLV tags in decode order: what a publisher sends, whatever the file's own format is.
///
/// ```swift
/// for try await tag in try await MediaFile.open("talk.mp4") { … }
/// ```
///
/// FLV comes as it is. Of MP4, plain or fragmented, and of MPEG-TS the first video track and the first audio track are
/// read, unchanged: their configurations first, their times counted from the file's beginning. Files are read in pieces
/// of some hundred kilobytes, so their length costs no memory. Each iteration reads the file anew.
public struct MediaFile: AsyncSequence, Sendable {
    /// One tag.
    public typealias Element = FLVTag
    /// Why reading ended early.
    public typealias Failure = MediaFileError

    /// What kind of file it is.
    public enum Format: Sendable, Hashable {
        /// Flash Video.
        case flv
        /// MP4 with one index of all samples.
        case mp4
        /// MP4 in fragments.
        case fragmentedMP4
        /// An MPEG transport stream.
        case mpegTS
    }

    /// What kind of file it is.
    public let format: Format
    /// The codecs of the tracks that are read, video first. Empty for FLV, whose header does not tell.
    public let codecs: [FourCC]
    private let source: Source

    /// Where the bytes come from.
    enum Source: Sendable {
        case file(OpenFile)
        /// A pipe and the bytes read from it to recognise the format.
        case pipe(OpenFile, first: ByteBuffer)

        var pieces: PieceReader {
            switch self {
            case .file(let file): PieceReader(file, offset: 0)
            case .pipe(let file, let first): PieceReader(file, first: first)
            }
        }
    }

    init(format: Format, codecs: [FourCC], source: Source) {
        self.format = format
        self.codecs = codecs
        self.source = source
    }

    /// The tags from the beginning on; of a pipe, only once.
    public func makeAsyncIterator() -> Iterator {
        let reader: any TagReader =
            switch (format, source) {
            case (.flv, _): FLVTagReader(pieces: source.pieces)
            case (.mp4, .file(let file)): MovieTagReader(file: file)
            case (.mp4, .pipe), (.fragmentedMP4, _): FragmentTagReader(pieces: source.pieces)
            case (.mpegTS, _): TransportStreamTagReader(pieces: source.pieces)
            }
        return Iterator(reader: reader)
    }

    /// Hands out a file's tags.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var reader: any TagReader

        /// The next tag; nil at the end of the file.
        ///
        /// - Throws: ``MediaFileError``; reading cannot go on then.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(MediaFileError) -> FLVTag? {
            try await reader.next()
        }

        /// The next tag; nil at the end of the file.
        public mutating func next() async throws(MediaFileError) -> FLVTag? {
            try await reader.next()
        }
    }
}

/// What reads one format.
protocol TagReader: Sendable {
    /// The next tag; nil at the end.
    mutating func next() async throws(MediaFileError) -> FLVTag?
}
