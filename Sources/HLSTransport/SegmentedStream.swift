import HTTPTypes
import Logging
import MediaCore
import NIOCore
import Synchronization

/// One stream cut into segments in one container: it hears the hub, and answers requests from any event loop.
///
/// The hub calls under its lock, which is why nothing here calls the hub while the own lock is held.
final class SegmentedStream: StreamObserver {
    private struct State: Sendable {
        var segments: StreamSegments
        var waiting = WaitingRequests()
        var lastRequest: NIODeadline
        var observation: StreamObservation?
        var revision = 0
        var bytesCounted = 0
        /// The least number that another run may begin with.
        var nextNumber: Int
    }

    let name: StreamName
    let packaging: Packaging
    private let context: HLSContext
    private let state: Locked<State>

    init(name: StreamName, packaging: Packaging, context: HLSContext, at now: NIODeadline) {
        self.name = name
        self.packaging = packaging
        self.context = context
        let number = context.firstNumber(at: now)
        state = Locked(
            State(
                segments: context.segments(of: name, packaging, number: number), lastRequest: now, nextNumber: number))
    }

    deinit {
        let bytes = state.withLock { $0.bytesCounted }
        context.memory.add(-bytes)
    }

    // MARK: Hearing

    /// Begins to hear the stream. - Returns: false when the hub has left its registry.
    func observe(_ hub: StreamHub) -> Bool {
        guard let observation = hub.observe(self) else { return false }
        state.withLock { $0.observation = observation }
        return true
    }

    func publicationBegan(_ publisher: PublisherInfo, isReturn: Bool, at now: NIODeadline) {
        state.withLock { state in
            if isReturn, !state.segments.isEnded {
                state.segments.packager.publisherReturned()
            } else if state.segments.isEnded {
                // A stream of the same name, from its beginning; numbers go on, since players may still know the old.
                let number = max(state.nextNumber, context.firstNumber(at: now))
                forget(state.segments.removeAll())
                state.segments = context.segments(of: name, packaging, number: number)
                state.revision = 0
                state.nextNumber = number
            }
        }
    }

    func received(_ frame: MediaFrame, _ notes: FrameNotes) {
        let date = context.clock(notes.arrival)
        change { $0.packager.receive(frame, at: date) }
    }

    func publicationInterrupted(at now: NIODeadline) {
        change { $0.packager.interrupt() }
    }

    func publicationEnded(at now: NIODeadline) {
        change { segments in
            segments.packager.end()
            segments.endedAt = now
        }
        wake()
    }

    /// Changes the segments, and wakes those who wait for what has changed.
    private func change(_ body: (inout StreamSegments) -> Void) {
        let loops = state.withLock { state -> [any EventLoop] in
            body(&state.segments)
            let revision = state.segments.packager.revision
            guard revision != state.revision else { return [] }
            state.revision = revision
            keep(&state)
            return state.waiting.loopsToWake()
        }
        for loop in loops { loop.execute { self.serveWaiting(on: loop) } }
    }

    /// Counts what is held, and gives up what is too much.
    private func keep(_ state: inout State) {
        state.nextNumber = max(state.nextNumber, state.segments.packager.nextNumber)
        if let files = context.files {
            let writes = state.segments.segmentsToWrite()
            let refused = files.write(writes) { [weak self] name, isWritten in self?.wrote(name, isWritten) }
            for name in refused { state.segments.wrote(name, isWritten: false) }
        }
        var removed = state.segments.trim()
        count(&state)
        while context.memory.isFull || context.files?.isFull == true {
            let more = state.segments.trimHarder()
            if more.isEmpty { break }
            removed += more
            count(&state)
        }
        forget(removed)
    }

    /// Removes the files of segments that are given up.
    private func forget(_ segments: [(TrackKind, StoredSegment, epoch: String)]) {
        guard let files = context.files else { return }
        files.remove(
            segments.compactMap { kind, segment, epoch in
                guard case .written = segment.file else { return nil }
                return (SegmentName(kind, .segment(number: segment.number), epoch: epoch), segment.bytes)
            })
    }

    private func count(_ state: inout State) {
        let bytes = state.segments.bytesInMemory
        context.memory.add(bytes - state.bytesCounted)
        state.bytesCounted = bytes
    }

    // MARK: Answering

