import NIOCore
import NIOPosix
import RTMPClient
import StreamInspection
import StreamSources

/// Listens to a stream over HTTP, WebSocket or HLS.
enum WebProbe {
    /// Returns when the stream or the task ends.
    ///
    /// - Throws: ``ProbeError`` when the stream cannot be had, or the connection breaks.
    static func listen(
        to url: SourceURL, trust: RTMPClientOptions.Trust, _ listening: LiveListening
    ) async throws(ProbeError) {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        do {
            let connection = try await SourceConnection.open(url, options: SourceOptions(trust: trust), on: loop)
            listening.connected(at: .now())
            listening.note(connection.variant)
            var events = TagEvents(url.isFLV ? .flv : .live)
            do {
                while let tag = try await connection.next() {
                    let now = NIODeadline.now()
                    listening.heard(at: now)
                    listening.receive(events.receive(tag), at: now)
                }
            } catch {
                await connection.close()
                throw error
            }
            await connection.close()
        } catch {
            if Task.isCancelled { return }
            throw ProbeError("\(url.redacted): \(error)")
        }
    }
}

extension SourceURL {
    /// Whether what comes is FLV, as far as the address tells.
    fileprivate var isFLV: Bool {
        switch self {
        case .rtmp: true
        case .http(let url), .webSocket(let url): url.path.hasSuffix(".flv")
        }
    }
}
