import Foundation

/// What ffprobe says of a file.
struct FFprobe {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// One stream of it, with its packets and decoded frames counted.
    struct Stream {
        var kind = ""
        var codec = ""
        var width = 0
        var height = 0
        var sampleRate = 0
        var channels = 0
        var packets = 0
        var bytes = 0
        var keyframes = 0
        var firstDecodeTime: Double?
        var firstTime: Double?
        var lastTime: Double?
        /// Decoded pictures of each type.
        var pictures: [String: Int] = [:]
    }

    private(set) var streams: [Stream] = []

    init(_ path: String) async throws {
        let output = try await Self.run(
            "ffprobe",
            ["-v", "quiet", "-print_format", "json", "-show_streams", "-show_packets", "-show_frames", path])
        guard let document = try JSONSerialization.jsonObject(with: output) as? [String: Any],
            let streams = document["streams"] as? [[String: Any]],
            let items = document["packets_and_frames"] as? [[String: Any]]
        else { throw Failure(description: "ffprobe tells nothing of \(path)") }
        self.streams = streams.map(Self.stream)
        for item in items {
            guard let index = item["stream_index"] as? Int, self.streams.indices.contains(index) else { continue }
            if item["type"] as? String == "packet" {
                self.streams[index].add(packet: item)
            } else if let type = item["pict_type"] as? String {
                self.streams[index].pictures[type, default: 0] += 1
            }
        }
    }

    private static func stream(_ fields: [String: Any]) -> Stream {
        var stream = Stream()
        stream.kind = fields["codec_type"] as? String ?? ""
        stream.codec = fields["codec_name"] as? String ?? ""
        stream.width = fields["width"] as? Int ?? 0
        stream.height = fields["height"] as? Int ?? 0
        stream.sampleRate = Int(fields["sample_rate"] as? String ?? "") ?? 0
        stream.channels = fields["channels"] as? Int ?? 0
        return stream
    }

    /// Runs a program and returns what it wrote; a program that fails is an error with what it complained of.
    @discardableResult
    static func run(_ program: String, _ arguments: [String]) async throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardInput = FileHandle.nullDevice
        let folder = FileManager.default.temporaryDirectory
        let output = folder.appending(path: "sluice-probe-\(UUID().uuidString)")
        FileManager.default.createFile(atPath: output.path, contents: nil)
        defer { unlink(output.path) }
        let file = try FileHandle(forWritingTo: output)
        process.standardOutput = file
        process.standardError = file
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let data = try Data(contentsOf: output)
        guard status == 0 else {
            let words = String(decoding: data, as: UTF8.self)
            throw Failure(description: "\(program) \(arguments.joined(separator: " ")): \(words)")
        }
        return data
    }
}

extension FFprobe.Stream {
    fileprivate mutating func add(packet: [String: Any]) {
        packets += 1
        bytes += Int(packet["size"] as? String ?? "") ?? 0
        if (packet["flags"] as? String)?.hasPrefix("K") == true { keyframes += 1 }
        let time = Double(packet["pts_time"] as? String ?? "")
        if firstDecodeTime == nil { firstDecodeTime = Double(packet["dts_time"] as? String ?? "") }
        guard let time else { return }
        firstTime = min(firstTime ?? time, time)
        lastTime = max(lastTime ?? time, time)
    }
}
