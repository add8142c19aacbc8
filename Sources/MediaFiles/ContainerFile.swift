import ISOBMFF
import NIOCore

/// A media file as its container has it, for those who look at all that is in it: pieces of bytes in their order, or an
/// index and the samples that it names.
package struct ContainerFile: Sendable {
    /// What kind of file it is.
    package let format: MediaFile.Format
    /// The index of an MP4 file that is not fragmented.
    package let movie: Movie?
    private let file: OpenFile
    private var pieces: FilePieces
    private var window = SampleWindow()

    /// Opens a file and looks what it is.
    ///
    /// - Throws: ``MediaFileError``.
    package static func open(_ path: String) async throws(MediaFileError) -> ContainerFile {
        let file = try OpenFile(path: path)
        let head = try await file.read(at: 0, count: OpenFile.pieceBytes)
        guard let format = format(of: head) else {
            throw MediaFileError(.unknownFormat, "\(path) is neither FLV nor MP4 nor MPEG-TS")
        }
        guard format == .fragmentedMP4, file.isSeekable else { return ContainerFile(file, format, nil) }
        let movie = try await MovieBox.read(from: file)
        let isFragmented = movie.sampleTables.allSatisfy { $0.sampleCount == 0 }
        return ContainerFile(file, isFragmented ? .fragmentedMP4 : .mp4, isFragmented ? nil : movie)
    }

    private init(_ file: OpenFile, _ format: MediaFile.Format, _ movie: Movie?) {
        self.file = file
        self.format = format
        self.movie = movie
        pieces = FilePieces(file)
    }

    /// What a file or a stream is, by its first 189 bytes; MP4 of either kind is told as fragmented.
    package static func format(of head: ByteBuffer) -> MediaFile.Format? {
        switch MediaFile.recognise(head) {
        case .flv: .flv
        case .mp4: .fragmentedMP4
        case .mpegTS: .mpegTS
        case nil: nil
        }
    }

    /// The next bytes of the file; nil at its end.
    package mutating func nextPiece() async throws(MediaFileError) -> ByteBuffer? {
        try await pieces.next()
    }

    /// The bytes of a sample that the index names.
    ///
    /// - Throws: ``MediaFileError`` with `damaged` when the file does not have them.
    package mutating func payload(of sample: IndexedSample) async throws(MediaFileError) -> ByteBuffer {
        try await window.payload(of: sample, in: file)
    }
}

/// Any file, piece by piece.
package struct FilePieces: Sendable {
    private var pieces: PieceReader

    /// Opens a file.
    package init(path: String) throws(MediaFileError) {
        self.init(try OpenFile(path: path))
    }

    fileprivate init(_ file: OpenFile) {
        pieces = PieceReader(file, offset: file.isSeekable ? 0 : nil)
    }

    /// The next bytes; nil at the end.
    package mutating func next() async throws(MediaFileError) -> ByteBuffer? {
        guard try await pieces.readMore() else { return nil }
        defer { pieces.bytes.clear() }
        return pieces.bytes
    }
}
