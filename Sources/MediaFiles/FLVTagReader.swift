import FLV
import NIOCore

/// Reads FLV, whose tags go as they are.
struct FLVTagReader: TagReader {
    private var pieces: PieceReader
    private var reader = FLVReader()

    init(pieces: PieceReader) {
        self.pieces = pieces
    }

    mutating func next() async throws(MediaFileError) -> FLVTag? {
        while true {
            if let element = try pieces.cut({ try reader.read(from: &$0) }) {
                if case .tag(let tag) = element { return tag }
                continue
            }
            // A file that was cut off ends with a part of a tag.
            guard try await pieces.readMore() else { return nil }
        }
    }
}
