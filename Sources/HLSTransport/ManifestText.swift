import Codecs
import HLS
import HTTPTypes
import ISOBMFF
import NIOCore

/// The manifest of MPEG-DASH over the segments of the playlists. Specification: ISO/IEC 23009-1, 5.3.
extension StreamSegments {
    mutating func manifest(_ wanted: WantedResource) -> HLSResource {
        guard case .manifest(let query) = wanted, let settings = packager.settings, let first = packager.stretches.first
        else { return .refusal(.notFound, "no manifest") }
        let window = window(query)
        let target = Duration.seconds(settings.targetDuration)
        var manifest = DASHManifest(
            availabilityStart: WallTime(unixNanoseconds: availabilityStart ?? first.date),
            publishTime: WallTime(unixNanoseconds: newestDate), minimumUpdatePeriod: isEnded ? nil : target / 2,
            timeShiftBufferDepth: window.map { max($0, target * 3) }, suggestedPresentationDelay: target * 3,
            maxSegmentDuration: target, periods: [])
        for (index, stretch) in packager.stretches.enumerated() {
            let next = index + 1 < packager.stretches.count ? packager.stretches[index + 1].firstNumber : Int.max
            let numbers = stretch.firstNumber..<next
            let sets = [TrackKind.video, .audio].compactMap { adaptationSet($0, numbers, stretch, window: window) }
            guard !sets.isEmpty else { continue }
            manifest.periods.append(
                DASHManifest.Period(
                    id: "p\(stretch.firstNumber)",
                    start: .nanoseconds(stretch.date - (availabilityStart ?? first.date)), adaptationSets: sets))
        }
        if isEnded, let last = manifest.periods.indices.last { manifest.periods[last].duration = lastDuration }
        return .text(
            manifest.text(), contentType: DASHManifest.mimeType, etag: "\(etagStem)\(query.suffix.dropFirst())-mpd",
            maxAgeSeconds: isEnded ? 60 : 1)
    }

    private mutating func adaptationSet(
        _ kind: TrackKind, _ numbers: Range<Int>, _ stretch: StreamPackager.Stretch, window: Duration?
    ) -> AdaptationSet? {
        let tracks = stretch.tracks
        guard let description = kind == .video ? tracks.video : tracks.audio else { return nil }
        let folder = ResourcePath.lastComponent(of: name)
        let made = packager.withTrack(kind) { track -> (SegmentTemplate, Int)? in
            guard let playlist = track.playlist else { return nil }
            let oldest = playlist.mediaSequence + playlist.segmentsBefore(window: window)
            let segments = track.segments.drop { $0.number < max(oldest, numbers.lowerBound) }
                .prefix { numbers.contains($0.number) }
            guard let first = segments.first, let initNumber = first.initNumber else { return nil }
            let offset = TrackClock.ticks(nanoseconds: stretch.time, timescale: description.timescale)
            var template = SegmentTemplate(
                timescale: Int(description.timescale), presentationTimeOffset: offset,
                initialization: "\(folder)/\(track.name(.initSegment(number: initNumber)))",
                media: "\(folder)/\(kind.rawValue)-at\(initNumber).$Time$-\(track.epoch).\(kind.fileExtension)",
                // Segments are named by their times; FFmpeg counts from here what it finds in the timeline.
                startNumber: 0)
            for segment in segments {
                let isGap = segment.durationTicks == 0
                let start = TrackClock.ticks(nanoseconds: segment.start, timescale: description.timescale)
                let duration = TrackClock.ticks(
                    nanoseconds: segment.duration.nanoseconds, timescale: description.timescale)
                template.append(
                    start: isGap ? start : Int64(clamping: segment.startTicks),
                    duration: isGap ? duration : Int64(clamping: segment.durationTicks))
            }
            return (template, track.peakBitrate)
        }
        guard let (template, bitrate) = made ?? nil else { return nil }
        var representation = Representation(
            id: kind.rawValue, codecs: description.codecsParameter, bandwidth: max(1, bitrate), template: template)
        representation.resolution = description.resolution
        representation.frameRate = description.isVideo ? packager.frameRate : nil
        representation.audioSamplingRate = description.audio?.sampleRate
        representation.channels = description.audio?.channels
        return AdaptationSet(
            id: Int(kind.trackID), kind == .video ? .video : .audio,
            beginsWithSync: kind == .audio || packager.hasIndependentSegments, representations: [representation])
    }

    /// When the newest segment ended.
    private var newestDate: Int64 {
        let last = (packager.writers.track(.video) ?? packager.writers.track(.audio))?.segments.last
        return last.map { $0.date + $0.duration.nanoseconds } ?? 0
    }

    /// How long the last period of an ended stream is.
    private var lastDuration: Duration {
        guard let stretch = packager.stretches.last else { return .zero }
        let last = (packager.writers.track(.video) ?? packager.writers.track(.audio))?.segments.last
        return .nanoseconds((last.map { $0.start + $0.duration.nanoseconds } ?? stretch.time) - stretch.time)
    }
}
