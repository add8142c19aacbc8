import MediaFiles
import NIOCore
import PlainText
import StreamInspection

/// Tells the RTMP conversations in a capture file.
package enum CaptureProbe {
    /// Hands out the lines as they are found.
    ///
    /// - Throws: ``ProbeError`` when the file cannot be read or is no capture.
    package static func tell(
        _ path: String, style: TextStyle, _ print: ([String]) -> Void
    ) async throws(ProbeError) {
        do {
            var pieces = try FilePieces(path: path)
            var reader = CaptureReader()
            var conversations = CapturedConversations()
            var text = CaptureText(style: style)
            var bytes = ByteBuffer()
            while let piece = try await pieces.next() {
                bytes.writeImmutableBuffer(piece)
                while let packet = try reader.read(from: &bytes) {
                    for output in conversations.receive(packet) { print(text.lines(output)) }
                }
                bytes.discardReadBytes()
            }
            for output in conversations.finish() { print(text.lines(output)) }
            if bytes.readableBytes > 0 { print(["the file ends within a packet"]) }
            print(text.lines(conversations.summary))
        } catch {
            let words = "\(error)"
            throw ProbeError(words.hasPrefix(path) ? words : "\(path): \(words)")
        }
    }
}
