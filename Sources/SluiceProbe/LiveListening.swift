import HLS
import NIOConcurrencyHelpers
import NIOCore
import PlainText
import StreamInspection

/// What is heard of a live stream, and how long it took to join it.
package final class LiveListening: Sendable {
    private struct State {
        var inspection = Inspection()
        var join = JoinTimes()
        var frames = 0
        var bytes = 0
        var variant: Variant?
    }

    private let start: NIODeadline
    private let state = NIOLockedValueBox(State())

    /// - Parameter start: when connecting begins.
    package init(start: NIODeadline) {
        self.start = start
    }

    /// The server has accepted.
    func connected(at now: NIODeadline) {
        state.withLockedValue { state in
            if state.join.connected == nil { state.join.connected = seconds(until: now) }
        }
    }

    /// What a playlist claims of the stream, before anything of it is there.
    func note(_ variant: Variant?) {
        state.withLockedValue { $0.variant = variant }
    }

    /// The first bytes have come.
    func heard(at now: NIODeadline) {
        state.withLockedValue { state in
            if state.join.firstByte == nil { state.join.firstByte = seconds(until: now) }
        }
    }

    /// Takes events up.
    func receive(_ events: [SourceEvent], at now: NIODeadline) {
        state.withLockedValue { state in
            for event in events {
                state.inspection.receive(event, at: now)
                guard case .sample(let sample) = event else { continue }
                state.frames += 1
                state.bytes += sample.payload.readableBytes
                if state.join.firstFrame == nil { state.join.firstFrame = seconds(until: now) }
                let isPicture = state.inspection.kind(of: sample.track) == .video
                if isPicture, sample.isKeyframe, state.join.firstKeyframe == nil {
                    state.join.firstKeyframe = seconds(until: now)
                }
            }
        }
    }

    /// What was found.
    package var result: (report: StreamReport, join: JoinTimes) {
        state.withLockedValue { state in
            var report = state.inspection.soFar
            report.variant = state.variant
            return (report, state.join)
        }
    }

    /// A line that tells how it stands.
    package func progress(at now: NIODeadline, of seconds: Double) -> String {
        let (frames, bytes, join) = state.withLockedValue { ($0.frames, $0.bytes, $0.join) }
        let elapsed = NumberText.decimal(self.seconds(until: now), digits: 1)
        let stage =
            frames > 0
            ? "\(frames) frames, \(NumberText.bytes(bytes))"
            : join.connected == nil ? "connecting" : "connected, waiting for the stream"
        return "\(elapsed) of \(NumberText.short(seconds, digits: 1)) s: \(stage)"
    }

    private func seconds(until now: NIODeadline) -> Double {
        Double((now - start).nanoseconds) / 1e9
    }
}

/// How long joining took, in seconds from the beginning of connecting; nil where it did not come so far.
package struct JoinTimes: Sendable, Hashable {
    /// The server has accepted: RTMP's play, HTTP's answer.
    package var connected: Double?
    /// The first bytes behind that.
    package var firstByte: Double?
    /// The first coded picture or frame of sound.
    package var firstFrame: Double?
    /// The first picture that decoding can begin with.
    package var firstKeyframe: Double?

    /// Not yet connected.
    package init() {}

    private var steps: [(name: String, words: String, seconds: Double?)] {
        [
            ("connected", "connected", connected), ("firstByte", "first byte", firstByte),
            ("firstFrame", "first frame", firstFrame), ("firstKeyframe", "first keyframe", firstKeyframe),
        ]
    }

    /// In words, on one line.
    package var line: String {
        "Join  "
            + steps.map { step in
                "\(step.words) \(step.seconds.map { "\(NumberText.decimal($0 * 1000, digits: 0)) ms" } ?? "never")"
            }.joined(separator: ", ")
    }

    /// For programs.
    package var document: JSONValue {
        .object(steps.map { .init($0.name, $0.seconds.map { .decimal($0, digits: 6) } ?? .null) })
    }
}
