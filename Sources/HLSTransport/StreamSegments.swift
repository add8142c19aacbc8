import HLS
import HTTPTypes
import MediaCore
import NIOCore

/// A stream's segments and what clients read of them, under its lock.
struct StreamSegments: Sendable {
    /// What a request gets at this moment.
    enum Outcome: Sendable {
        case answer(HLSResource)
        /// It comes soon.
        case wait
        /// Its bytes are in a file of that name.
        case file(SegmentName, bytes: Int, contentType: String)
    }

    /// A segment that was given up, and what its name had been.
    typealias RemovedSegment = (TrackKind, StoredSegment, epoch: String)

    private struct CacheKey: Hashable {
        var wanted: WantedResource
        var isDelta: Bool
    }

    /// The most different texts that are kept of one moment's playlists; each window asked for makes one.
    private static let cachedMax = 32

    let name: StreamName
    let configuration: HLSConfiguration
    var packager: StreamPackager
    /// What manifests count from: when the first segment began. It never changes.
    private(set) var availabilityStart: Int64?
    /// Since when the stream has ended; nil while it is live, or may go on.
    var endedAt: NIODeadline?
    private var cache: [CacheKey: HLSResource] = [:]
    private var cachedRevision = -1

    init(name: StreamName, configuration: HLSConfiguration, packager: StreamPackager) {
        self.name = name
        self.configuration = configuration
        self.packager = packager
    }

    /// How long a request may wait. Specification: RFC 8216bis, 6.2.5.2.
    var patience: TimeAmount {
        .seconds(Int64(3 * (packager.settings?.targetDuration ?? Int(packager.plan.limit / 1_000_000_000))))
    }

    var isEnded: Bool { endedAt != nil }

    // MARK: Answers

    /// What a request gets now.
    mutating func outcome(of wanted: WantedResource, at now: NIODeadline) -> Outcome {
        if cachedRevision != packager.revision {
            cachedRevision = packager.revision
            cache.removeAll(keepingCapacity: true)
        }
        if let refusal = packager.refusal { return .answer(.refusal(.notFound, refusal)) }
        if case .named(let resource) = wanted { return outcome(of: resource) }
        guard packager.isPlayable else {
            return isEnded ? .answer(.refusal(.notFound, "\(name) ended before there was a segment of it")) : .wait
        }
        packager.settle()
        availabilityStart = availabilityStart ?? packager.stretches.first?.date
        switch wanted {
        case .multivariant: return .answer(cached(CacheKey(wanted: wanted, isDelta: false)) { $0.multivariant(wanted) })
        case .manifest: return .answer(cached(CacheKey(wanted: wanted, isDelta: false)) { $0.manifest(wanted) })
        case .media(let kind, let query, let directives): return media(kind, query, directives)
        case .named(let resource): return outcome(of: resource)
        }
    }

    private mutating func media(_ kind: TrackKind, _ query: DVRQuery, _ directives: DeliveryDirectives) -> Outcome {
        setReports(on: kind)
        guard let edge = packager.withTrack(kind, { $0.playlist?.edge }) ?? nil else {
            return .answer(.refusal(.notFound, "\(name) has no \(kind.rawValue)"))
        }
        switch edge.decision(for: directives) {
        case .wait: return .wait
        case .reject(let error): return .answer(.refusal(.badRequest, error.detail))
        case .answer: break
        }
        let isDelta = directives.skip != nil
        let key = CacheKey(wanted: .media(kind, query, DeliveryDirectives()), isDelta: isDelta)
        var resource = cached(key) { $0.mediaPlaylist(kind, query, isDelta: isDelta) }
        if directives.mediaSequence != nil, !isEnded {
            resource.cacheControl = "public, max-age=\(6 * (packager.settings?.targetDuration ?? 1))"
        }
        return .answer(resource)
    }

    private mutating func cached(_ key: CacheKey, _ make: (inout Self) -> HLSResource) -> HLSResource {
        if let resource = cache[key] { return resource }
        let resource = make(&self)
        if cache.count >= Self.cachedMax { cache.removeAll(keepingCapacity: true) }
        cache[key] = resource
        return resource
    }

