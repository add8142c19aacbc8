import FLV
import NIOCore
import RTMP
import RTMPClient

/// One server that is published to: its queue, its connection, and the next connection when that one breaks.
///
/// It runs on the event loop that its connection is on, so that a frame passes no thread on its way.
package actor Uplink {
    /// How it stands.
    package enum State: Sendable, Hashable {
        /// The first connection is being made, or one after a break.
        case connecting
        /// Frames go out.
        case publishing
        /// Waits before the next attempt; why the last one failed.
        case waiting(String)
        /// It is over; why, unless that was wanted.
        case ended(String?)
    }

    /// Figures for the status line, all counted from the beginning.
    package struct Report: Sendable {
        package var name: String
        package var state: State
        package var sentBytes: UInt64
        package var sentPictures: Int
        package var queueMilliseconds: Int64
        package var queueBytes: Int
        package var losses: UplinkQueue.Losses
        package var reconnects: Int
        package var roundTripMicroseconds: UInt32?

        /// Makes a report of a publication that has not begun.
        ///
        /// - Parameter name: the URL without its secrets.
        package init(name: String) {
            self.name = name
            state = .connecting
            sentBytes = 0
            sentPictures = 0
            queueMilliseconds = 0
            queueBytes = 0
            losses = UplinkQueue.Losses()
            reconnects = 0
        }
    }

    package nonisolated let url: RTMPURL
    package nonisolated let unownedExecutor: UnownedSerialExecutor
    private let loop: any EventLoop
    private let options: RTMPClientOptions
    private let isPatient: Bool
    private let notice: @Sendable (String) -> Void
    private let onChange: @Sendable () -> Void
    private var queue: UplinkQueue
    private var state = State.connecting {
        didSet { if state != oldValue { onChange() } }
    }
    private var publisher: RTMPPublisher?
    private var target: RTMPURL
    private var sender: CheckedContinuation<Void, Never>?
    private var isFinished = false
    private var mustMove = false
    private var hasPublished = false
    private var reconnects = 0
    private var sentPictures = 0
    /// Bytes of connections that are over.
    private var earlierBytes: UInt64 = 0

    /// How many bytes are given to the connection at once: then dropping is decided anew.
    private static let batchBytesMax = 32 << 10

    /// - Parameters:
    ///   - url: where to publish.
    ///   - loop: where to run.
    ///   - options: the connection's.
    ///   - limits: how much may wait.
    ///   - isPatient: whether the first connection is tried for as long as later ones.
    ///   - notice: is told of what happens, in a line.
    ///   - onChange: is called when the state has changed.
    package init(
        url: RTMPURL, on loop: any EventLoop, options: RTMPClientOptions, limits: UplinkQueue.Limits = .init(),
        isPatient: Bool, notice: @escaping @Sendable (String) -> Void, onChange: @escaping @Sendable () -> Void = {}
    ) {
        self.url = url
        self.loop = loop
        unownedExecutor = loop.executor.asUnownedSerialExecutor()
        self.options = options
        self.isPatient = isPatient
        self.notice = notice
        self.onChange = onChange
        target = url
        queue = UplinkQueue(limits: limits)
    }

    // MARK: Frames

    /// Takes frames; never waits.
    package func offer(_ frames: [UplinkFrame]) {
        guard !isFinished else { return }
        for frame in frames { queue.push(frame) }
        wake()
    }

    /// No frames will follow: what is waiting goes out, and the stream is ended.
    ///
    /// - Parameter time: how long the last frames may take to go out.
    package func finish(within time: TimeAmount) {
        isFinished = true
        wake()
        loop.scheduleTask(in: time) { [weak self] in
            _ = Task { await self?.giveUp() }
        }
    }

    /// Whether anything has gone out, and what the user sees.
    package var currentState: State {
        state
    }

    private func giveUp() async {
        await publisher?.close()
    }

    private func wake() {
        let waiting = sender
        sender = nil
        waiting?.resume()
    }

    /// What goes out next; nil when the stream is at its end, or has to move to another server.
    private func nextBatch() async -> [FLVTag]? {
        while true {
            if Task.isCancelled { return nil }
            var batch: [FLVTag] = []
            var bytes = 0
            while bytes < Self.batchBytesMax {
                guard let frame = queue.pop() else { break }
                bytes += frame.byteCount
                if frame.isPicture { sentPictures += 1 }
                batch.append(frame.tag)
            }
            if !batch.isEmpty { return batch }
            if isFinished || mustMove { return nil }
            await withCheckedContinuation { sender = $0 }
        }
    }

    // MARK: Connections

    /// Publishes until ``finish()`` or until the task is cancelled, over as many connections as it takes.
    ///
    /// - Returns: why it could not go on; nil at a wanted end.
    package func run() async -> RTMPClientError? {
        // Once for all waits: a cancellation handler sends what it wraps by way of another thread.
        await withTaskCancellationHandler {
            await publishToTheEnd()
        } onCancel: {
            Task { await self.wake() }
        }
    }

    private func publishToTheEnd() async -> RTMPClientError? {
        var backOff = BackOff()
        while !Task.isCancelled {
            state = .connecting
            do throws(RTMPClientError) {
                let publisher = try await RTMPPublisher.connect(to: target, options: options, on: loop)
                backOff.reset()
                try await publish(over: publisher)
                if !mustMove {
                    state = .ended(nil)
                    return nil
                }
                mustMove = false
            } catch {
                guard !Task.isCancelled else { break }
                guard mayTryAgain(after: error) else {
                    state = .ended(error.description)
                    return error
                }
                await wait(backOff.next(at: .now()), after: error)
            }
        }
        state = .ended(nil)
        return nil
    }

    private func mayTryAgain(after error: RTMPClientError) -> Bool {
        if isFinished || error.code == .tagTooLong { return false }
        // A server that has taken the stream once may refuse it for as long as it has not noticed the break, or starts
        // anew; one that never has is asked for the wrong thing.
        return hasPublished || (isPatient && error.isTransient)
    }

    private func wait(_ time: TimeAmount, after error: RTMPClientError) async {
        state = .waiting(error.description)
        notice("\(url.redacted): \(error)")
        target = url
        await loop.sleep(for: time)
    }

    private func publish(over publisher: RTMPPublisher) async throws(RTMPClientError) {
        self.publisher = publisher
        state = .publishing
        if hasPublished {
            reconnects += 1
            notice("\(url.redacted): publishing again")
        }
        hasPublished = true
        queue.connect()
        let listener = Task { await self.listen(to: publisher) }
        defer { listener.cancel() }
        do throws(RTMPClientError) {
            while let batch = await nextBatch() { try await publisher.send(contentsOf: batch) }
            await end(publisher)
        } catch {
            await end(publisher)
            throw error
        }
    }

    private func end(_ publisher: RTMPPublisher) async {
        await publisher.close()
        earlierBytes += await publisher.statistics().bytesSent
        self.publisher = nil
        queue.disconnect()
    }

    private func listen(to publisher: RTMPPublisher) async {
        for await event in publisher.events {
            guard case .reconnectRequested(let elsewhere, let description) = event else { continue }
            notice("\(url.redacted): the server asks to be connected anew \(description)")
            target = elsewhere ?? url
            mustMove = true
            wake()
        }
    }

    // MARK: Figures

    /// How it stands.
    package func report() async -> Report {
        let statistics = await publisher?.statistics()
        let inFlight = (statistics?.queuedBytes ?? 0) + (statistics?.unacknowledgedBytes ?? 0)
        var report = Report(name: url.redacted)
        report.state = state
        report.sentBytes = earlierBytes + (statistics?.bytesSent ?? 0)
        report.sentPictures = sentPictures
        report.queueMilliseconds = queue.durationMilliseconds
        report.queueBytes = queue.byteCount + inFlight
        report.losses = queue.losses
        report.reconnects = reconnects
        report.roundTripMicroseconds = statistics?.roundTripMicroseconds
        return report
    }
}
