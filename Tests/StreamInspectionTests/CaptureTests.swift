import Foundation
import NIOCore
import PlainText
import RTMP
import StreamInspection
import Testing

@Suite("Captured conversations")
struct CaptureTests {
    struct Unreadable: Error {
        let path: String
    }

    static func recording(_ name: String) throws -> [UInt8] {
        let tests = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }
        let path = "\(tests)/Recordings/rtmp/\(name)"
        guard let file = fopen(path, "rb") else { throw Unreadable(path: path) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }

    /// The text of a capture, read in pieces.
    static func text(
        _ capture: ByteBuffer, piece: Int = 1000,
        as teller: any CaptureTeller = CaptureText(style: TextStyle(columns: 100))
    ) throws -> [String] {
        var rest = capture
        var bytes = ByteBuffer()
        var reader = CaptureReader()
        var conversations = CapturedConversations()
        var text = teller
        var lines: [String] = []
        while rest.readableBytes > 0, let part = rest.readSlice(length: min(piece, rest.readableBytes)) {
            bytes.writeImmutableBuffer(part)
            while let packet = try reader.read(from: &bytes) {
                for output in conversations.receive(packet) { lines += text.lines(output) }
            }
        }
        for output in conversations.finish() { lines += text.lines(output) }
        return lines + text.lines(conversations.summary)
    }

    /// Without the times and the ends' addresses.
    static func words(_ lines: [String]) -> [String] {
        lines.filter { !$0.hasPrefix("connection") && !$0.hasPrefix("packets") }.map { String($0.dropFirst(8)) }
    }

    @Test func realCaptureReadsAsRecorded() throws {
        let lines = try Self.text(ByteBuffer(bytes: Self.recording("ffmpeg.pcap")))
        let golden = String(decoding: try Self.recording("ffmpeg.pcap.txt"), as: UTF8.self)
        #expect(lines == golden.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init))
        #expect(!golden.contains("s3cret") && golden.contains("key=…"))
    }

    @Test func realCaptureReadsAsDocuments() throws {
        let lines = try Self.text(ByteBuffer(bytes: Self.recording("ffmpeg.pcap")), as: CaptureDocuments())
        let golden = String(decoding: try Self.recording("ffmpeg.pcap.jsonl"), as: UTF8.self)
        #expect(lines == golden.split(separator: "\n").map(String.init))
        #expect(!golden.contains("s3cret") && golden.contains("key=…"))
        for line in lines {
            let document = try JSONSerialization.jsonObject(with: Data(line.utf8))
            #expect(document is [String: Any], "\(line)")
        }
    }

    @Test(arguments: ["ffmpeg", "gstreamer", "librtmp"])
    func clientsReadAsRecorded(name: String) throws {
        let segments = CaptureBuilder.conversation(try Self.recording("\(name).client"))
        let lines = try Self.text(CaptureBuilder().capture(segments))
        let golden = String(decoding: try Self.recording("\(name).txt"), as: UTF8.self)
        #expect(lines == golden.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init))
    }

    static let builders: [CaptureBuilder] =
        CaptureBuilder.File.allCases.map { CaptureBuilder(file: $0) }
        + CaptureBuilder.Link.allCases.flatMap {
            [CaptureBuilder(link: $0), CaptureBuilder(file: .pcapng, link: $0, isIPv6: true)]
        } + [CaptureBuilder(hasVLAN: true), CaptureBuilder(isIPv6: true, hasVLAN: true)]

