import Codecs
import HTTPTransport
import MediaCore
import NIOCore
import WebSocket

/// Frames as publishers send them, for bodies that are made of them.
enum Frames {
    /// 1280x720, by libx264, and another size.
    static let h264 = config(
        .video, .avc1,
        "0164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000668ebe3cb22c0fdf8f800")
    static let otherH264 = config(
        .video, .avc1,
        "0164000affe100196764000af3650b13b016c8000003000800000300f078912cb001000668ebe3cb22c0fcf8f800")
    /// Has no size; the keyframe has.
    static let vp9 = config(.video, .vp09, "0015820202020000")
    static let vp9Keyframe = hex("924983420014080b4b04")
    /// AAC-LC, 48 kHz, stereo: 1024 samples a frame.
    static let aac = config(.audio, .mp4a, "1190")
    static let opus = config(.audio, .opus, "4F707573486561640102380180BB0000000000")

    static func config(_ kind: MediaFrame.Kind, _ codec: FourCC, _ text: String) -> MediaFrame {
        MediaFrame(kind: kind, role: .configuration, codec: codec, decodeTime: .zero, payload: hex(text))
    }

    /// One NAL unit of H.264.
    static func picture(_ milliseconds: Int64, shownAfter: Int64 = 0, key: Bool = false) -> MediaFrame {
        var payload = ByteBuffer(integer: UInt32(20))
        payload.writeInteger(UInt8(key ? 0x65 : 0x41))
        payload.writeRepeatingByte(UInt8(truncatingIfNeeded: milliseconds), count: 19)
        return MediaFrame(
            kind: .video, role: key ? .key : .delta, codec: .avc1, decodeTime: MediaTime(milliseconds: milliseconds),
            compositionOffset: MediaTime(milliseconds: shownAfter), payload: payload)
    }

    static func sound(
        _ milliseconds: Int64, codec: FourCC = .mp4a, payload: ByteBuffer = ByteBuffer(bytes: [0x21, 2, 3])
    ) -> MediaFrame {
        MediaFrame(
            kind: .audio, role: .key, codec: codec, decodeTime: MediaTime(milliseconds: milliseconds),
            payload: payload)
    }

    static func hex(_ text: String) -> ByteBuffer {
        let digits = text.compactMap(\.hexDigitValue)
        return ByteBuffer(
            bytes: stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }
}

/// A body as its viewers get it, piece by piece.
struct Body {
    var renderer: any FrameRenderer

    init(_ format: LogFormat, past: [MediaFrame] = []) {
        renderer = format.makeRenderer()
        renderer.prepare(past)
    }

    /// What a frame puts into the log.
    mutating func render(_ frame: MediaFrame, arrival: NIODeadline = .now()) -> ByteBuffer {
        var bytes = ByteBuffer()
        renderer.render(frame, arrival: arrival, into: &bytes)
        return bytes
    }

    mutating func render(_ frames: [MediaFrame]) -> ByteBuffer {
        var bytes = ByteBuffer()
        for frame in frames { bytes.writeImmutableBuffer(render(frame)) }
        return bytes
    }

    mutating func end() -> ByteBuffer {
        var bytes = ByteBuffer()
        renderer.renderEnd(into: &bytes)
        return bytes
    }

    /// What WebSocket messages hold.
    static func messages(_ bytes: ByteBuffer) throws -> [WebSocketSession.Action] {
        var session = WebSocketSession(role: .client)
        session.receive(bytes)
        var actions: [WebSocketSession.Action] = []
        while let action = try session.next() { actions.append(action) }
        return actions
    }
}