    /// Tells of the other rendition's edge, for players that change to it. Specification: RFC 8216bis, 4.4.5.4.
    private mutating func setReports(on kind: TrackKind) {
        guard kind != .program else { return }
        let other: TrackKind = kind == .video ? .audio : .video
        guard let edge = packager.withTrack(other, { $0.playlist?.edge }) ?? nil, edge.partTarget != nil else { return }
        let report: RenditionReport
        if edge.parts > 0 {
            report = RenditionReport(
                uri: "\(other.rawValue).m3u8", lastMediaSequence: edge.nextMediaSequence, lastPart: edge.parts - 1)
        } else {
            report = RenditionReport(
                uri: "\(other.rawValue).m3u8", lastMediaSequence: edge.nextMediaSequence - 1,
                lastPart: max(0, edge.partsOfLast - 1))
        }
        _ = packager.withTrack(kind) { $0.setReports([report]) }
    }

    private mutating func mediaPlaylist(_ kind: TrackKind, _ query: DVRQuery, isDelta: Bool) -> HLSResource {
        let window = window(query)
        let body =
            packager.withTrack(kind) { track -> ByteBuffer? in
                // As long as nothing has left it, the list of everything is an event's. RFC 8216bis, 4.4.3.5.
                let isEvent = window == nil && track.playlist?.mediaSequence == track.firstNumber
                return track.playlist?.text(window: window, isDelta: isDelta, type: isEvent ? .event : nil)
            } ?? nil
        return .text(
            body ?? ByteBuffer(), contentType: MediaPlaylist.mimeType,
            etag: "\(etagStem)\(query.suffix.dropFirst())\(isDelta ? "-delta" : "")-\(kind.rawValue)",
            maxAgeSeconds: isEnded ? 60 : 1)
    }

    /// What tells this moment's texts from all others.
    var etagStem: String { "\(packager.epoch)-\(packager.revision)-" }

    /// How much a playlist lists; nil for everything.
    func window(_ query: DVRQuery) -> Duration? {
        let live = configuration.window.duration
        switch (query.window, configuration.dvr) {
        case (.live, _): return live
        case (.all, .unlimited): return nil
        case (.seconds(let seconds), .unlimited): return max(live, .seconds(seconds))
        case (.all, .limited(let most)): return max(live, most.duration)
        case (.seconds(let seconds), .limited(let most)):
            return max(live, min(.seconds(seconds), most.duration))
        }
    }

    // MARK: Segments

    private mutating func outcome(of resource: SegmentName) -> Outcome {
        guard resource.epoch == packager.epoch else { return .answer(.refusal(.gone, "from an earlier run")) }
        let isEnded = isEnded
        return packager.withTrack(resource.track) { $0.outcome(of: resource, isEnded: isEnded) }
            ?? .answer(.refusal(.notFound, "\(name) has no \(resource.track.rawValue)"))
    }

    // MARK: Keeping

    /// Gives up what is too old to be listed or read. - Returns: the segments.
    mutating func trim() -> [RemovedSegment] {
        let listed = window(DVRQuery(all: true))
        let live = max(configuration.window, configuration.segmentDuration * 3).duration
        let late = live
        var removed: [RemovedSegment] = []
        packager.forEachTrack { track in
            track.moveToFiles(olderThan: live + late)
            let segments = track.trim(listed: listed, readable: listed.map { $0 + late })
            removed += segments.map { (track.kind, $0, track.epoch) }
        }
        return removed
    }

    /// Gives up the oldest segment of each track that is not among its last. - Returns: the segments.
    mutating func trimHarder() -> [RemovedSegment] {
        var removed: [RemovedSegment] = []
        packager.forEachTrack { track in
            guard let first = track.segments.first?.number, track.segments.count > Self.segmentsKept else { return }
            removed += track.removeSegments(before: first + 1).map { (track.kind, $0, track.epoch) }
        }
        return removed
    }

    /// What a stream keeps even when memory is short: what RFC 8216bis, 6.2.2 wants listed.
    static let segmentsKept = 3

