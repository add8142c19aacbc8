import Hummingbird
import NIOCore
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One event of an event stream.
struct Event: Sendable {
    var name: String
    var data: String

    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(data.utf8))
    }
}

/// A client that reads events and leaves when it has seen enough.
final class EventReader: ResponseBodyWriter {
    struct Left: Error {}

    private(set) var text = ""
    private(set) var events: [Event] = []
    private let react: (Event) -> Bool

    /// - Parameter react: is shown each event; false leaves.
    init(_ react: @escaping (Event) -> Bool) {
        self.react = react
    }

    func write(_ buffer: ByteBuffer) async throws {
        text += String(buffer: buffer)
        for block in String(buffer: buffer).split(separator: "\n\n") {
            let lines = block.split(separator: "\n")
            guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: ") else { continue }
            let event = Event(name: String(lines[0].dropFirst(7)), data: String(lines[1].dropFirst(6)))
            events.append(event)
            guard react(event) else { throw Left() }
        }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}

    /// Reads an answer's events until `react` is content.
    static func read(_ response: Response, _ react: @escaping (Event) -> Bool) async throws -> EventReader {
        let reader = EventReader(react)
        do { try await response.body.write(reader) } catch is Left {}
        return reader
    }
}
