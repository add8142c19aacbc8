import Foundation
import Testing

/// What `GET /api/v1/streams` answers, as far as the tests look.
struct StreamList: Decodable, Sendable {
    struct Stream: Decodable, Sendable {
        struct Publisher: Decodable, Sendable {
            let encoder: String?
            let `protocol`: String
        }

        struct Track: Decodable, Sendable {
            let kind: String
            let codec: String
            let width: Int?
            let height: Int?
            let frameRate: Double?
            let sampleRate: Int?
            let bitrateKbps: Double?
        }

        struct GOP: Decodable, Sendable {
            let frames: Int
            let seconds: Double
        }

        struct Viewers: Decodable, Sendable {
            let total: Int
            let protocols: [String: Int]
        }

        struct Counters: Decodable, Sendable {
            let framesIn: Int
            let viewerSkips: Int
            let viewersStuck: Int
        }

        let name: String
        let state: String
        let publisher: Publisher?
        let tracks: [Track]
        let gop: GOP?
        let viewers: Viewers
        let counters: Counters
    }

    let streams: [Stream]
}

extension ServerProcess {
    /// All streams there are, live or awaited.
    func streams() async throws -> [StreamList.Stream] {
        let answer = try await Stranger.curl.run(["--silent", "--fail", http("api/v1/streams")])
        try #require(answer.isSuccess, "\(answer.reason) \(answer.outputText)")
        return try JSONDecoder().decode(StreamList.self, from: answer.output).streams
    }

    /// One stream, nil when there is none of that name.
    func stream(_ name: String) async throws -> StreamList.Stream? {
        try await streams().first { $0.name == name }
    }
}
