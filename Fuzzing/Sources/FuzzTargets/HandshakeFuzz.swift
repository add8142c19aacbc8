import NIOCore
import RTMP

/// The handshake's random bytes, which may be any: a peer cannot choose them.
let handshakeBytes = [UInt8](repeating: 0x5A, count: 1528)

/// In front: who is under test, and how the bytes arrive.
func fuzzHandshake(_ input: inout FuzzInput) {
    let role = input.byte()
    let pattern = input.byte()
    switch role % 3 {
    case 0:
        let make = { ServerHandshake(randomBytes: handshakeBytes, time: 1) }
        let whole = drive(make(), input.rest, pattern: 0)
        promise(whole == drive(make(), input.rest, pattern: pattern), "cuts change nothing")
        promise(whole.sentBytes <= 3073, "the server says no more than S0, S1 and S2")
    case 1:
        let make = { ClientHandshake(randomBytes: handshakeBytes, time: 1, usesDigest: role < 128) }
        let whole = drive(make(), input.rest, pattern: 0)
        promise(whole == drive(make(), input.rest, pattern: pattern), "cuts change nothing")
        promise(whole.sentBytes <= 3073, "the client says no more than C0, C1 and C2")
    default:
        shakeHands(&input, usesDigest: role < 128)
    }
}

/// What came of a handshake.
private struct HandshakeResult: Equatable {
    var outputs: [HandshakeOutput] = []
    var error: RTMPError?
    var bytesLeft = 0

    var sentBytes: Int {
        outputs.reduce(0) { if case .send(let bytes) = $1 { $0 + bytes.readableBytes } else { $0 } }
    }
}

private protocol HandshakeSide {
    mutating func receive(from bytes: inout ByteBuffer) throws(RTMPError) -> HandshakeOutput?
}

extension ServerHandshake: HandshakeSide {}
extension ClientHandshake: HandshakeSide {}

private func drive(_ side: some HandshakeSide, _ bytes: ByteBuffer, pattern: UInt8) -> HandshakeResult {
    var side = side
    var result = HandshakeResult()
    var pending = ByteBuffer()
    do throws(RTMPError) {
        // A client speaks first, with nothing received.
        while let output = try side.receive(from: &pending) { result.outputs.append(output) }
        for piece in Pieces(bytes, pattern: pattern) {
            pending.writeImmutableBuffer(piece)
            while let output = try side.receive(from: &pending) { result.outputs.append(output) }
        }
        result.bytesLeft = pending.readableBytes
    } catch {
        result.error = error
    }
    return result
}

/// Both ends of ours, with random bytes from the input: they must come to an end.
private func shakeHands(_ input: inout FuzzInput, usesDigest: Bool) {
    let clientRandom = input.bytes(1528)
    var client = ClientHandshake(
        randomBytes: Array(clientRandom.readableBytesView), time: 0, usesDigest: usesDigest)
    var server = ServerHandshake(randomBytes: Array(input.rest.readableBytesView), time: 0)
    var toServer = ByteBuffer()
    var toClient = ByteBuffer()
    var completed = 0
    do throws(RTMPError) {
        for _ in 0..<4 {
            while let output = try client.receive(from: &toClient) {
                if case .send(let bytes) = output { toServer.writeImmutableBuffer(bytes) } else { completed += 1 }
            }
            while let output = try server.receive(from: &toServer) {
                if case .send(let bytes) = output { toClient.writeImmutableBuffer(bytes) } else { completed += 1 }
            }
        }
    } catch {
        promise(false, "our ends understand each other: \(error)")
    }
    promise(completed == 2, "both ends complete")
}