    /// Gives up everything. - Returns: the segments.
    mutating func removeAll() -> [RemovedSegment] {
        var removed: [RemovedSegment] = []
        packager.forEachTrack { track in
            removed += track.removeSegments(before: .max).map { (track.kind, $0, track.epoch) }
        }
        return removed
    }

    /// Bytes of segments in memory.
    var bytesInMemory: Int {
        mutating get {
            var bytes = 0
            packager.forEachTrack { bytes += $0.bytesInMemory }
            return bytes
        }
    }
}

extension DVRQuery {
    /// Everything there is, or the live window.
    init(all: Bool) {
        window = all ? .all : .live
    }
}

extension SegmentTrack {
    /// What a request for a segment, a part or an init segment gets.
    func outcome(of resource: SegmentName, isEnded: Bool) -> StreamSegments.Outcome {
        switch resource.resource {
        case .initSegment(let number):
            guard let bytes = inits[number] else {
                return missing(isPast: number > 0 && inits.keys.allSatisfy { $0 > number })
            }
            return .answer(.immutable(bytes, contentType: kind.contentType, name: resource.description))
        case .segment(let number):
            guard let segment = segment(number) else {
                if number == nextNumber, open != nil, !isEnded { return .wait }
                return missing(isPast: number < nextNumber)
            }
            switch segment.body {
            case .memory(let bytes):
                return .answer(.immutable(bytes, contentType: kind.contentType, name: resource.description))
            case .disk(let bytes):
                return .file(resource, bytes: bytes, contentType: kind.contentType)
            case .none: return missing(isPast: true)
            }
        case .segmentAt(let initNumber, let ticks):
            guard let number = number(ofSegmentAt: ticks, initNumber: initNumber) else {
                return missing(isPast: ticks < segments.last?.startTicks ?? 0)
            }
            return outcome(of: name(.segment(number: number)), isEnded: isEnded)
        case .part(let number, let index): return part(index, of: number, name: resource, isEnded: isEnded)
        }
    }

    private func part(
        _ index: Int, of number: Int, name: SegmentName, isEnded: Bool
    ) -> StreamSegments.Outcome {
        if number == nextNumber, let open {
            if open.parts.indices.contains(index) {
                let bytes = open.parts[index].bytes
                return .answer(.immutable(bytes, contentType: kind.contentType, name: name.description))
            }
            // The next one was hinted at.
            return index == open.parts.count && hasParts && !isEnded ? .wait : missing(isPast: false)
        }
        // The hint before a publisher returns.
        if number == nextNumber, index == 0, hasParts, !isEnded { return .wait }
        guard let segment = segment(number), segment.parts.indices.contains(index) else {
            return missing(isPast: number < nextNumber)
        }
        guard case .memory(let bytes) = segment.body, let part = bytes.slice(segment.parts[index].range) else {
            return missing(isPast: true)
        }
        return .answer(.immutable(part, contentType: kind.contentType, name: name.description))
    }

    private func missing(isPast: Bool) -> StreamSegments.Outcome {
        .answer(isPast ? .refusal(.gone, "not kept any longer") : .refusal(.notFound, "not there yet"))
    }

    /// Takes out of the playlist what is older than `listed`, and gives up what is older than `readable`; nil is
    /// nothing. - Returns: what was given up.
    mutating func trim(listed: Duration?, readable: Duration?) -> [StoredSegment] {
        guard let listed, let readable, let last = segments.last else { return [] }
        if let playlist {
            unlistSegments(before: playlist.mediaSequence + playlist.segmentsBefore(window: listed))
        }
        let end = last.start &+ last.duration.nanoseconds
        let horizon = end &- readable.nanoseconds
        let most = playlist?.mediaSequence ?? last.number
        guard let kept = segments.first(where: { $0.start &+ $0.duration.nanoseconds > horizon }) else { return [] }
        return removeSegments(before: min(kept.number, most))
    }
}

extension ByteBuffer {
    /// Bytes counted from the first byte written.
    fileprivate func slice(_ range: Range<Int>) -> ByteBuffer? {
        getSlice(at: range.lowerBound, length: range.count)
    }
}
