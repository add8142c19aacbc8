import NIOCore
import PlainText
import RTMP

/// Says to people what is in a capture.
public struct CaptureText: CaptureTeller {
    private let style: TextStyle
    private var text: WireText?
    private var last: Int?

    /// - Parameter style: how wide, and whether in colours.
    public init(style: TextStyle) {
        self.style = style
    }

    /// The lines of what was found.
    public mutating func lines(_ output: CapturedConversations.Output) -> [String] {
        switch output {
        case .began(let number, let client, let server):
            last = number
            return [style.paint("connection \(number): \(client) -> \(server)", .bold)]
        case .heard(let number, .event(let event)):
            let text = text ?? WireText(style: style, zero: event.time)
            self.text = text
            return heading(number) + text.lines(event)
        case .heard(let number, .lost(let side, let error)):
            let who = side == .client ? "the client" : "the server"
            return heading(number) + ["\(who) cannot be understood from here on: \(error.detail)"]
        }
    }

    /// Who speaks, where it was another one before.
    private mutating func heading(_ number: Int) -> [String] {
        defer { last = number }
        return number == last ? [] : [style.paint("connection \(number):", .bold)]
    }

    /// What else there was.
    public func lines(_ summary: CapturedConversations.Summary) -> [String] {
        var words = ["packets: \(summary.packets)", "RTMP conversations: \(summary.conversations)"]
        if summary.otherConnections > 0 { words.append("other connections: \(summary.otherConnections)") }
        if summary.otherPackets > 0 { words.append("packets that are no TCP: \(summary.otherPackets)") }
        if summary.droppedConnections > 0 { words.append("connections too many: \(summary.droppedConnections)") }
        var lines = summary.endsWithinPacket ? ["the file ends within a packet"] : []
        lines += style.wrap(words, separator: ", ", first: "", further: "  ")
        if let firstLate = summary.firstLate {
            let told =
                "begun before the capture: \(summary.lateConnections), of which nothing can be told; "
                + "the first is between \(firstLate). Begin the capture before the client connects."
            lines += style.wrap(
                told.split(separator: " ").map(String.init), separator: " ", first: "", further: "  ")
        }
        return lines
    }
}
