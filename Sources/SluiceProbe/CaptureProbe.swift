import MediaFiles
import NIOCore
import StreamInspection

/// Tells the RTMP conversations in a capture file.
package enum CaptureProbe {
    /// Hands out the lines as they are found.
    ///
    /// - Throws: ``ProbeError`` when the file cannot be read or is no capture.
    package static func tell(
        _ path: String, as teller: any CaptureTeller, _ print: ([String]) -> Void
    ) async throws(ProbeError) {
        do {
            var pieces = try FilePieces(path: path)
            var reader = CaptureReader()
            var conversations = CapturedConversations()
            var teller = teller
            var bytes = ByteBuffer()
            while let piece = try await pieces.next() {
                bytes.writeImmutableBuffer(piece)
                while let packet = try reader.read(from: &bytes) {
                    for output in conversations.receive(packet) { print(teller.lines(output)) }
                }
                bytes.discardReadBytes()
            }
            for output in conversations.finish() { print(teller.lines(output)) }
            var summary = conversations.summary
            summary.endsWithinPacket = bytes.readableBytes > 0
            print(teller.lines(summary))
        } catch {
            let words = "\(error)"
            throw ProbeError(words.hasPrefix(path) ? words : "\(path): \(words)")
        }
    }
}
