import Codecs
import FLV
import ISOBMFF
import MPEGTS
import NIOCore

extension MediaFile {
    /// Opens a file and looks what it is.
    ///
    /// - Throws: ``MediaFileError``: `unreadable`, `unknownFormat`, or `unsupported` when it holds a codec that RTMP
    ///   cannot carry unchanged.
    public static func open(_ path: String) async throws(MediaFileError) -> MediaFile {
        let file = try OpenFile(path: path)
        guard file.isSeekable else { return try await openPipe(file) }
        let head = try await file.read(at: 0, count: OpenFile.pieceBytes)
        switch recognise(head) {
        case .flv: return MediaFile(format: .flv, codecs: [], source: .file(file))
        case .mp4: return try await openMP4(file)
        case .mpegTS:
            let codecs = try await transportStreamCodecs(PieceReader(file, offset: 0))
            return MediaFile(format: .mpegTS, codecs: codecs, source: .file(file))
        case nil: throw unknownFormat(path)
        }
    }

    /// Recognises what comes on standard input: FLV or MPEG-TS, or fragmented MP4.
    ///
    /// - Throws: ``MediaFileError``.
    public static func standardInput() async throws(MediaFileError) -> MediaFile {
        try await openPipe(OpenFile.standardInput)
    }

    private static func openPipe(_ file: OpenFile) async throws(MediaFileError) -> MediaFile {
        var head = ByteBuffer()
        // A pipe's first bytes may come one by one.
        while head.readableBytes < recognisedBytes {
            let piece = try await file.readNext()
            guard piece.readableBytes > 0 else { break }
            head.writeImmutableBuffer(piece)
        }
        guard let format = recognise(head) else { throw unknownFormat(file.name) }
        let source = Source.pipe(file, first: head)
        switch format {
        case .flv: return MediaFile(format: .flv, codecs: [], source: source)
        case .mp4: return MediaFile(format: .fragmentedMP4, codecs: [], source: source)
        case .mpegTS: return MediaFile(format: .mpegTS, codecs: [], source: source)
        }
    }

    private static func unknownFormat(_ name: String) -> MediaFileError {
        MediaFileError(.unknownFormat, "\(name) is neither FLV nor MP4 nor MPEG-TS")
    }

    // MARK: Recognising

    /// A file's kind by its first bytes.
    enum Kind {
        case flv
        case mp4
        case mpegTS
    }

    /// Bytes that tell the formats apart: two packets of a transport stream.
    static let recognisedBytes = 189
    /// What MP4 files begin with. Specification: ISO/IEC 14496-12, 4.3; QuickTime files may have no `ftyp`.
    private static let firstBoxes: Set<String> = ["ftyp", "styp", "moov", "mdat", "free", "skip", "wide", "sidx"]

    static func recognise(_ head: ByteBuffer) -> Kind? {
        let start = head.readerIndex
        if head.getString(at: start, length: 3) == "FLV" { return .flv }
        if let type = head.getString(at: start + 4, length: 4), firstBoxes.contains(type) { return .mp4 }
        let syncBytes = [0, 188].map { head.getInteger(at: start + $0, as: UInt8.self) }
        return syncBytes == [0x47, 0x47] ? .mpegTS : nil
    }

    // MARK: Looking at the tracks

    private static func openMP4(_ file: OpenFile) async throws(MediaFileError) -> MediaFile {
        let movie = try await MovieBox.read(from: file)
        let isFragmented = movie.sampleTables.allSatisfy { $0.sampleCount == 0 }
        let chosen = try SelectedTracks(movie.initSegment, name: file.name)
        return MediaFile(
            format: isFragmented ? .fragmentedMP4 : .mp4, codecs: chosen.tags.map(\.codec), source: .file(file))
    }

    /// How far into a transport stream its programs are looked for.
    private static let programSearchBytesMax = 4 << 20

    private static func transportStreamCodecs(_ pieces: PieceReader) async throws(MediaFileError) -> [FourCC] {
        var pieces = pieces
        var reader = TSReader()
        var bytesRead = 0
        while bytesRead < programSearchBytesMax, try await pieces.readMore() {
            bytesRead += OpenFile.pieceBytes
            do {
                while let element = try reader.read(from: &pieces.bytes) {
                    guard case .program(let map) = element else { continue }
                    return try SelectedStreams(map).codecs
                }
            } catch let error as MediaFileError {
                throw error
            } catch {
                throw MediaFileError(.damaged, "no transport stream: \(error)")
            }
        }
        throw MediaFileError(.damaged, "a transport stream without programs")
    }
}
