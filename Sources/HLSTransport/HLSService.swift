import HTTPTypes
import Logging
import MediaCore
import NIOCore

/// Serves live streams as segments: HLS in CMAF and in MPEG-TS, low-latency HLS, and MPEG-DASH.
///
/// | path | what |
/// |---|---|
/// | `/{app}/{stream}.m3u8` | multivariant playlist; `?format=ts` in MPEG-TS, `?dvr=SECONDS` for a longer window |
/// | `/{app}/{stream}.mpd` | manifest of MPEG-DASH |
/// | `/{app}/{stream}/video.m3u8`, `audio.m3u8`, `ts.m3u8` | media playlists |
/// | `/{app}/{stream}/NAME` | init segments, segments and parts; a name never means two things |
///
/// A stream's target duration is settled at the first request for a playlist, so that its groups of pictures fit, up to
/// ``HLSConfiguration/targetDurationMax``; a longer one is cut at a picture that is no keyframe, and the playlist then
/// no longer promises independent segments.
public final class HLSService: Sendable {
    private struct StreamKey: Hashable {
        var name: StreamName
        var packaging: Packaging
    }

    private struct State: Sendable {
        var streams: [StreamKey: SegmentedStream] = [:]
        /// Streams that are over: players that come back are told that they are gone, and not that they never were.
        var gone: [StreamKey] = []
    }

    /// The most streams that are remembered to have been there.
    private static let goneMax = 1_000

    private let context: HLSContext
    private let registry: StreamRegistry
    private let logger: Logger
    private let state = Locked(State())

    /// - Parameters:
    ///   - configuration: how streams are cut, kept and served.
    ///   - registry: the streams.
    ///   - wallClock: nanoseconds since 1970 at a moment; may be set, and may drift, as clocks do.
    ///   - now: the present moment.
    ///   - logger: gets a line for what goes wrong.
    public convenience init(
        configuration: HLSConfiguration, registry: StreamRegistry,
        wallClock: @escaping @Sendable (NIODeadline) -> Int64, now: @escaping @Sendable () -> NIODeadline = { .now() },
        logger: Logger
    ) {
        self.init(
            configuration: configuration, registry: registry, wallClock: wallClock, now: now,
            files: SystemFiles(), logger: logger)
    }

    /// - Parameter files: how files are written and read, where ``HLSConfiguration/dvrPath`` names a folder.
    package init(
        configuration: HLSConfiguration, registry: StreamRegistry,
        wallClock: @escaping @Sendable (NIODeadline) -> Int64, now: @escaping @Sendable () -> NIODeadline,
        files: any SegmentFileSystem, logger: Logger
    ) {
        self.registry = registry
        self.logger = logger
        context = HLSContext(
            configuration: configuration, clock: wallClock, now: now,
            files: configuration.dvrPath.map {
                SegmentFiles(path: $0, bytesMax: configuration.dvrBytesMax, files: files, logger: logger)
            },
            epochBits: { .random(in: 0...UInt64.max) })
        guard configuration.start == .publish else { return }
        registry.onPublication { [weak self] hub in
            _ = self?.begin(hub, .cmaf)
        }
    }

    // MARK: Answering

    /// Answers a request.
    ///
    /// - Parameters:
    ///   - method: GET and HEAD are answered alike.
    ///   - path: percent-encoded, without the query.
    ///   - query: what is behind the question mark; nil without one.
    ///   - eventLoop: where an answer that comes later is given.
    /// - Returns: nil when the path is none of this service's.
    public func answer(
        method: HTTPRequest.Method, path: String, query: String?, on eventLoop: any EventLoop
    ) -> HLSAnswer? {
        guard let request = ResourcePath(path: path, query: query) else { return nil }
        switch request {
        case .malformed(let sentence): return .now(.refusal(.badRequest, sentence))
        case .playlist(let name, let wanted): return answer(wanted, of: name, method, on: eventLoop)
        case .media(let name, let wanted, let longer):
            // A stream "live/x/video" has a multivariant playlist where "live/x" has one of its pictures.
            guard let longer, registry.stream(named: longer)?.isPublished == true,
                registry.stream(named: name)?.isPublished != true, stream(name, wanted.packaging) == nil
            else { return answer(wanted, of: name, method, on: eventLoop) }
            guard let window = DVRQuery(query.map { $0[...] }) else { return nil }
            return answer(.multivariant(window), of: longer, method, on: eventLoop)
        case .named(let name, let resource):
            return answer(.named(resource), of: name, method, on: eventLoop)
        }
    }

