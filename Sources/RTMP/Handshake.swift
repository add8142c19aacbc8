import NIOCore

/// What a handshake wants done. Specification: RTMP 1.0, 5.2.
public enum HandshakeOutput: Sendable, Equatable {
    /// These bytes are to be sent.
    case send(ByteBuffer)
    /// The handshake is over; the bytes that follow are chunks.
    case completed
}

/// One side of the handshake, as a session knows it.
protocol Handshake {
    /// Whose side it is.
    var side: HandshakePart.Side { get }

    /// Takes the peer's bytes; those it leaves have to be in front of the next ones.
    mutating func receive(from bytes: inout ByteBuffer) throws(RTMPError) -> HandshakeOutput?

    /// What was said since the last time.
    mutating func takeParts() -> [HandshakePart]
}

/// What both sides of the handshake share. Specification: RTMP 1.0, 5.2.2 to 5.2.4.
enum HandshakeFormat {
    /// The only version there is; C0 and S0.
    static let version: UInt8 = 3
    /// The random bytes of C1 and S1.
    static let randomBytes = HandshakeDigest.messageBytes - 8

    /// C1 or S1: time, four bytes that are zero or, in the signed form, the program's version, and random bytes.
    static func firstMessage(time: UInt32, programVersion: UInt32, randomBytes: [UInt8]) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeInteger(time)
        buffer.writeInteger(programVersion)
        buffer.writeBytes(randomBytes)
        return Array(buffer.readableBytesView)
    }

    /// What C1 or S1 says in front of its random bytes.
    static func opening(_ message: [UInt8], scheme: HandshakePart.Scheme?) -> HandshakePart.Content {
        let head = ByteBuffer(bytes: message.prefix(8))
        return .opening(
            time: head.getInteger(at: 0) ?? 0, programVersion: head.getInteger(at: 4) ?? 0, scheme: scheme)
    }

    /// What C2 or S2 is, as far as one sees without computing: an echo differs from the random bytes that the peer was
    /// sent by no more than the digest among them.
    static func answer(_ message: ByteBuffer, to randomBytes: [UInt8]) -> HandshakePart.Answer {
        let differences = zip(message.readableBytesView.dropFirst(8), randomBytes).count { $0 != $1 }
        return differences <= HandshakeDigest.digestBytes ? .echo : .unchecked
    }

    /// Exactly as many random bytes as C1 and S1 hold: too few are filled up with zeros, which is no worse than a peer
    /// may do, too many are cut.
    static func exactly(_ randomBytes: [UInt8]) -> [UInt8] {
        let missing = max(0, Self.randomBytes - randomBytes.count)
        return Array(randomBytes.prefix(Self.randomBytes)) + Array(repeating: 0, count: missing)
    }
}
