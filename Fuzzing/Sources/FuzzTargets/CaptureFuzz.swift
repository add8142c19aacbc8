import NIOCore
import PlainText
import StreamInspection

/// In front: how the bytes arrive. The rest is a capture file: its packets, the conversations in them, and what is said
/// of those.
func fuzzCapture(_ input: inout FuzzInput) {
    let pattern = input.byte()
    let whole = CaptureRun(input.rest, pattern: 0)
    let cut = CaptureRun(input.rest, pattern: pattern)
    promise(whole.heard == cut.heard, "cuts change nothing: \(whole.heard) \(cut.heard)")
    promise(whole.error == cut.error, "cuts change no error")
    promise(whole.packetBytes <= input.rest.readableBytes, "no bytes are invented")
    promise(whole.lines.allSatisfy { !$0.contains("\u{1B}") }, "a capture does not command the terminal")
}

private struct CaptureRun {
    var heard: [CapturedConversations.Output] = []
    var lines: [String] = []
    var packetBytes = 0
    var error: CaptureError?

    init(_ capture: ByteBuffer, pattern: UInt8) {
        var bytes = ByteBuffer()
        var reader = CaptureReader()
        var conversations = CapturedConversations()
        do throws(CaptureError) {
            for piece in Pieces(capture, pattern: pattern) {
                bytes.writeImmutableBuffer(piece)
                while let packet = try reader.read(from: &bytes) {
                    packetBytes += packet.bytes.readableBytes
                    heard += conversations.receive(packet)
                }
            }
        } catch {
            promise(!error.description.isEmpty, "an error says something")
            self.error = error
        }
        heard += conversations.finish()
        var text = CaptureText(style: TextStyle(columns: 100))
        for output in heard { lines += text.lines(output) }
        lines += text.lines(conversations.summary)
    }
}
