import NIOCore
import RTMP
import Testing

@Suite("Conversations of others")
struct WireListenerTests {
    private static func words(_ heard: [WireListener.Heard]) -> [String] {
        heard.map { heard in
            switch heard {
            case .event(let event): "\(event.direction.rawValue): \(event.words)"
            case .lost(let side, let error): "\(side.rawValue) lost: \(error.detail)"
            }
        }
    }

    private static func listen(_ bytes: [UInt8], from side: HandshakePart.Side, piece: Int) -> [String] {
        var listener = WireListener()
        var heard: [WireListener.Heard] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let part = ByteBuffer(bytes: bytes[start..<min(start + piece, bytes.count)])
            heard += listener.receive(part, from: side, at: .uptimeNanoseconds(0))
        }
        return words(heard)
    }

    @Test(arguments: ["ffmpeg", "gstreamer", "librtmp"])
    func piecesDoNotMatter(name: String) throws {
        let bytes = try CaptureTests.recording("\(name).client")
        let whole = Self.listen(bytes, from: .client, piece: bytes.count)
        #expect(whole.count > 20 && whole.first == "out: version 3")
        for piece in [1, 2, 3, 127, 1537] { #expect(Self.listen(bytes, from: .client, piece: piece) == whole) }
    }

    @Test func whatIsNoRTMPIsLostOnce() {
        var listener = WireListener()
        let request = ByteBuffer(string: "GET / HTTP/1.1\r\n")
        let heard = listener.receive(request, from: .server, at: .uptimeNanoseconds(0))
        #expect(Self.words(heard) == ["S lost: it begins with 71, which is no plain RTMP"])
        #expect(listener.receive(request, from: .server, at: .uptimeNanoseconds(0)) == [])
        #expect(listener.lose(.server) == [])
        #expect(Self.words(listener.lose(.client)) == ["C lost: bytes are missing"])
    }

    @Test func echoesAreRecognised() {
        var listener = WireListener()
        let opening = (0..<1536).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var heard = listener.receive(ByteBuffer(bytes: [3] + opening), from: .client, at: .uptimeNanoseconds(0))
        let zeros = [UInt8](repeating: 0, count: 1536)
        heard += listener.receive(ByteBuffer(bytes: [3] + zeros + opening), from: .server, at: .uptimeNanoseconds(0))
        #expect(Self.words(heard).last == "in: echo of C1")
    }
}