    @Test(arguments: builders)
    func everyFormTellsTheSame(builder: CaptureBuilder) throws {
        let segments = CaptureBuilder.conversation(try Self.recording("gstreamer.client"))
        let usual = try Self.text(CaptureBuilder().capture(segments))
        let lines = try Self.text(builder.capture(segments), piece: 77)
        #expect(lines.dropFirst() == usual.dropFirst())
        #expect(
            lines[0]
                == (builder.isIPv6
                    ? "connection 1: [fd00:0:0:0:0:0:0:7]:50000 -> [fd00:0:0:0:0:0:0:8]:1935"
                    : "connection 1: 10.0.0.7:50000 -> 10.0.0.8:1935"))
    }

    enum Disorder: Sendable, CaseIterable {
        case sentTwice, sentAgainAtTheEnd, reversed, overlapping

        func callAsFunction(_ segments: [CaptureBuilder.Segment]) -> [CaptureBuilder.Segment] {
            switch self {
            case .sentTwice: segments.flatMap { [$0, $0] }
            case .sentAgainAtTheEnd: segments + segments.dropFirst(2)
            case .reversed: segments.prefix(2) + segments.dropFirst(2).reversed()
            case .overlapping:
                segments.flatMap { segment in
                    var first = segment
                    first.payload = Array(segment.payload.prefix(segment.payload.count * 2 / 3))
                    return [first, segment]
                }
            }
        }
    }

    @Test(arguments: Disorder.allCases)
    func segmentsArePutInOrder(disorder: Disorder) throws {
        let segments = CaptureBuilder.conversation(try Self.recording("gstreamer.client"), piece: 700)
        let usual = try Self.text(CaptureBuilder().capture(segments))
        let lines = try Self.text(CaptureBuilder().capture(disorder(segments)))
        #expect(Self.words(lines) == Self.words(usual))
    }

    @Test func missingBytesEndAnEnd() throws {
        var segments = CaptureBuilder.conversation(try Self.recording("gstreamer.client"))
        segments.remove(at: 5)
        let lines = try Self.text(CaptureBuilder().capture(segments))
        #expect(lines.contains("the client cannot be understood from here on: bytes are missing"))
        segments = CaptureBuilder.conversation(try Self.recording("gstreamer.client"))
        segments[5].kept = 100
        #expect(
            try Self.text(CaptureBuilder().capture(segments))
                == lines.map { line in
                    line.hasPrefix("packets") ? "packets: \(segments.count), RTMP conversations: 1" : line
                })
    }

    @Test func lateCapturesSaySo() throws {
        let segments = CaptureBuilder.conversation(try Self.recording("gstreamer.client")).dropFirst(4)
        let lines = try Self.text(CaptureBuilder().capture(Array(segments)))
        #expect(lines.first == "packets: \(segments.count), RTMP conversations: 0")
        #expect(
            lines.dropFirst().joined(separator: " ").hasPrefix(
                "begun before the capture: 1, of which nothing can be told; the first is between 10.0.0.7:50000 and"))
    }

    @Test func otherProtocolsAreCounted() throws {
        let request = Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        let lines = try Self.text(CaptureBuilder().capture(CaptureBuilder.conversation(request)))
        #expect(lines == ["packets: 3, RTMP conversations: 0, other connections: 1"])
    }

    @Test func portsAreUsedAgain() throws {
        let bytes = try Self.recording("gstreamer.client")
        var builder = CaptureBuilder()
        var capture = builder.capture(CaptureBuilder.conversation(bytes))
        builder.firstSequence = 77
        var second = builder.capture(CaptureBuilder.conversation(bytes))
        second.moveReaderIndex(forwardBy: 24)
        capture.writeImmutableBuffer(second)
        let lines = try Self.text(capture)
        #expect(lines.filter { $0.hasPrefix("connection") }.count == 2)
        #expect(lines.last == "packets: \(2 * CaptureBuilder.conversation(bytes).count), RTMP conversations: 2")
    }

    @Test(arguments: [(CapturedConversations.connectionsMax, 0), (CapturedConversations.connectionsMax + 1, 1)])
    func connectionsAreBounded(count: Int, dropped: Int) throws {
        var conversations = CapturedConversations()
        for index in 0..<count {
            var builder = CaptureBuilder()
            builder.clientPort = 10_000 + UInt16(index)
            var capture = builder.capture([CaptureBuilder.Segment(offset: 0, flags: 2)])
            var reader = CaptureReader()
            let packet = try #require(try reader.read(from: &capture))
            #expect(conversations.receive(packet) == [])
        }
        #expect(conversations.summary.droppedConnections == dropped)
        #expect(conversations.summary.otherConnections == CapturedConversations.connectionsMax)
    }

    @Test(arguments: [
        ([1, 2, 3, 4], "this is neither pcap nor pcapng: it begins with 1020304"),
        (
            [0xD4, 0xC3, 0xB2, 0xA1] + [UInt8](repeating: 0, count: 20 + 8) + [1, 0, 8, 0, 1, 0, 8, 0],
            "a packet of 524289 bytes, at most 524288"
        ),
        ([0x0A, 0x0D, 0x0D, 0x0A, 8, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A], "a block of 8 bytes, at most 524288"),
    ])
    func whatIsNoCaptureIsRefused(bytes: [UInt8], words: String) {
        var buffer = ByteBuffer(bytes: bytes)
        var reader = CaptureReader()
        let error = #expect(throws: CaptureError.self) { try reader.read(from: &buffer) }
        #expect(error?.description == words)
    }

    @Test(arguments: [(CaptureReader.interfacesMax, false), (CaptureReader.interfacesMax + 1, true)])
    func interfacesAreBounded(count: Int, isRefused: Bool) throws {
        var bytes = CaptureBuilder(file: .pcapng).capture([])
        let block = bytes.getSlice(at: 28, length: 32) ?? ByteBuffer()
        for _ in 1..<count { bytes.writeImmutableBuffer(block) }
        var reader = CaptureReader()
        if isRefused {
            #expect(throws: CaptureError.self) { try reader.read(from: &bytes) }
        } else {
            #expect(try reader.read(from: &bytes) == nil)
            #expect(bytes.readableBytes == 0)
        }
    }

    @Test func longestPacketIsTaken() throws {
        var bytes = CaptureBuilder().capture([])
        let count = CaptureReader.packetBytesMax
        for word in [0, 0, UInt32(count), UInt32(count)] { bytes.writeInteger(word, endianness: .little) }
        bytes.writeRepeatingByte(0, count: count)
        var reader = CaptureReader()
        #expect(try reader.read(from: &bytes)?.bytes.readableBytes == count)
    }

    @Test(arguments: [
        (count: SegmentReassembly.waitingSegmentsMax, bytes: 1),
        (count: SegmentReassembly.waitingBytesMax / 4096, bytes: 4096),
    ])
    func whatWaitsIsBounded(count: Int, bytes: Int) {
        var reassembly = SegmentReassembly()
        reassembly.open(sequence: .max)
        let payload = ByteBuffer(repeating: 7, count: bytes)
        // The first byte never comes.
        for index in 0..<count {
            let sequence = UInt32(1 + index * bytes)
            #expect(reassembly.receive(payload, sequence: sequence, missing: 0) == [])
        }
        let output = reassembly.receive(
            ByteBuffer(repeating: 7, count: 1), sequence: UInt32(1 + count * bytes), missing: 0)
        #expect(output.first == .gap && output.count == count + 2)
    }

    /// Nothing in a capture may trap: every byte of it is a stranger's.
    @Test func damagedCapturesAreRead() throws {
        let segments = CaptureBuilder.conversation(Array(try Self.recording("gstreamer.client").prefix(4000)))
        for file in CaptureBuilder.File.allCases {
            let capture = CaptureBuilder(file: file).capture(segments)
            for index in 0..<capture.readableBytes where index < 300 || index % 31 == 0 {
                var damaged = capture
                damaged.setInteger(UInt8(truncatingIfNeeded: 0xFF &- index), at: index)
                do { _ = try Self.text(damaged, piece: 4000) } catch is CaptureError {}
            }
        }
    }
}
