import NIOCore

/// Understands a conversation that two others have, from the bytes of both directions.
public struct WireListener: Sendable {
    /// What was heard.
    public enum Heard: Sendable, Equatable {
        /// What one of them said. What the client says is ``WireEvent/Direction/outgoing``.
        case event(WireEvent)
        /// One of them cannot be understood any more; nothing follows of that end.
        case lost(HandshakePart.Side, RTMPError)
    }

    private enum Stage: Sendable {
        /// Nothing was said. Next: the version, one byte.
        case version
        /// The version was said. Next: C1 or S1.
        case opening
        /// Next: C2 or S2, which answers what the peer has opened with.
        case answer
        /// The handshake is over. Next: chunks.
        case chunks
        /// It cannot be understood.
        case lost
    }

    private struct Speaker: Sendable {
        let side: HandshakePart.Side
        var stage = Stage.version
        var bytes = ByteBuffer()
        var reader: ChunkReader
        /// C1 or S1.
        var opening: [UInt8] = []
    }

    private var client: Speaker
    private var server: Speaker

    /// - Parameter limits: what either of them may make the listener hold.
    public init(limits: ChunkLimits = .init()) {
        client = Speaker(side: .client, reader: ChunkReader(limits: limits))
        server = Speaker(side: .server, reader: ChunkReader(limits: limits))
        client.reader.notesChunks = true
        server.reader.notesChunks = true
    }

    /// What the next bytes of one of them say.
    ///
    /// - Parameters:
    ///   - bytes: as they follow on those before them.
    ///   - side: who sent them.
    ///   - time: when.
    public mutating func receive(_ bytes: ByteBuffer, from side: HandshakePart.Side, at time: NIODeadline) -> [Heard] {
        switch side {
        case .client: Self.receive(bytes, &client, peersOpening: server.opening, at: time)
        case .server: Self.receive(bytes, &server, peersOpening: client.opening, at: time)
        }
    }

    /// Bytes of one of them are missing: what follows cannot be understood.
    public mutating func lose(_ side: HandshakePart.Side) -> [Heard] {
        switch side {
        case .client: Self.lose(&client)
        case .server: Self.lose(&server)
        }
    }

    private static func lose(_ speaker: inout Speaker) -> [Heard] {
        guard speaker.stage != .lost else { return [] }
        speaker.stage = .lost
        speaker.bytes = ByteBuffer()
        return [.lost(speaker.side, RTMPError(.chunkStreamInvalid, "bytes are missing"))]
    }

    private static func receive(
        _ bytes: ByteBuffer, _ speaker: inout Speaker, peersOpening: [UInt8], at time: NIODeadline
    ) -> [Heard] {
        guard speaker.stage != .lost else { return [] }
        speaker.bytes.writeImmutableBuffer(bytes)
        var heard: [Heard] = []
        do {
            while let content = try next(&speaker, peersOpening: peersOpening) {
                let direction: WireEvent.Direction = speaker.side == .client ? .outgoing : .incoming
                heard.append(.event(WireEvent(time: time, direction: direction, content: content)))
            }
        } catch {
            speaker.stage = .lost
            speaker.bytes = ByteBuffer()
            heard.append(.lost(speaker.side, error))
        }
        speaker.bytes.discardReadBytes()
        return heard
    }

    private static func next(
        _ speaker: inout Speaker, peersOpening: [UInt8]
    ) throws(RTMPError) -> WireEvent.Content? {
        let isClient = speaker.side == .client
        switch speaker.stage {
        case .version:
            guard let version: UInt8 = speaker.bytes.readInteger() else { return nil }
            guard version == HandshakeFormat.version else {
                throw RTMPError(.versionUnsupported, "it begins with \(version), which is no plain RTMP")
            }
            speaker.stage = .opening
            return .handshake(HandshakePart(side: speaker.side, content: .version(version)))
        case .opening:
            guard let opening = speaker.bytes.readBytes(length: HandshakeDigest.messageBytes) else { return nil }
            speaker.opening = opening
            speaker.stage = .answer
            let found = HandshakeDigest.find(in: opening, by: isClient ? .client : .server)
            let content = HandshakeFormat.opening(opening, scheme: found.map { .init($0.scheme) })
            return .handshake(HandshakePart(side: speaker.side, content: content))
        case .answer:
            guard let answer = speaker.bytes.readSlice(length: HandshakeDigest.messageBytes) else { return nil }
            speaker.stage = .chunks
            let kind = HandshakeFormat.answer(answer, to: Array(peersOpening.dropFirst(8)))
            // Without the peer's opening nobody knows what is answered.
            let content = HandshakePart.Content.answer(peersOpening.isEmpty ? .unchecked : kind)
            return .handshake(HandshakePart(side: speaker.side, content: content))
        case .chunks:
            guard let message = try speaker.reader.read(from: &speaker.bytes) else { return nil }
            return .message(message, speaker.reader.takeChunks())
        case .lost: return nil
        }
    }
}
