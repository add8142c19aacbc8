import Codecs
import MediaCore
import NIOCore
import StreamAnatomy

/// Looks at everything that a container's reader finds, and keeps what a report needs of it: no payloads.
public struct Inspection: Sendable {
    private var report = StreamReport()
    private var meters: [JitterMeter] = []
    /// Per track, the newest time in the order of the bytes.
    private var newest: [Double?] = []

    /// Nothing yet.
    public init() {}

    /// How far the newest sample is from the first one in the order of the bytes, in seconds; nil without samples.
    public var newestSeconds: Double? {
        let starts = report.tracks.compactMap { track in
            track.track.kind == .data ? nil : track.samples.first.map { track.seconds($0.decodeTime) }
        }
        guard let start = starts.min(), let end = newest.compactMap({ $0 }).max() else { return nil }
        return end - start
    }

    /// What a track holds; nil where there is none of that number.
    public func kind(of number: Int) -> SourceTrack.Kind? {
        report.tracks.indices.contains(number) ? report.tracks[number].track.kind : nil
    }

    /// What was found so far.
    public var soFar: StreamReport {
        var report = report
        for index in report.tracks.indices where meters[index].largestNanoseconds > 0 {
            report.tracks[index].arrivalJitter = (
                meters[index].nanoseconds / 1e9, meters[index].largestNanoseconds / 1e9
            )
        }
        return report
    }

    /// Takes an event up.
    ///
    /// - Parameters:
    ///   - event: events of tracks that were not told of are passed over.
    ///   - arrival: when it came; nil for files.
    public mutating func receive(_ event: SourceEvent, at arrival: NIODeadline? = nil) {
        switch event {
        case .track(let track):
            guard track.number == report.tracks.count, track.number < sourceTracksMax else { return }
            report.tracks.append(TrackReport(track))
            meters.append(JitterMeter())
            newest.append(nil)
        case .configuration(let number, let configuration):
            guard report.tracks.indices.contains(number) else { return }
            report.tracks[number].configure(configuration)
        case .sample(let sample):
            guard report.tracks.indices.contains(sample.track) else { return }
            report.tracks[sample.track].receive(sample)
            noteInterleaving(sample)
            if let arrival { noteArrival(of: sample, at: arrival) }
        case .damage(let words):
            report.damageCount += 1
            if report.damages.count < StreamReport.damagesMax { report.damages.append(words) }
        case .cutShort(let words): report.cutShort = words
        }
    }

    private mutating func noteArrival(of sample: SourceSample, at arrival: NIODeadline) {
        let seconds = report.tracks[sample.track].seconds(sample.decodeTime)
        let nanoseconds = Int64(exactly: (seconds * 1e9).rounded()) ?? 0
        meters[sample.track].add(decodeTime: .init(nanoseconds: nanoseconds), arrival: arrival)
    }

    private mutating func noteInterleaving(_ sample: SourceSample) {
        let kind = report.tracks[sample.track].track.kind
        guard kind != .data else { return }
        let time = report.tracks[sample.track].seconds(sample.decodeTime)
        newest[sample.track] = time
        let others = report.tracks.indices.filter { index in
            let other = report.tracks[index].track.kind
            return other != kind && other != .data
        }
        guard let nearest = others.compactMap({ newest[$0] }).map({ abs($0 - time) }).min() else { return }
        report.interleavingSeconds = max(report.interleavingSeconds ?? 0, nearest)
    }
}

extension TrackReport {
    mutating func configure(_ configuration: ByteBuffer) {
        guard self.configuration != configuration else { return }
        if self.configuration != nil { configurationChanges += 1 }
        self.configuration = ByteBuffer(configuration.readableBytesView)
        parameterSets = ParameterSetDescription.all(codec: track.codec, configuration: configuration)
        switch track.kind {
        case .video: video = VideoFormat(codec: track.codec, configuration: configuration)
        case .audio: audio = AudioFormat(codec: track.codec, configuration: configuration) ?? audio
        case .data: break
        }
    }

    mutating func receive(_ sample: SourceSample) {
        if configuration == nil { samplesUnconfigured += 1 }
        sampleCount += 1
        bytes += sample.payload.readableBytes
        lastDuration = sample.duration
        var record = SampleRecord(
            decodeTime: sample.decodeTime, presentationTime: sample.presentationTime,
            bytes: UInt32(clamping: sample.payload.readableBytes), picture: nil, isKeyframe: sample.isKeyframe,
            isDamaged: false)
        switch track.kind {
        case .video: look(at: sample, &record)
        case .audio:
            if audio == nil { audio = AudioFormat(codec: track.codec, firstFrame: sample.payload) }
        case .data: break
        }
        if samples.count < Self.samplesMax { samples.append(record) }
    }

    private mutating func look(at sample: SourceSample, _ record: inout SampleRecord) {
        let lengthSize = video?.nalUnitLengthSize ?? 4
        let summary = AccessUnitSummary(
            codec: track.codec, lengthSize: lengthSize == 0 ? 4 : lengthSize, accessUnit: sample.payload)
        record.picture = summary.picture
        record.isDamaged = summary.isDamaged
        guard sample.isKeyframe else { return }
        if video == nil { video = VideoFormat(withoutConfiguration: track.codec) }
        if video?.width == 0 { video?.refine(keyframe: sample.payload) }
        noteParameterSets(in: sample.payload)
    }

    /// Whether a keyframe's sequence parameter sets are those of the configuration.
    private mutating func noteParameterSets(in accessUnit: ByteBuffer) {
        guard track.codec == .avc1, let video, let configuration else { return }
        do {
            let known = try AVCDecoderConfigurationRecord(configuration).sequenceParameterSets
            var units = LengthPrefixedNALUnits(accessUnit, lengthSize: video.nalUnitLengthSize)
            while let unit = try units.next() {
                guard H264NALUnitType(of: unit)?.rawValue == 7 else { continue }
                if !known.contains(unit) { unannouncedParameterSets += 1 }
            }
        } catch {
            // What cannot be read is told as damage of the picture.
        }
    }
}

extension VideoFormat {
    /// What is known of a codec whose keyframes tell their size themselves; nil for the others.
    fileprivate init?(withoutConfiguration codec: FourCC) {
        guard codec == .vp08 || codec == .vp09 || codec == .av01 else { return nil }
        self.init(codec: codec, width: 0, height: 0, rfc6381: "\(codec)")
    }
}
