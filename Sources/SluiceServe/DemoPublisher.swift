import FLV
import Logging
import NIOCore
import NIOPosix
import RTMP
import RTMPClient

/// Publishes the demonstration clip as "live/demo" through our own RTMP client, as any encoder would.
struct DemoPublisher: Sendable {
    /// Where the server is.
    let server: SocketAddress
    let group: MultiThreadedEventLoopGroup
    let logger: Logger

    /// The stream's name for people and URLs.
    static let streamName = "live/demo"

    /// Publishes until the task is cancelled, and again when the connection is lost.
    func run() async {
        while !Task.isCancelled {
            do {
                let url = RTMPURL(
                    host: server.ipAddress ?? "127.0.0.1", port: server.port, app: "live", streamName: "demo")
                let clip = try DemoClip()
                let publisher = try await RTMPPublisher.connect(to: url, on: group)
                do {
                    try await play(clip, over: publisher)
                } catch {
                    await publisher.close()
                    throw error
                }
            } catch {
                if Task.isCancelled { return }
                logger.warning("the demo cannot be published", metadata: ["why": "\(error)"])
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }

    /// Sends tags when their time has come, round after round on one timeline.
    private func play(_ clip: DemoClip, over publisher: RTMPPublisher) async throws {
        let start = ContinuousClock.now
        var round: Int64 = 0
        while !clip.tags.isEmpty {
            for tag in clip.tags {
                let milliseconds = round * Int64(clip.durationMilliseconds) + Int64(tag.timestamp)
                let due = start + .milliseconds(milliseconds)
                if due > .now { try await Task.sleep(until: due) }
                var tag = tag
                tag.timestamp = UInt32(truncatingIfNeeded: milliseconds)
                try await publisher.send(tag)
            }
            round += 1
        }
    }
}
