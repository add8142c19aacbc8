import NIOCore
import PlainText
import RTMP

/// Says to people what was said on a wire: a line for each part of the handshake and each message, and beneath it the
/// chunks that the message came in.
public struct WireText: WireTeller {
    /// The most lines of chunks beneath one message; like ones are told together.
    private static let chunkLinesMax = 8

    private let style: TextStyle
    private let zero: NIODeadline

    /// - Parameters:
    ///   - style: how wide, and whether in colours.
    ///   - zero: the time that the others are told from.
    public init(style: TextStyle, zero: NIODeadline) {
        self.style = style
        self.zero = zero
    }

    /// The lines of an event.
    public func lines(_ event: WireEvent) -> [String] {
        let seconds = Double((event.time - zero).nanoseconds) / 1e9
        let arrow = event.direction == .incoming ? "<-" : "->"
        let time = "\(NumberText.decimal(seconds, digits: 3).aligned(to: 8)) \(arrow) "
        let paint: TextStyle.Paint = event.direction == .incoming ? .green : .blue
        var lines: [String]
        switch event.content {
        case .handshake(let part): lines = wrap("\(part.name): \(event.words)", behind: time)
        case .message(let message, let chunks):
            let head =
                "\(message.typeID.name), stream \(message.streamID.rawValue), time \(message.timestamp), "
                + "\(event.payloadBytes) bytes: "
            lines = wrap(head + event.words, behind: time) + chunkLines(chunks)
        }
        lines[0] = style.paint(String(lines[0].prefix(time.count)), paint) + lines[0].dropFirst(time.count)
        return lines
    }

    /// What is told where events were left out.
    public func lines(dropped: Int) -> [String] {
        ["         … \(dropped) more that there was no room for"]
    }

    private func wrap(_ words: String, behind time: String) -> [String] {
        let indent = String(repeating: " ", count: time.count + 2)
        let lines = style.wrap(
            words.split(separator: " ").map(String.init), separator: " ", first: time, further: indent)
        return lines.isEmpty ? [time] : lines
    }

    /// Chunks in their order, those alike that follow each other on one line. Specification: RTMP 1.0, 5.3.1.
    private func chunkLines(_ chunks: WireChunks) -> [String] {
        var runs: [(chunk: WireChunk, count: Int)] = []
        for chunk in chunks.listed {
            if let last = runs.last, last.chunk == chunk {
                runs[runs.count - 1].count += 1
            } else {
                runs.append((chunk, 1))
            }
        }
        var lines = runs.prefix(Self.chunkLinesMax).map { run in
            let chunk = run.chunk
            let extended = chunk.extendedTimestamp.map { ", extended timestamp \($0)" } ?? ""
            return "              chunk type \(chunk.type), chunk stream \(chunk.chunkStreamID.rawValue), "
                + "\(chunk.headerBytes) + \(chunk.payloadBytes) bytes\(extended)"
                + (run.count > 1 ? " ×\(run.count)" : "")
        }
        let left = runs.dropFirst(Self.chunkLinesMax).reduce(0) { $0 + $1.count } + chunks.more
        if left > 0 { lines.append("              and \(left) more chunks") }
        return lines.map { style.paint($0, .dim) }
    }
}
