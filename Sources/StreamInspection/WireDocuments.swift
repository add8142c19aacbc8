import NIOCore
import PlainText
import RTMP

/// Says to programs what was said on a wire: a JSON document on a line of its own for each part of the handshake and
/// each message. Times are in seconds, timestamps in milliseconds.
public struct WireDocuments: WireTeller {
    private let zero: NIODeadline

    /// - Parameter zero: the time that the others are told from.
    public init(zero: NIODeadline) {
        self.zero = zero
    }

    /// The document of an event.
    public func lines(_ event: WireEvent) -> [String] {
        [JSONValue.object(members(of: event)).text]
    }

    /// What is told where events were left out.
    public func lines(dropped: Int) -> [String] {
        [JSONValue.members(["dropped": .integer(dropped)]).text]
    }

    func members(of event: WireEvent) -> [JSONValue.Member] {
        let seconds = Double((event.time - zero).nanoseconds) / 1e9
        var members: [JSONValue.Member] = [
            .init("time", .decimal(seconds, digits: 6)), .init("direction", .string(event.direction.rawValue)),
        ]
        switch event.content {
        case .handshake(let part): members.append(.init("handshake", .string(part.name)))
        case .message(let message, let chunks):
            members += [
                .init("message", .string(message.typeID.name)), .init("type", .integer(Int(message.typeID.rawValue))),
                .init("stream", .integer(Int(message.streamID.rawValue))),
                .init("timestamp", .integer(Int(message.timestamp))), .init("bytes", .integer(event.payloadBytes)),
                .init("chunks", .array(chunks.listed.map(Self.document))),
            ]
            if chunks.more > 0 { members.append(.init("moreChunks", .integer(chunks.more))) }
        }
        return members + [.init("words", .string(event.words))]
    }

    private static func document(_ chunk: WireChunk) -> JSONValue {
        .members([
            "type": .integer(Int(chunk.type)), "chunkStream": .integer(Int(chunk.chunkStreamID.rawValue)),
            "headerBytes": .integer(chunk.headerBytes), "payloadBytes": .integer(chunk.payloadBytes),
            "extendedTimestamp": chunk.extendedTimestamp.map { .integer(Int($0)) },
        ])
    }
}

/// Says to programs what is in a capture: a JSON document a line, the last of which sums up.
public struct CaptureDocuments: CaptureTeller {
    private var documents: WireDocuments?

    /// Nothing told yet.
    public init() {}

    /// The document of what was found.
    public mutating func lines(_ output: CapturedConversations.Output) -> [String] {
        switch output {
        case .began(let number, let client, let server):
            return [
                JSONValue.members([
                    "connection": .integer(number), "client": .string(client), "server": .string(server),
                ]).text
            ]
        case .heard(let number, .event(let event)):
            let documents = documents ?? WireDocuments(zero: event.time)
            self.documents = documents
            return [JSONValue.object([.init("connection", .integer(number))] + documents.members(of: event)).text]
        case .heard(let number, .lost(let side, let error)):
            return [
                JSONValue.members([
                    "connection": .integer(number), "lost": .string(side == .client ? "client" : "server"),
                    "words": .string(error.detail),
                ]).text
            ]
        }
    }

    /// What else there was.
    public func lines(_ summary: CapturedConversations.Summary) -> [String] {
        [
            JSONValue.members([
                "packets": .integer(summary.packets), "otherPackets": .integer(summary.otherPackets),
                "conversations": .integer(summary.conversations),
                "otherConnections": .integer(summary.otherConnections),
                "lateConnections": .integer(summary.lateConnections),
                "firstLate": summary.firstLate.map(JSONValue.string),
                "droppedConnections": .integer(summary.droppedConnections),
                "endsWithinPacket": .bool(summary.endsWithinPacket),
            ]).text
        ]
    }
}