    private func answer(
        _ wanted: WantedResource, of name: StreamName, _ method: HTTPRequest.Method, on eventLoop: any EventLoop
    ) -> HLSAnswer {
        // What a browser asks before it reads begins nothing.
        if method == .options { return .now(.refusal(.noContent, "")) }
        guard method == .get || method == .head else {
            return .now(.refusal(.methodNotAllowed, "GET or HEAD", headers: [.allow: "GET, HEAD, OPTIONS"]))
        }
        let now = context.now()
        if let stream = stream(name, wanted.packaging) { return stream.answer(wanted, at: now, on: eventLoop) }
        if case .named = wanted { return .now(missing(name, wanted.packaging)) }
        guard let hub = registry.stream(named: name), hub.isPublished else {
            return .now(missing(name, wanted.packaging))
        }
        guard !context.memory.isFull else {
            return .now(.unavailable("no memory for another stream", afterSeconds: 10))
        }
        guard let stream = begin(hub, wanted.packaging) else {
            return .now(.unavailable("too many streams are cut into segments", afterSeconds: 10))
        }
        return stream.answer(wanted, at: now, on: eventLoop)
    }

    private func missing(_ name: StreamName, _ packaging: Packaging) -> HLSResource {
        let isGone = state.withLock { $0.gone.contains(StreamKey(name: name, packaging: packaging)) }
        return isGone ? .refusal(.gone, "\(name) has ended") : .refusal(.notFound, "nobody publishes \(name)")
    }

    private func stream(_ name: StreamName, _ packaging: Packaging) -> SegmentedStream? {
        state.withLock { $0.streams[StreamKey(name: name, packaging: packaging)] }
    }

    /// The stream cut in a container; begins to, if it is not yet. - Returns: nil when there are too many.
    private func begin(_ hub: StreamHub, _ packaging: Packaging) -> SegmentedStream? {
        let key = StreamKey(name: hub.name, packaging: packaging)
        let (stream, isNew) = state.withLock { state -> (SegmentedStream?, Bool) in
            if let present = state.streams[key] { return (present, false) }
            guard state.streams.count < context.configuration.streamsMax else { return (nil, false) }
            let stream = SegmentedStream(name: hub.name, packaging: packaging, context: context, at: context.now())
            state.streams[key] = stream
            state.gone.removeAll { $0 == key }
            return (stream, true)
        }
        guard let stream, isNew else { return stream }
        // Not under the lock: the hub tells at once of what there is.
        guard stream.observe(hub) else {
            remove(key, stream, isGone: false)
            return nil
        }
        return stream
    }

    private func remove(_ key: StreamKey, _ stream: SegmentedStream, isGone: Bool) {
        state.withLock { state in
            guard state.streams[key] === stream else { return }
            state.streams[key] = nil
            guard isGone else { return }
            state.gone.append(key)
            if state.gone.count > Self.goneMax { state.gone.removeFirst() }
        }
        stream.stop()
    }

    // MARK: Looking after

    /// To be called about once a second: answers what has waited too long, stops cutting streams that nobody asks for,
    /// and forgets streams that are over.
    public func sweep(at now: NIODeadline) {
        for (key, stream) in state.withLock({ $0.streams }) {
            switch stream.sweep(at: now) {
            case .stays: continue
            case .idle: remove(key, stream, isGone: false)
            case .over: remove(key, stream, isGone: true)
            }
        }
    }

    /// How a stream is cut, once for each container; empty when it is not.
    public func status(of name: StreamName) -> [HLSStreamStatus] {
        [Packaging.cmaf, .transportStream].compactMap { stream(name, $0)?.status }
    }

    /// How many streams are cut into segments.
    public var streamCount: Int { state.withLock { $0.streams.count } }

    /// What is wrong with the folder of ``HLSConfiguration/dvrPath``, for people; nil when nothing is.
    public var storageProblem: String? { context.files?.problem }

    /// Bytes of segments in memory, all streams together.
    public var bytesInMemory: Int { context.memory.bytesUsed }

    /// Stops cutting all streams.
    public func shutDown() {
        for (key, stream) in state.withLock({ $0.streams }) { remove(key, stream, isGone: false) }
        context.files?.shutDown()
    }
}
