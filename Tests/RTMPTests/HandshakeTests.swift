import MediaTesting
import NIOCore
import RTMP
import Testing

/// Random bytes that are the same in Python: `bytes((i * factor + i // 256) & 255 for i in range(1528))`.
private func random(_ factor: Int) -> [UInt8] {
    (0..<1528).map { UInt8(truncatingIfNeeded: $0 &* factor &+ $0 / 256) }
}

/// What the tests' client and server are given; made once, since the verifier makes thousands of handshakes.
private let clientRandom = random(7)
private let serverRandom = random(11)

private func hex(_ text: String) -> [UInt8] {
    var digits = text[...]
    var bytes: [UInt8] = []
    while let byte = UInt8(digits.prefix(2), radix: 16) {
        bytes.append(byte)
        digits = digits.dropFirst(2)
    }
    return bytes
}

/// A signed handshake's constants, computed with Python's hmac and hashlib from the two keys, for a C1 of random(7) and
/// an S1 of random(11).
struct SignedHandshake: Sendable, CustomTestStringConvertible {
    var name: String
    /// Where the digest lies in C1, and what it is for time 0x01020304 and version 9.0.124.2.
    var clientPosition: Int
    var clientDigest: String
    /// Where the digest lies in S1, and what it is for time 5 and version 4.5.0.1.
    var serverPosition: Int
    var serverDigest: String
    /// The last 32 bytes of S2 and C2.
    var serverSignature: String
    var clientSignature: String

    var testDescription: String { name }

    var c1: [UInt8] {
        var bytes: [UInt8] = [1, 2, 3, 4, 9, 0, 0x7C, 2] + clientRandom
        bytes.replaceSubrange(clientPosition..<(clientPosition + 32), with: hex(clientDigest))
        return bytes
    }

    var s1: [UInt8] {
        var bytes: [UInt8] = [0, 0, 0, 5, 4, 5, 0, 1] + serverRandom
        bytes.replaceSubrange(serverPosition..<(serverPosition + 32), with: hex(serverDigest))
        return bytes
    }

    var s2: [UInt8] { serverRandom.prefix(1504) + hex(serverSignature) }
    var c2: [UInt8] { clientRandom.prefix(1504) + hex(clientSignature) }
}

private let signedHandshakes = [
    SignedHandshake(
        name: "digest first", clientPosition: 54,
        clientDigest: "87f89e2f5a5630a4ec98361a9378dcb2353b90f892109e5478d99ee1dbed1f27", serverPosition: 78,
        serverDigest: "09a1802d78e846b39d4fd51b4d725c3c2dbc7e4a4c04974e51d9078d644a1495",
        serverSignature: "89ce03779ec4c733dea969c29fefe6b112277940ee02b0d303ce1302acbad244",
        clientSignature: "304088435d448ef251c8aef87e5a00b20636d66c2e4658ed2a1263bc9790b2b6"),
    SignedHandshake(
        name: "key first", clientPosition: 1010,
        clientDigest: "89685dc0691ae9256602dfc80da7f1961f6d14c45a7b4fa1e1d86a037ec72cb4", serverPosition: 970,
        serverDigest: "711f91dcf454c03bf249fba97fda81f5e407d6a52fec10ab575f0c78cbdec3c6",
        serverSignature: "63c810aa5d4c21f0c21fd29efbf942bdef9bbec17fd56ca47bc4fbc0cc9e8b67",
        clientSignature: "e1625cda45716dc794625ff6ef646af8377a4c73059cab7111e90c191d3715af"),
]

/// Feeds a handshake, and returns what it wants done.
private func drain(
    _ bytes: inout ByteBuffer, _ receive: (inout ByteBuffer) throws(RTMPError) -> HandshakeOutput?
) throws(RTMPError) -> [HandshakeOutput] {
    var outputs: [HandshakeOutput] = []
    while let output = try receive(&bytes) { outputs.append(output) }
    return outputs
}

