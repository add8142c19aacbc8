import NIOCore
import RTMP

/// Plays over RTMP: the session talks until the server plays, and from then on only the scanner reads.
final class RTMPConversation: Conversation {
    /// S0, S1 and S2. Specification: RTMP 1.0, 5.2.
    private static let handshakeBytes = 1 + 2 * 1536
    /// User control events are on chunk stream 2. Specification: RTMP 1.0, 5.4.
    private static let controlStream: UInt8 = 2

    var outbound = ByteBuffer()
    private var session: RTMPClientSession?
    private let scanner = ChunkScanner()
    private var leftover = Leftover()
    private var handshakeLeft = handshakeBytes
    private var bytesReceived: UInt64 = 0
    private var bytesAcknowledged: UInt64 = 0
    private var windowBytes: UInt64 = 0

    /// - Parameter random: a number for the handshake's bytes.
    init(_ url: RTMPURL, random: UInt64, at now: UInt64) {
        // The plain handshake: what servers do for a digest is not what is measured.
        let configuration = RTMPClientSession.Configuration(
            url: url, purpose: .play(start: -2000), flashVersion: "LNX 9,0,124,2", usesDigest: false)
        let bytes = (0..<RTMPClientSession.handshakeRandomBytes).map { index in
            UInt8(truncatingIfNeeded: (random &* (UInt64(index) | 1)) >> 24)
        }
        session = RTMPClientSession(configuration: configuration, randomBytes: bytes, now: .uptimeNanoseconds(now))
    }

    func begin(at now: UInt64) {
        session?.start()
        do throws(ScanError) { try advance() } catch { session = nil }
    }

    func receive(_ raw: inout ByteBuffer, _ work: inout LoopMemory, at now: UInt64) throws(ScanError) {
        bytesReceived &+= UInt64(raw.readableBytes)
        if session != nil {
            session?.receive(ByteBuffer(bytes: raw.readableBytesView), at: .uptimeNanoseconds(now))
            try advance()
        }
        let passed = min(handshakeLeft, raw.readableBytes)
        raw.moveReaderIndex(forwardBy: passed)
        handshakeLeft -= passed
        try leftover.scan(&raw, scanner, &work)
        for request in work.output.requests { answer(request) }
        if session == nil, windowBytes > 0, bytesReceived &- bytesAcknowledged >= windowBytes {
            bytesAcknowledged = bytesReceived
            writeControl(type: 3, UInt32(truncatingIfNeeded: bytesReceived))
        }
    }

    /// What the session said itself, while there was one, is not said again.
    private func answer(_ request: ServerRequest) {
        switch request {
        case .acknowledgements(let bytes): windowBytes = UInt64(bytes)
        case .pong(let time): if session == nil { writeControl(type: 4, time, event: 7) }
        }
    }

    /// One control message with a full header. Specification: RTMP 1.0, 5.3.1.2.1 and 5.4.
    private func writeControl(type: UInt8, _ value: UInt32, event: UInt16? = nil) {
        let length: UInt32 = event == nil ? 4 : 6
        outbound.writeMultipleIntegers(Self.controlStream, UInt16(0), UInt8(0))
        outbound.writeMultipleIntegers(length << 8 | UInt32(type), UInt32(0))
        if let event { outbound.writeInteger(event) }
        outbound.writeInteger(value)
    }

    private func advance() throws(ScanError) {
        while true {
            let action: RTMPClientAction?
            do throws(RTMPError) {
                action = try session?.nextAction()
            } catch  where error.scope != .connection {
                continue
            } catch {
                throw ScanError("RTMP: \(error)")
            }
            switch action {
            case .send(var bytes)?: outbound.writeBuffer(&bytes)
            case .playing?: session = nil
            case .rejected(let code, let description)?: throw ScanError("refused: \(code): \(description)")
            case .reconnectRequested?: throw ScanError("the server asks to connect elsewhere")
            case .close(let error)?: throw ScanError(error.map { "RTMP: \($0)" } ?? "the server ended the stream")
            case .connected?, .publishing?, .media?, .status?, .streamEnded?: continue
            case nil: return
            }
        }
    }
}
