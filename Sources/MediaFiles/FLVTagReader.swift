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
            if let element = try read() {
                if case .tag(let tag) = element { return tag }
                continue
            }
            // A file that was cut off ends with a part of a tag.
            guard try await pieces.readMore() else { return nil }
        }
    }

    private mutating func read() throws(MediaFileError) -> FLVReader.Element? {
        do {
            let element = try reader.read(from: &pieces.bytes)
            if element != nil { pieces.tookElement() }
            return element
        } catch {
            throw MediaFileError(.damaged, "\(error)")
        }
    }
}