private var serverVerifier: ParserVerifier<HandshakeOutput> {
    ParserVerifier {
        var handshake = ServerHandshake(randomBytes: serverRandom, time: 5)
        return { bytes in try drain(&bytes) { (rest) throws(RTMPError) in try handshake.receive(from: &rest) } }
    }
}

private let plainC1: [UInt8] = [0, 0, 0, 9, 0, 0, 0, 0] + clientRandom
private let plainS1: [UInt8] = [0, 0, 0, 5, 0, 0, 0, 0] + serverRandom
private let anyC2 = [UInt8](repeating: 0, count: 1536)

@Suite("The server's handshake: RTMP 1.0, 5.2")
struct HandshakeServerTests {
    @Test("A plain C1 is echoed, however the bytes are cut")
    func plain() throws {
        try serverVerifier.verify(
            chunkBytes([3], plainC1, anyC2),
            expecting: [.send(ByteBuffer(bytes: chunkBytes([3], plainS1, plainC1))), .completed], flips: [0xFF])
    }

    @Test("A C1 with a version and no digest is echoed too")
    func unsignedVersion() throws {
        var c1 = plainC1
        c1.replaceSubrange(4..<8, with: [9, 0, 0x7C, 2])
        var handshake = ServerHandshake(randomBytes: serverRandom, time: 5)
        var bytes = ByteBuffer(bytes: [3] + c1)
        #expect(try handshake.receive(from: &bytes) == .send(ByteBuffer(bytes: chunkBytes([3], plainS1, c1))))
    }

    @Test("A signed C1 is answered in its own form", arguments: signedHandshakes)
    func signed(_ vector: SignedHandshake) throws {
        try serverVerifier.verify(
            chunkBytes([3], vector.c1, anyC2),
            expecting: [.send(ByteBuffer(bytes: chunkBytes([3], vector.s1, vector.s2))), .completed], flips: [0x01])
    }

    @Test("The bytes behind C2 are left for the chunks")
    func restIsLeft() throws {
        var handshake = ServerHandshake(randomBytes: serverRandom, time: 5)
        var bytes = ByteBuffer(bytes: chunkBytes([3], plainC1, anyC2, [2, 0, 0]))
        #expect(try drain(&bytes) { (rest) throws(RTMPError) in try handshake.receive(from: &rest) }.count == 2)
        #expect(bytes.readableBytes == 3)
    }

    @Test("Another version is told 3 and then refused: 5.2.2", arguments: [0, 2, 4, 6, 8, 22, 31] as [UInt8])
    func otherVersion(_ version: UInt8) throws {
        var handshake = ServerHandshake(randomBytes: serverRandom, time: 5)
        var bytes = ByteBuffer(bytes: [version] + plainC1)
        #expect(try handshake.receive(from: &bytes) == .send(ByteBuffer(bytes: [3])))
        for _ in 0..<2 {
            let error = #expect(throws: RTMPError.self) { try handshake.receive(from: &bytes) }
            #expect(error?.code == .versionUnsupported)
        }
    }

    @Test("RTMPE is refused by its name", arguments: [6, 8, 9] as [UInt8])
    func encryptedVersion(_ version: UInt8) throws {
        var handshake = ServerHandshake(randomBytes: serverRandom, time: 5)
        var bytes = ByteBuffer(bytes: [version])
        _ = try handshake.receive(from: &bytes)
        let error = #expect(throws: RTMPError.self) { try handshake.receive(from: &bytes) }
        #expect(error?.detail.contains("RTMPE") == true)
    }

    @Test("A text protocol gets no answer", arguments: [32, 71, 255] as [UInt8])
    func textProtocol(_ version: UInt8) {
        var handshake = ServerHandshake(randomBytes: serverRandom, time: 5)
        var bytes = ByteBuffer(bytes: [version])
        let error = #expect(throws: RTMPError.self) { try handshake.receive(from: &bytes) }
        #expect(error?.code == .versionUnsupported)
    }

    @Test("Too few or too many random bytes still make 1536", arguments: [0, 10, 2000])
    func randomByteCount(_ count: Int) throws {
        var handshake = ServerHandshake(randomBytes: Array(repeating: 1, count: count), time: 5)
        var bytes = ByteBuffer(bytes: [3] + plainC1)
        guard case .send(let answer)? = try handshake.receive(from: &bytes) else {
            Issue.record("no answer")
            return
        }
        #expect(answer.readableBytes == 1 + 2 * 1536)
    }
}

