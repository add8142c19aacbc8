import FLV
import NIOCore
import NIOPosix
import RTMPClient

/// What happens to a live stream besides its tags, for whoever watches over it.
package enum LiveStreamEvent: Sendable, Equatable {
    /// A connection stands; how many there were before it.
    case connected(earlier: Int)
    /// The stream broke or is not there; it is tried again.
    case interrupted(SourceError)
}

/// A live stream of any protocol: an asynchronous sequence of tags on one timeline, across as many connections as it
/// takes.
package actor LiveStream {
    /// Where it comes from.
    package nonisolated let url: SourceURL
    package nonisolated let unownedExecutor: UnownedSerialExecutor
    private let loop: any EventLoop
    private let options: SourceOptions
    private let notice: @Sendable (LiveStreamEvent) -> Void
    private var splicer = Splicer()
    private var ready: CircularBuffer<LiveTag> = []
    private var source: (any TagSource)?
    private var lifeline: Lifeline?
    private var watch: RepeatedTask?
    private var backOff = BackOff()
    /// Since when there has been no stream.
    private var missingSince: NIODeadline
    private var connectionCount = 0
    /// What was told last, so that it is told once.
    private var lastTold: SourceError?
    private var isClosed = false

    private static let watchInterval = TimeAmount.milliseconds(500)

    /// - Parameters:
    ///   - url: where the stream comes from.
    ///   - options: times, and whom to trust.
    ///   - loop: where the connections live, and the actor runs.
    ///   - notice: hears what happens, on the loop.
    package init(
        _ url: SourceURL, options: SourceOptions = .init(),
        on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        notice: @escaping @Sendable (LiveStreamEvent) -> Void = { _ in }
    ) {
        self.url = url
        self.options = options
        self.loop = loop
        self.notice = notice
        missingSince = .now()
        unownedExecutor = loop.executor.asUnownedSerialExecutor()
    }

    /// Connections after the first.
    package var reconnectCount: Int { max(0, connectionCount - 1) }
    /// Frames that came again with a new connection, and were left out.
    package var repeatedCount: Int { splicer.repeatedCount }

    /// The next tag; nil when the stream has ended, and after ``close()``.
    ///
    /// - Throws: ``SourceError`` when it cannot be had, or not any more.
    package func next() async throws(SourceError) -> LiveTag? {
        while !isClosed {
            if let tag = ready.popFirst() { return tag }
            do {
                let source = try await currentSource()
                guard let tag = try await Self.next(of: source, lifeline) else {
                    try await sourceEnded()
                    continue
                }
                ready.append(contentsOf: splicer.place(tag, at: .now()))
                if !ready.isEmpty { backOff.reset() }
                missingSince = .now()
            } catch {
                await drop()
                if isClosed || Task.isCancelled { return nil }
                try await pause(for: error)
            }
        }
        return nil
    }

    /// Ends it. What is being waited for ends at once.
    package func close() async {
        isClosed = true
        lifeline?.close()
        await drop()
    }

    private static func next(of source: any TagSource, _ lifeline: Lifeline?) async throws(SourceError) -> FLVTag? {
        lifeline?.setAwaited(true, at: .now())
        defer { lifeline?.setAwaited(false, at: .now()) }
        return try await source.next()
    }

    // MARK: Connections

    private func currentSource() async throws(SourceError) -> any TagSource {
        if let source { return source }
        let lifeline = Lifeline(at: .now())
        self.lifeline = lifeline
        // A name that does not resolve and a handshake have their own bounds; this is for what comes behind them.
        let timeout = options.stallTimeout
        watch?.cancel()
        watch = loop.scheduleRepeatedTask(initialDelay: Self.watchInterval, delay: Self.watchInterval) { _ in
            lifeline.check(at: .now(), timeout: timeout)
        }
        let opened = try await url.open(options: options, lifeline: lifeline, on: loop)
        guard !isClosed else {
            await opened.close()
            throw .cancelled
        }
        source = opened
        splicer.beginConnection()
        notice(.connected(earlier: connectionCount))
        lastTold = nil
        connectionCount += 1
        return opened
    }

    /// The stream has ended in good order.
    private func sourceEnded() async throws(SourceError) {
        await drop()
        guard options.outlivesEnd else {
            isClosed = true
            return
        }
        try await pause(for: SourceError("the stream has ended; waiting for it to come back", isTransient: true))
    }

    private func drop() async {
        watch?.cancel()
        watch = nil
        let ended = source
        source = nil
        lifeline?.close()
        lifeline = nil
        await ended?.close()
    }

    /// Waits before the next attempt.
    ///
    /// - Throws: the error, when there is to be none.
    private func pause(for error: SourceError) async throws(SourceError) {
        let patience = connectionCount == 0 ? options.firstPatience : options.patience
        let now = NIODeadline.now()
        guard error.isTransient, patience.map({ now - missingSince < $0 }) ?? true else { throw error }
        if lastTold != error { notice(.interrupted(error)) }
        lastTold = error
        await loop.sleep(for: backOff.next(at: now))
        if Task.isCancelled { isClosed = true }
    }
}
