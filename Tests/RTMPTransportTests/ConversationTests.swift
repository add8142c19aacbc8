import MediaCore
import MediaTesting
import NIOCore
import RTMP
import RTMPTransport
import Testing

@Suite("Conversations, looked at", .ownThread)
struct ConversationTests {
    private func conversation(_ server: RTMPServerHarness, _ stream: String) async throws -> RTMPConversation {
        let name = try StreamName(application: "live", stream: stream)
        #expect(try await server.eventually { server.service.conversations.conversation(publishing: name) != nil })
        return try #require(server.service.conversations.conversation(publishing: name))
    }

    @Test func openingIsKeptWithoutSecrets() async throws {
        let server = try await RTMPServerHarness()
        let publisher = try server.publisher("cam?key=s3cret").start()
        let conversation = try await conversation(server, "cam")
        #expect(conversation.peer.hasPrefix("127.0.0.1:"))
        #expect(conversation.opening.first?.words == "version 3")
        #expect(conversation.opening.contains { $0.words == #"publish(5, null, "cam?key=…", "live")"# })
        #expect(conversation.opening.last?.words.contains("NetStream.Publish.Start") == true)
        #expect(!conversation.opening.contains { $0.words.contains("s3cret") })
        #expect(conversation.opening.map(\.number) == Array(0..<UInt64(conversation.opening.count)))
        publisher.socket.close()
        try await server.shutDown()
    }

    @Test func watcherHearsWhatIsSaidFromThenOn() async throws {
        let server = try await RTMPServerHarness()
        let publisher = try server.publisher("cam").start()
        let conversation = try await conversation(server, "cam")
        let watch = conversation.watch()
        var lines: [RTMPConversation.Line] = []
        // The connection begins to note a moment after it is asked.
        #expect(
            try await server.eventually {
                try publisher.write(.audio, 20, ByteBuffer(bytes: [0xAF, 1, 0x21]))
                lines += watch.take().lines
                return !lines.isEmpty
            })
        let line = try #require(lines.first)
        #expect(line.words == "AAC frame" && line.event.direction == .incoming && line.event.payloadBytes == 3)
        #expect(line.number >= UInt64(conversation.opening.count))
        watch.leave()
        try publisher.write(.audio, 40, ByteBuffer(bytes: [0xAF, 1, 0x21]))
        #expect(watch.take().lines.isEmpty)
        try publisher.stop()
        #expect(try await server.eventually { conversation.isOver })
        let name = try StreamName(application: "live", stream: "cam")
        #expect(server.service.conversations.conversation(publishing: name) == nil)
        publisher.socket.close()
        try await server.shutDown()
    }

    @Test func slowWatcherIsToldWhatItMissed() async throws {
        let server = try await RTMPServerHarness()
        let publisher = try server.publisher("cam").start()
        let watch = try await conversation(server, "cam").watch()
        var messages: UInt32 = 0
        var largest = 0
        var seen: (lines: Int, skipped: Int) = (0, 0)
        #expect(
            try await server.eventually {
                for _ in 0..<3 * RTMPConversation.linesMax {
                    messages += 1
                    try publisher.write(.audio, messages, ByteBuffer(bytes: [0xAF, 1, 0x21]))
                }
                let taken = watch.take()
                largest = max(largest, taken.lines.count)
                seen = (seen.lines + taken.lines.count, seen.skipped + taken.skipped)
                return seen.skipped > 0
            })
        #expect(largest < 2 * RTMPConversation.linesMax)
        #expect(seen.lines > 0 && seen.lines + seen.skipped <= Int(messages))
        publisher.socket.close()
        try await server.shutDown()
    }
}