@Suite("The client's handshake: RTMP 1.0, 5.2")
struct HandshakeClientTests {
    /// What the client says first, with the digest of Python's hmac for version 10.0.45.2.
    private var signedC1: [UInt8] {
        var bytes: [UInt8] = [1, 2, 3, 4, 10, 0, 45, 2] + clientRandom
        let digest = hex("0d5bfc22ffa8be25ee8ab2ba1134d6215a09b5bb4e611c840d2126be2b3be46c")
        bytes.replaceSubrange(54..<86, with: digest)
        return bytes
    }

    private func verifier(usesDigest: Bool) -> ParserVerifier<HandshakeOutput> {
        ParserVerifier {
            var handshake = ClientHandshake(randomBytes: clientRandom, time: 0x0102_0304, usesDigest: usesDigest)
            var none = ByteBuffer()
            _ = try? handshake.receive(from: &none)
            return { bytes in try drain(&bytes) { (rest) throws(RTMPError) in try handshake.receive(from: &rest) } }
        }
    }

    @Test("The first call gives C0 and C1", arguments: [true, false])
    func opening(_ usesDigest: Bool) throws {
        var handshake = ClientHandshake(randomBytes: clientRandom, time: 0x0102_0304, usesDigest: usesDigest)
        var none = ByteBuffer()
        let c1 = usesDigest ? signedC1 : [1, 2, 3, 4, 0, 0, 0, 0] + clientRandom
        #expect(try handshake.receive(from: &none) == .send(ByteBuffer(bytes: [3] + c1)))
        #expect(try handshake.receive(from: &none) == nil)
    }

    @Test("A signed S1 is answered with a signature", arguments: signedHandshakes)
    func signed(_ vector: SignedHandshake) throws {
        try verifier(usesDigest: true).verify(
            chunkBytes([3], vector.s1, vector.s2), expecting: [.send(ByteBuffer(bytes: vector.c2)), .completed],
            flips: [0x01])
    }

    @Test("Any other S1 is echoed, and S2 is taken as it is", arguments: [true, false])
    func plain(_ usesDigest: Bool) throws {
        try verifier(usesDigest: usesDigest).verify(
            chunkBytes([3], plainS1, anyC2), expecting: [.send(ByteBuffer(bytes: plainS1)), .completed],
            flips: [0xFF])
    }

    @Test("Another version of the server ends the handshake", arguments: [0, 2, 6, 72] as [UInt8])
    func otherVersion(_ version: UInt8) throws {
        var handshake = ClientHandshake(randomBytes: clientRandom, time: 0)
        var bytes = ByteBuffer(bytes: [version])
        _ = try handshake.receive(from: &bytes)
        let error = #expect(throws: RTMPError.self) { try handshake.receive(from: &bytes) }
        #expect(error?.code == .versionUnsupported)
    }

    @Test("Client and server finish with each other", arguments: [true, false])
    func together(_ usesDigest: Bool) throws {
        var client = ClientHandshake(randomBytes: clientRandom, time: 1, usesDigest: usesDigest)
        var server = ServerHandshake(randomBytes: serverRandom, time: 2)
        var toServer = ByteBuffer()
        var toClient = ByteBuffer()
        var completed = 0
        for _ in 0..<3 {
            for output in try drain(&toClient, { (rest) throws(RTMPError) in try client.receive(from: &rest) }) {
                if case .send(let bytes) = output { toServer.writeImmutableBuffer(bytes) } else { completed += 1 }
            }
            for output in try drain(&toServer, { (rest) throws(RTMPError) in try server.receive(from: &rest) }) {
                if case .send(let bytes) = output { toClient.writeImmutableBuffer(bytes) } else { completed += 1 }
            }
        }
        #expect(completed == 2)
        #expect(toServer.readableBytes + toClient.readableBytes == 0)
    }
}
