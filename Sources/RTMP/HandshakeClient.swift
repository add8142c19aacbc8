import NIOCore

/// The client's side of the handshake. Specification: RTMP 1.0, 5.2.
public struct ClientHandshake: Sendable, Handshake {
    private enum State: Sendable {
        /// Nothing has happened. Next: C0 and C1 are sent.
        case start
        /// C0 and C1 are sent. Next: the server's version, one byte.
        case awaitingS0
        /// The server speaks version 3. Next: its 1536 bytes, on which C2 is sent.
        case awaitingS1
        /// Everything of ours is sent. Next: 1536 bytes of acknowledgement.
        case awaitingS2
        /// S2 has arrived.
        case completed
    }

    /// What C1 names as the player's version in the signed form: Flash Player 10.0.45.2, the first that some servers
    /// take for able to play H.264.
    private static let programVersion: UInt32 = 0x0A00_2D02

    private let randomBytes: [UInt8]
    private let time: UInt32
    private let usesDigest: Bool
    let side = HandshakePart.Side.client
    private var state = State.start
    /// What was said and is not taken yet.
    private var parts: [HandshakePart] = []

    /// - Parameters:
    ///   - randomBytes: 1528 bytes for C1.
    ///   - time: the client's clock in milliseconds.
    ///   - usesDigest: whether C1 is signed. Servers that do not know signatures take them for random bytes.
    public init(randomBytes: [UInt8], time: UInt32, usesDigest: Bool = true) {
        self.randomBytes = HandshakeFormat.exactly(randomBytes)
        self.time = time
        self.usesDigest = usesDigest
    }

    /// Takes the server's bytes; those it leaves have to be in front of the next ones. The first call, with an empty
    /// buffer, gives C0 and C1. Call it until it returns `nil`.
    ///
    /// - Returns: what to do next; `nil` when more bytes are needed, and always after `completed`.
    /// - Throws: `versionUnsupported` when the server wants another version than 3.
    public mutating func receive(from bytes: inout ByteBuffer) throws(RTMPError) -> HandshakeOutput? {
        switch state {
        case .start:
            state = .awaitingS0
            return .send(opening())
        case .awaitingS0:
            guard let version = bytes.readInteger(as: UInt8.self) else { return nil }
            parts.append(HandshakePart(side: .server, content: .version(version)))
            guard version == HandshakeFormat.version else {
                throw RTMPError(.versionUnsupported, "the server answers with version \(version)")
            }
            state = .awaitingS1
            return try receive(from: &bytes)
        case .awaitingS1:
            guard let s1 = bytes.readBytes(length: HandshakeDigest.messageBytes) else { return nil }
            state = .awaitingS2
            return .send(acknowledgement(of: s1))
        case .awaitingS2:
            // What S2 holds is not checked: servers echo C1 with and without their own time, sign it with any of
            // several keys, or send zeros, and nothing is gained by refusing them.
            guard let s2 = bytes.readSlice(length: HandshakeDigest.messageBytes) else { return nil }
            parts.append(
                HandshakePart(side: .server, content: .answer(HandshakeFormat.answer(s2, to: randomBytes))))
            state = .completed
            return .completed
        case .completed:
            return nil
        }
    }

    /// C0 and C1.
    private mutating func opening() -> ByteBuffer {
        var c1 = HandshakeFormat.firstMessage(
            time: time, programVersion: usesDigest ? Self.programVersion : 0, randomBytes: randomBytes)
        // FFmpeg's place for it.
        if usesDigest { HandshakeDigest.sign(&c1, .digestFirst, by: .client) }
        parts += [
            HandshakePart(side: .client, content: .version(HandshakeFormat.version)),
            HandshakePart(
                side: .client, content: HandshakeFormat.opening(c1, scheme: usesDigest ? .digestFirst : nil)),
        ]
        return ByteBuffer(bytes: [HandshakeFormat.version] + c1)
    }

    /// C2: signed where the server signed S1, else the echo that 5.2.4 asks for.
    private mutating func acknowledgement(of s1: [UInt8]) -> ByteBuffer {
        let found = usesDigest ? HandshakeDigest.find(in: s1, by: .server) : nil
        parts += [
            HandshakePart(side: .server, content: HandshakeFormat.opening(s1, scheme: found.map { .init($0.scheme) })),
            HandshakePart(side: .client, content: .answer(found == nil ? .echo : .signature)),
        ]
        guard let found else { return ByteBuffer(bytes: s1) }
        return ByteBuffer(bytes: HandshakeDigest.answer(to: found.digest, randomBytes: randomBytes, by: .client))
    }

    /// What was said since the last time.
    mutating func takeParts() -> [HandshakePart] {
        defer { parts = [] }
        return parts
    }
}
