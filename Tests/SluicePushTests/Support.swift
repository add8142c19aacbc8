import FLV
import NIOCore
import SluicePush

/// Tags and frames by a few letters: K keyframe, P, B, A audio, V and S the configurations of video and sound, M
/// metadata, D other data.
extension UplinkFrame {
    init(_ letter: Character, _ time: Int64, bytes: Int = 100) {
        let role: Role =
            switch letter {
            case "K": .keyframe
            case "P": .reference
            case "B": .disposable
            case "A": .audio
            case "V": .configuration(.video)
            case "S": .configuration(.audio)
            case "M": .configuration(.metadata)
            default: .data
            }
        let type: FLVTagType =
            switch letter {
            case "A", "S": .audio
            case "M", "D": .script
            default: .video
            }
        let body = ByteBuffer(repeating: letter.asciiValue ?? 0, count: bytes)
        self.init(FLVTag(type: type, timestamp: 0, body: body), time: time, role: role)
    }

    /// "K0".
    var text: String {
        let letter = tag.body.getString(at: tag.body.readerIndex, length: 1) ?? "?"
        return "\(letter)\(time)"
    }
}

extension UplinkQueue {
    /// Pushes "K0 A0 P40".
    mutating func push(_ text: String) {
        for word in text.split(separator: " ") {
            guard let letter = word.first, let time = Int64(word.dropFirst()) else { continue }
            push(UplinkFrame(letter, time))
        }
    }

    /// Pops everything, as "K0 A0 P40".
    mutating func popAll() -> String {
        var words: [String] = []
        while let frame = pop() { words.append(frame.text) }
        return words.joined(separator: " ")
    }
}

/// A tag with a body that tells nothing.
func tag(_ type: FLVTagType, _ timestamp: UInt32, _ body: [UInt8] = [0x27, 1, 0, 0, 0]) -> FLVTag {
    FLVTag(type: type, timestamp: timestamp, body: ByteBuffer(bytes: body))
}
