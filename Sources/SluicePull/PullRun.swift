import NIOCore
import PlainText
import RTMPClient
import StreamSources

/// One recording: a stream, and the files that it goes into. It runs on the stream's event loop.
package actor PullRun {
    package nonisolated let unownedExecutor: UnownedSerialExecutor
    private let stream: LiveStream
    private var recorder: Recorder
    private let loop: any EventLoop

    /// - Parameters:
    ///   - stream: lives on the loop.
    ///   - recorder: has not begun.
    ///   - loop: where to run.
    package init(_ stream: LiveStream, into recorder: Recorder, on loop: any EventLoop) {
        self.stream = stream
        self.recorder = recorder
        self.loop = loop
        unownedExecutor = loop.executor.asUnownedSerialExecutor()
    }

    /// Records until the stream ends, all is recorded that was to be, or the task is cancelled; then the files are whole.
    ///
    /// - Returns: why not everything was recorded; nil when it was.
    package func run() async -> String? {
        let stream = stream
        return await withTaskCancellationHandler {
            await record()
        } onCancel: {
            Task { await stream.close() }
        }
    }

    private func record() async -> String? {
        var failure: String?
        do {
            while !recorder.isDone, let tag = try await stream.next() { try await take(tag) }
        } catch let error as SourceError {
            if error != .cancelled { failure = "\(stream.url.redacted): \(error)" }
        } catch {
            failure = "\(error)"
        }
        await stream.close()
        var ended = recorder
        do { try await ended.finish() } catch { failure = failure ?? "\(error)" }
        recorder = ended
        if failure == nil, recorder.report.fileCount == 0, !Task.isCancelled {
            failure = "\(stream.url.redacted) ended before a keyframe came; nothing was recorded"
        }
        return failure
    }

    private func take(_ tag: LiveTag) async throws {
        var taking = recorder
        defer { recorder = taking }
        try await taking.take(tag)
    }

    /// How it stands.
    package func report() async -> PullReport {
        PullReport(
            recording: recorder.report, reconnects: await stream.reconnectCount,
            repeated: await stream.repeatedCount)
    }
}

/// How a recording and its stream stand.
package struct PullReport: Sendable, Equatable {
    /// The files.
    package var recording: RecordingReport
    /// Connections after the first.
    package var reconnects: Int
    /// Frames that came again and were left out.
    package var repeated: Int

    /// A line for people.
    ///
    /// - Parameters:
    ///   - last: an earlier report; nil the first time.
    ///   - interval: the time since then.
    package func line(after last: PullReport?, interval: TimeAmount) -> String {
        let rates = rates(after: last, interval: interval)
        var parts = [NumberText.clock(recording.milliseconds / 1000)]
        if let file = recording.file {
            parts.append(file)
            parts.append(NumberText.bytes(recording.bytes))
            parts.append(NumberText.bitRate(rates.bits))
            parts.append("\(NumberText.decimal(rates.pictures, digits: 1)) fps")
        } else {
            parts.append("waiting for a keyframe")
        }
        if reconnects > 0 { parts.append("reconnects \(reconnects)") }
        return parts.joined(separator: "  ")
    }

    /// A JSON document on one line. Times in milliseconds.
    package func json(after last: PullReport?, interval: TimeAmount) -> String {
        let rates = rates(after: last, interval: interval)
        return JSONValue.members([
            "recorded": .integer(Int(recording.milliseconds)),
            "file": recording.file.map(JSONValue.string) ?? .null, "files": .integer(recording.fileCount),
            "bytes": .integer(recording.bytes), "frames": .integer(recording.pictures),
            "bitsPerSecond": .decimal(rates.bits, digits: 0), "framesPerSecond": .decimal(rates.pictures, digits: 2),
            "reconnects": .integer(reconnects), "repeatedFrames": .integer(repeated),
        ]).text
    }

    private func rates(after last: PullReport?, interval: TimeAmount) -> (bits: Double, pictures: Double) {
        let seconds = max(0.001, Double(interval.nanoseconds) / 1e9)
        let bytes = recording.bytes - (last?.recording.bytes ?? 0)
        let pictures = recording.pictures - (last?.recording.pictures ?? 0)
        return (8 * Double(bytes) / seconds, Double(pictures) / seconds)
    }
}
