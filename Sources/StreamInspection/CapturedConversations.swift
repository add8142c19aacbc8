import NIOCore
import RTMP

/// Finds the RTMP conversations in the packets of a capture.
public struct CapturedConversations: Sendable {
    /// The most connections followed at once; those beyond are counted.
    public static let connectionsMax = 1024

    /// What was found.
    public enum Output: Sendable, Equatable {
        /// A connection that speaks RTMP: its number from 1 on, and both ends.
        case began(Int, client: String, server: String)
        /// What was heard on one.
        case heard(Int, WireListener.Heard)
    }

    /// What else there was.
    public struct Summary: Sendable, Hashable {
        /// All packets.
        public var packets = 0
        /// Packets that are no TCP segments, or fragments of them.
        public var otherPackets = 0
        /// Connections that speak RTMP.
        public var conversations = 0
        /// Connections that speak something else, or nothing.
        public var otherConnections = 0
        /// Connections whose beginning was not captured: of RTMP nothing can be told without it.
        public var lateConnections = 0
        /// Both ends of the first of them.
        public var firstLate: String?
        /// Connections beyond ``connectionsMax``.
        public var droppedConnections = 0
        /// Whether the capture was cut off.
        public var endsWithinPacket = false
    }

    private struct Key: Hashable {
        var low: CapturedEnd
        var high: CapturedEnd
    }

    private struct Connection: Sendable {
        let client: CapturedEnd
        let server: CapturedEnd
        /// The first sequence number of who opened: another one is another connection between the same ends.
        var openingSequence: UInt32?
        var fromClient = SegmentReassembly()
        var fromServer = SegmentReassembly()
        var listener = WireListener()
        /// Its number, once it has spoken RTMP.
        var number: Int?
    }

    private var connections: [Key: Connection] = [:]
    private var late: Set<Key> = []
    private var found = Summary()
    private var newest = NIODeadline.uptimeNanoseconds(0)

    /// Nothing captured yet.
    public init() {}

    /// What else there was so far.
    public var summary: Summary {
        var summary = found
        summary.otherConnections += connections.values.count { $0.number == nil }
        return summary
    }

    /// What the next packet tells.
    public mutating func receive(_ packet: CapturedPacket) -> [Output] {
        found.packets += 1
        guard let segment = CapturedSegment(packet) else {
            found.otherPackets += 1
            return []
        }
        let key = Self.key(segment)
        var output: [Output] = []
        if segment.isOpening, let old = connections[key], old.openingSequence != segment.sequence {
            output += end(key)
        }
        if connections[key] == nil {
            guard open(segment, key) else { return output }
        }
        guard var connection = connections.removeValue(forKey: key) else { return output }
        newest = .uptimeNanoseconds(UInt64(max(0, packet.nanoseconds)))
        output += receive(segment, of: &connection, at: newest)
        connections[key] = connection
        if segment.isReset { output += end(key) }
        return output
    }

    /// What was waiting; there are no more packets.
    public mutating func finish() -> [Output] {
        let keys = connections.keys.sorted { (connections[$0]?.number ?? 0) < (connections[$1]?.number ?? 0) }
        return keys.flatMap { end($0) }
    }

    private static func key(_ segment: CapturedSegment) -> Key {
        let ends = [segment.source, segment.destination].sorted { first, second in
            first.port == second.port
                ? first.address.lexicographicallyPrecedes(second.address) : first.port < second.port
        }
        return Key(low: ends[0], high: ends[1])
    }

    /// - Returns: false where the connection cannot be followed.
    private mutating func open(_ segment: CapturedSegment, _ key: Key) -> Bool {
        guard segment.isOpening || segment.isAnswer else {
            noteLate(segment, key)
            return false
        }
        guard connections.count < Self.connectionsMax else {
            found.droppedConnections += 1
            return false
        }
        late.remove(key)
        connections[key] =
            segment.isOpening
            ? Connection(client: segment.source, server: segment.destination, openingSequence: segment.sequence)
            : Connection(client: segment.destination, server: segment.source)
        return true
    }

    private mutating func noteLate(_ segment: CapturedSegment, _ key: Key) {
        guard segment.payload.readableBytes > 0, late.count < Self.connectionsMax, late.insert(key).inserted else {
            return
        }
        found.lateConnections += 1
        if found.firstLate == nil { found.firstLate = "\(segment.source) and \(segment.destination)" }
    }

    private mutating func receive(
        _ segment: CapturedSegment, of connection: inout Connection, at now: NIODeadline
    ) -> [Output] {
        let side: HandshakePart.Side = segment.source == connection.client ? .client : .server
        if segment.isOpening { connection.fromClient.open(sequence: segment.sequence) }
        if segment.isAnswer { connection.fromServer.open(sequence: segment.sequence) }
        // The number of an opening is that of the byte before the first.
        let sequence = segment.isOpening || segment.isAnswer ? segment.sequence &+ 1 : segment.sequence
        let pieces: [SegmentReassembly.Output]
        switch side {
        case .client:
            pieces = connection.fromClient.receive(segment.payload, sequence: sequence, missing: segment.missingBytes)
        case .server:
            pieces = connection.fromServer.receive(segment.payload, sequence: sequence, missing: segment.missingBytes)
        }
        return hear(pieces, from: side, of: &connection, at: now)
    }

    private mutating func hear(
        _ pieces: [SegmentReassembly.Output], from side: HandshakePart.Side, of connection: inout Connection,
        at now: NIODeadline
    ) -> [Output] {
        let heard = pieces.flatMap { piece in
            switch piece {
            case .bytes(let bytes): connection.listener.receive(bytes, from: side, at: now)
            case .gap: connection.listener.lose(side)
            }
        }
        return heard.flatMap { heard -> [Output] in
            if let number = connection.number { return [.heard(number, heard)] }
            // Who does not begin as RTMP does speaks something else.
            guard case .event = heard else { return [] }
            found.conversations += 1
            let number = found.conversations
            connection.number = number
            return [
                .began(number, client: "\(connection.client)", server: "\(connection.server)"), .heard(number, heard),
            ]
        }
    }

    private mutating func end(_ key: Key) -> [Output] {
        guard var connection = connections.removeValue(forKey: key) else { return [] }
        var output: [Output] = []
        let clientRest = connection.fromClient.finish()
        output += hear(clientRest, from: .client, of: &connection, at: newest)
        let serverRest = connection.fromServer.finish()
        output += hear(serverRest, from: .server, of: &connection, at: newest)
        if connection.number == nil { found.otherConnections += 1 }
        return output
    }
}
