import NIOCore

/// One thing said on a connection: a part of the handshake, or a message with the chunks it came in. What `WireEvent`
/// holds are facts; ``words`` says them to people.
public struct WireEvent: Sendable, Equatable {
    /// Who said it.
    public enum Direction: String, Sendable, Hashable {
        /// The peer.
        case incoming = "in"
        /// This end.
        case outgoing = "out"
    }

    /// What was said.
    public enum Content: Sendable, Equatable {
        /// A part of the handshake.
        case handshake(HandshakePart)
        /// A message. Its payload may be cut; ``WireEvent/payloadBytes`` tells what it was.
        case message(RTMPMessage, WireChunks)
    }

    /// When: for what came, when its last bytes were taken in; for what went, when it was handed out for sending.
    public var time: NIODeadline
    /// Who said it.
    public var direction: Direction
    /// What was said.
    public var content: Content
    /// The payload's bytes, of a message.
    public var payloadBytes: Int

    /// Makes an event; see the properties.
    public init(time: NIODeadline, direction: Direction, content: Content) {
        self.time = time
        self.direction = direction
        self.content = content
        if case .message(let message, _) = content {
            payloadBytes = message.payload.readableBytes
        } else {
            payloadBytes = 0
        }
    }

    /// What was said, in words of at most ``WireWords/bytesMax`` bytes, without secrets.
    public var words: String {
        switch content {
        case .handshake(let part): part.words
        case .message(let message, _): WireWords.words(for: message, payloadBytes: payloadBytes)
        }
    }

    /// The event with bytes of its own, of which a long payload keeps only the beginning: what is a slice of a read
    /// buffer would hold all of it in memory.
    func detached(payloadBytesMax: Int) -> WireEvent {
        guard case .message(var message, let chunks) = content else { return self }
        message.payload = ByteBuffer(message.payload.readableBytesView.prefix(payloadBytesMax))
        var event = self
        event.content = .message(message, chunks)
        return event
    }
}

/// A part of the handshake. Specification: RTMP 1.0, 5.2.
public struct HandshakePart: Sendable, Hashable {
    /// Which end says it.
    public enum Side: String, Sendable, Hashable {
        /// The end that opened the connection.
        case client = "C"
        /// The other end.
        case server = "S"
    }

    /// Where the signed form has its digest. The numbers are those that servers' documentations use.
    public enum Scheme: Int, Sendable, Hashable {
        /// Time, version, key, digest.
        case keyFirst = 0
        /// Time, version, digest, key: FFmpeg.
        case digestFirst = 1

        init(_ scheme: HandshakeDigest.Scheme) {
            self = scheme == .keyFirst ? .keyFirst : .digestFirst
        }
    }

    /// What the part holds.
    public enum Content: Sendable, Hashable {
        /// C0 or S0: the protocol's version.
        case version(UInt8)
        /// C1 or S1: a clock in milliseconds, the program's version, and where the digest is; nil in the plain form.
        case opening(time: UInt32, programVersion: UInt32, scheme: Scheme?)
        /// C2 or S2.
        case answer(Answer)
    }

    /// What C2 or S2 answers with.
    public enum Answer: Sendable, Hashable {
        /// The peer's opening again, perhaps with other times.
        case echo
        /// A signature over the peer's digest.
        case signature
        /// Something else: zeros, random bytes, or a signature; nobody has checked which.
        case unchecked
    }

    /// Which end says it.
    public var side: Side
    /// What the part holds.
    public var content: Content

    /// Makes a part; see the properties.
    public init(side: Side, content: Content) {
        self.side = side
        self.content = content
    }

    /// "C0" to "S2".
    public var name: String {
        let number =
            switch content {
            case .version: 0
            case .opening: 1
            case .answer: 2
            }
        return "\(side.rawValue)\(number)"
    }

    /// "time 0, digest scheme 1, Flash 9.0.124.2".
    public var words: String {
        switch content {
        case .version(let version):
            return "version \(version)"
        case .opening(let time, let programVersion, let scheme):
            let form = scheme.map { "digest scheme \($0.rawValue)" } ?? "plain"
            guard programVersion != 0 else { return "time \(time), \(form)" }
            let numbers = [24, 16, 8, 0].map { String(programVersion >> $0 & 0xFF) }.joined(separator: ".")
            return "time \(time), \(form), \(side == .client ? "Flash" : "server") \(numbers)"
        case .answer(let answer):
            let peer = side == .client ? HandshakePart.Side.server : .client
            switch answer {
            case .echo: return "echo of \(peer.rawValue)1"
            case .signature: return "signature over the digest of \(peer.rawValue)1"
            case .unchecked: return "signature or random bytes, not checked"
            }
        }
    }
}
