import NIOCore
import RTMP
import RTMPClient
import StreamInspection

/// Listens to a stream over RTMP.
package enum RTMPProbe {
    /// Returns when the stream or the task ends.
    ///
    /// - Throws: ``ProbeError`` when the server cannot be reached or refuses, or the connection breaks.
    package static func listen(
        to url: RTMPURL, options: RTMPClientOptions, _ listening: LiveListening
    ) async throws(ProbeError) {
        do {
            let player = try await RTMPPlayer.connect(to: url, options: options)
            listening.connected(at: .now())
            var events = TagEvents()
            do {
                for try await tag in player {
                    let now = NIODeadline.now()
                    listening.heard(at: now)
                    listening.receive(events.receive(tag), at: now)
                }
            } catch {
                await player.close()
                throw error
            }
            await player.close()
        } catch let error as RTMPClientError {
            if error.code == .cancelled { return }
            throw ProbeError("\(url.redacted): \(error)")
        } catch {
            throw ProbeError("\(url.redacted): \(error)")
        }
    }
}
