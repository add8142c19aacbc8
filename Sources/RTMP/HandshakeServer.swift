import NIOCore

/// The server's side of the handshake. Specification: RTMP 1.0, 5.2.
///
/// Answers a client that signs C1 in the same form, whichever of the two, and any other plainly.
public struct ServerHandshake: Sendable, Handshake {
    private enum State: Sendable {
        /// Nothing has arrived. Next: the client's version, one byte.
        case awaitingC0
        /// The client speaks version 3. Next: its 1536 bytes, on which S0, S1 and S2 are sent together.
        case awaitingC1
        /// Everything of ours is sent. Next: 1536 bytes of acknowledgement.
        case awaitingC2
        /// C2 has arrived.
        case completed
        /// The client asked for another version and was told ours. Next: an error.
        case refused(version: UInt8)
    }

    /// What S1 names as the server's version in the signed form. FFmpeg checks signatures only of servers from 3 on.
    private static let programVersion: UInt32 = 0x0405_0001

    private let randomBytes: [UInt8]
    private let time: UInt32
    let side = HandshakePart.Side.server
    private var state = State.awaitingC0
    /// What was said and is not taken yet.
    private var parts: [HandshakePart] = []

    /// - Parameters:
    ///   - randomBytes: 1528 bytes for S1.
    ///   - time: the server's clock in milliseconds.
    public init(randomBytes: [UInt8], time: UInt32) {
        self.randomBytes = HandshakeFormat.exactly(randomBytes)
        self.time = time
    }

    /// Takes the client's bytes; those it leaves have to be in front of the next ones. Call it until it returns `nil`.
    ///
    /// - Returns: what to do next; `nil` when more bytes are needed, and always after `completed`.
    /// - Throws: `versionUnsupported` for another version than 3. Where the specification wants the client to be told,
    ///   S0 is given to send first, and the error thrown by the next call.
    public mutating func receive(from bytes: inout ByteBuffer) throws(RTMPError) -> HandshakeOutput? {
        switch state {
        case .awaitingC0:
            guard let version = bytes.readInteger(as: UInt8.self) else { return nil }
            parts.append(HandshakePart(side: .client, content: .version(version)))
            return try receive(version: version, from: &bytes)
        case .awaitingC1:
            guard let c1 = bytes.readBytes(length: HandshakeDigest.messageBytes) else { return nil }
            state = .awaitingC2
            return .send(answer(to: c1))
        case .awaitingC2:
            // What C2 holds is not checked: it proves nothing about a client, and many send zeros or an echo of S1 with
            // times of their own.
            guard let c2 = bytes.readSlice(length: HandshakeDigest.messageBytes) else { return nil }
            parts.append(
                HandshakePart(side: .client, content: .answer(HandshakeFormat.answer(c2, to: randomBytes))))
            state = .completed
            return .completed
        case .completed:
            return nil
        case .refused(let version):
            throw Self.unsupported(version)
        }
    }

    /// C0. Specification: 5.2.2.
    ///
    /// "A server that does not recognize the client's requested version SHOULD respond with 3. The client MAY choose to
    /// degrade to version 3, or to abandon the handshake." We answer S0 with 3 and then give up the connection: a
    /// client that would degrade has sent a C1 of its own version by then, and connects anew. Versions 6, 8 and 9 are
    /// RTMPE, whose C1 we could not continue from anyway. Versions from 32 on are "not allowed"; they are the first
    /// letter of a text protocol such as HTTP, whose client would only be confused by an answer.
    private mutating func receive(
        version: UInt8, from bytes: inout ByteBuffer
    ) throws(RTMPError) -> HandshakeOutput? {
        switch version {
        case HandshakeFormat.version:
            state = .awaitingC1
            return try receive(from: &bytes)
        case 0..<32:
            state = .refused(version: version)
            parts.append(HandshakePart(side: .server, content: .version(HandshakeFormat.version)))
            return .send(ByteBuffer(bytes: [HandshakeFormat.version]))
        default:
            state = .refused(version: version)
            throw Self.unsupported(version)
        }
    }

    private static func unsupported(_ version: UInt8) -> RTMPError {
        let meaning =
            switch version {
            case 6, 8, 9: ", which is RTMPE: encryption without authentication; use RTMPS"
            case 22: ", which looks like TLS on a port without it"
            case 32...: ", which looks like the text of another protocol"
            default: ""
            }
        return RTMPError(.versionUnsupported, "the client asks for version \(version)\(meaning)")
    }

    /// S0, S1 and S2.
    private mutating func answer(to c1: [UInt8]) -> ByteBuffer {
        var output = ByteBuffer()
        output.reserveCapacity(1 + 2 * HandshakeDigest.messageBytes)
        output.writeInteger(HandshakeFormat.version)
        // A client without a version is of the plain form. 5.2.3 has zeros there.
        guard c1[4..<8].contains(where: { $0 != 0 }), let found = HandshakeDigest.find(in: c1, by: .client) else {
            output.writeBytes(HandshakeFormat.firstMessage(time: time, programVersion: 0, randomBytes: randomBytes))
            // S2 has the time C1 was read in bytes 4 to 7 (5.2.4), but librtmp compares all of S2 with its C1.
            output.writeBytes(c1)
            note(c1, programVersion: 0, scheme: nil, answer: .echo)
            return output
        }
        var s1 = HandshakeFormat.firstMessage(
            time: time, programVersion: Self.programVersion, randomBytes: randomBytes)
        HandshakeDigest.sign(&s1, found.scheme, by: .server)
        output.writeBytes(s1)
        output.writeBytes(HandshakeDigest.answer(to: found.digest, randomBytes: randomBytes, by: .server))
        note(c1, programVersion: Self.programVersion, scheme: .init(found.scheme), answer: .signature)
        return output
    }

    /// What was said since the last time.
    mutating func takeParts() -> [HandshakePart] {
        defer { parts = [] }
        return parts
    }

    /// Notes C1 and the answer to it.
    private mutating func note(
        _ c1: [UInt8], programVersion: UInt32, scheme: HandshakePart.Scheme?, answer: HandshakePart.Answer
    ) {
        parts += [
            HandshakePart(side: .client, content: HandshakeFormat.opening(c1, scheme: scheme)),
            HandshakePart(side: .server, content: .version(HandshakeFormat.version)),
            HandshakePart(
                side: .server, content: .opening(time: time, programVersion: programVersion, scheme: scheme)),
            HandshakePart(side: .server, content: .answer(answer)),
        ]
    }
}
