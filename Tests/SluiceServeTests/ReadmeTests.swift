import FLV
import NIOCore
import RTMP
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("What the README shows")
struct ReadmeTests {
    private static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    @Test(arguments: ["README.md", "README.zh-CN.md"])
    func exampleIsTheOneThatIsCompiled(readme: String) throws {
        let source = try text("Tests/SluiceServeTests/EmbeddingExample.swift")
        let example = try #require(
            source.split(separator: "// README begins\n").last?.split(separator: "// README ends").first)
        #expect(try text(readme).contains("```swift\n\(example)```\n"), "\(readme)")
    }

    @Test(arguments: ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", "docs/configuration.md"])
    func linkedFilesExist(document: String) throws {
        let directory = Self.root.appending(path: document).deletingLastPathComponent()
        for part in try text(document).split(separator: "](").dropFirst() {
            let target = part.prefix { $0 != ")" && $0 != "#" }
            if target.isEmpty || target.contains("://") { continue }
            #expect(
                FileManager.default.fileExists(atPath: directory.appending(path: target).path), "\(document): \(target)"
            )
        }
    }

    @Test(arguments: [("open sesame", 1), ("wrong", 0)])
    func recorderRecordsWhoKnowsTheKey(key: String, tags: Int) throws {
        let random = [UInt8](repeating: 7, count: 1_528)
        let now = NIODeadline.uptimeNanoseconds(0)
        var recorder = Recorder(randomBytes: random, now: now)
        let url = RTMPURL(
            host: "localhost", app: "live", streamName: "show?key=\(key.split(separator: " ").joined(separator: "%20"))"
        )
        var client = RTMPClientSession(
            configuration: RTMPClientSession.Configuration(url: url, purpose: .publish(.live)), randomBytes: random,
            now: now)
        client.start()
        while let action = try client.nextAction() {
            switch action {
            case .send(let bytes):
                for answer in try recorder.receive(bytes, at: now) {
                    client.receive(answer, at: now)
                }
            case .publishing:
                client.write(.video, timestamp: 40, payload: ByteBuffer(bytes: [0x17, 2, 0, 0, 0]))
            default:
                break
            }
        }
        var file = recorder.file
        var reader = FLVReader()
        var bodies: [FLVTag] = []
        while let element = try reader.read(from: &file) {
            if case .tag(let tag) = element {
                bodies.append(tag)
            }
        }
        #expect(bodies.count == tags)
        #expect(bodies.allSatisfy { $0.type == .video && $0.timestamp == 40 })
    }
}