    /// Answers a request, now or later.
    func answer(_ wanted: WantedResource, at now: NIODeadline, on eventLoop: any EventLoop) -> HLSAnswer {
        let outcome = state.withLock { state -> (HLSAnswer?, StreamSegments.Outcome) in
            state.lastRequest = now
            let outcome = state.segments.outcome(of: wanted, at: now)
            guard case .wait = outcome else { return (nil, outcome) }
            guard state.waiting.count < context.configuration.blockedRequestsMax else {
                return (.now(.unavailable("too many requests wait for \(name)")), outcome)
            }
            let deadline = now + state.segments.patience
            return (.later(state.waiting.add(wanted, deadline: deadline, on: eventLoop)), outcome)
        }
        switch outcome {
        case (.some(let answer), _): return answer
        case (nil, .answer(let resource)): return .now(resource)
        case (nil, .file(let file, let bytes, let contentType)):
            return .later(read(file, bytes: bytes, contentType: contentType, on: eventLoop))
        case (nil, .wait): return .now(.unavailable("\(name) has nothing yet"))
        }
    }

    private func read(
        _ file: SegmentName, bytes: Int, contentType: String, on eventLoop: any EventLoop
    ) -> EventLoopFuture<HLSResource> {
        guard let files = context.files else {
            return eventLoop.makeSucceededFuture(.refusal(.gone, "not kept any longer"))
        }
        return files.read(file, bytes: bytes, on: eventLoop).map { bytes in
            guard let bytes else { return .unavailable("the segment cannot be read", afterSeconds: 10) }
            return .immutable(bytes, contentType: contentType, name: file.description)
        }
    }

    /// Answers those of a loop's requests that need not wait any longer.
    private func serveWaiting(on eventLoop: any EventLoop) {
        let now = context.now()
        let answers = state.withLock { state -> [(EventLoopPromise<HLSResource>, StreamSegments.Outcome)] in
            var answers: [(EventLoopPromise<HLSResource>, StreamSegments.Outcome)] = []
            var waiting: [WaitingRequests.Request] = []
            for request in state.waiting.take(on: eventLoop) {
                let outcome = state.segments.outcome(of: request.wanted, at: now)
                if case .wait = outcome {
                    guard request.deadline <= now else {
                        waiting.append(request)
                        continue
                    }
                }
                answers.append((request.promise, outcome))
            }
            state.waiting.putBack(waiting, on: eventLoop)
            return answers
        }
        for (promise, outcome) in answers {
            switch outcome {
            case .answer(let resource): promise.succeed(resource)
            case .file(let file, let bytes, let contentType):
                read(file, bytes: bytes, contentType: contentType, on: eventLoop).cascade(to: promise)
            case .wait: promise.succeed(.unavailable("it did not come in time"))
            }
        }
    }

    private func wake() {
        let loops = state.withLock { $0.waiting.loopsToWake() }
        for loop in loops { loop.execute { self.serveWaiting(on: loop) } }
    }

    // MARK: Looking after

    /// What becomes of the stream.
    enum Fate: Sendable {
        /// It goes on.
        case stays
        /// Nobody has asked for it for long: it need not be cut any more.
        case idle
        /// It ended, and who still watched has had the time to see the end.
        case over
    }

    /// To be called about once a second: answers requests that have waited too long.
    func sweep(at now: NIODeadline) -> Fate {
        wake()
        return state.withLock { state in
            let configuration = context.configuration
            if let endedAt = state.segments.endedAt {
                return now - endedAt > max(configuration.window, configuration.idleTimeout) ? .over : .stays
            }
            guard configuration.start == .request || packaging == .transportStream else { return .stays }
            let isIdle = now - state.lastRequest > configuration.idleTimeout && state.waiting.count == 0
            return isIdle ? .idle : .stays
        }
    }

    /// Hears no more, and forgets everything. Requests that wait are told.
    func stop() {
        let (observation, removed) = state.withLock { state in
            let observation = state.observation
            state.observation = nil
            let removed = state.segments.removeAll()
            state.segments.endedAt = state.segments.endedAt ?? context.now()
            count(&state)
            return (observation, removed)
        }
        observation?.leave()
        forget(removed)
        wake()
    }

    /// How the stream is cut, for those who look after the server.
    var status: HLSStreamStatus {
        state.withLock { $0.segments.status(packaging, waiting: $0.waiting.count) }
    }

    private func wrote(_ name: SegmentName, _ isWritten: Bool) {
        state.withLock { $0.segments.wrote(name, isWritten: isWritten) }
    }
}
