import Codecs
import HLS
import PlainText
import StreamAnatomy

extension StreamReport {
    /// The report for programs. Times in seconds, rates in bits a second.
    public var document: JSONValue {
        .members([
            "duration": duration.map { .decimal($0, digits: 6) },
            "bytes": .integer(tracks.reduce(0) { $0 + $1.bytes }),
            "tracks": .array(tracks.map(\.document)),
            "startOffset": startOffset.map { .decimal($0, digits: 6) },
            "endOffset": endOffset.map { .decimal($0, digits: 6) },
            "interleaving": interleavingSeconds.map { .decimal($0, digits: 6) },
            "damageCount": .integer(damageCount),
            "damages": .array(damages.map(JSONValue.string)),
            "cutShort": cutShort.map(JSONValue.string),
            "variant": variant?.document,
        ])
    }
}

extension Variant {
    /// What the playlist claims, under the playlist's own names.
    fileprivate var document: JSONValue {
        .members([
            "BANDWIDTH": .integer(bandwidth), "CODECS": .string(codecs.joined(separator: ",")),
            "RESOLUTION": resolution.map { .string("\($0.width)x\($0.height)") },
            "FRAME-RATE": frameRate.map { .decimal($0, digits: 3) },
        ])
    }
}

extension TrackReport {
    /// What was found of the track, for programs.
    var document: JSONValue {
        var members: [JSONValue.Member] = []
        let parts: [JSONValue] = [
            identity, video.map(Self.members) ?? .null, audio.map(Self.members) ?? .null, numbers,
        ]
        for case .object(let part) in parts { members += part }
        return .object(members)
    }

    private var identity: JSONValue {
        .members([
            "kind": .string(track.kind.rawValue), "number": .integer(track.number), "name": .string(track.name),
            "container": .string(track.container.rawValue), "codec": .string(track.codec.codecName),
            "timescale": .integer(Int(clamping: track.timescale)),
        ])
    }

    private static func members(_ video: VideoFormat) -> JSONValue {
        .members([
            "codecs": .string(video.rfc6381), "profile": .string(video.profile), "level": .string(video.level),
            "width": .integer(video.width), "height": .integer(video.height), "bitDepth": .integer(video.bitDepth),
            "claimedFrameRate": video.frameRate.map { .decimal($0, digits: 6) },
            "mayBeInterlaced": .bool(video.mayBeInterlaced), "reorderDepth": .integer(video.reorderDepth),
        ])
    }

    private static func members(_ audio: AudioFormat) -> JSONValue {
        .members([
            "codecs": .string(audio.rfc6381), "profile": .string(audio.profile),
            "sampleRate": .integer(audio.sampleRate), "channels": .integer(audio.channels),
            "samplesPerFrame": audio.samplesPerFrame.map(JSONValue.integer),
        ])
    }

    private var numbers: JSONValue {
        let isVideo = track.kind == .video
        return .members([
            "samples": .integer(sampleCount), "bytes": .integer(bytes),
            "start": startSeconds.map { .decimal($0, digits: 6) },
            "firstDecodeTime": samples.first.map { .decimal(seconds($0.decodeTime), digits: 6) },
            "duration": duration.map { .decimal($0, digits: 6) },
            "bitRate": bitRate.map { .decimal($0, digits: 0) },
            "frameRate": frameRate.map { .decimal($0, digits: 6) },
            "keyframes": isVideo ? .integer(keyframes) : nil,
            "pictures": isVideo ? pictures : nil,
            "steps": steps.map(Self.document),
            "backward": .integer(stepSeconds.count { $0 < 0 }),
            "gaps": .array(gaps(factor: 2, seconds: 0.1).prefix(Self.listedMax).map(Self.document)),
            "groups": isVideo ? .array(groups.prefix(Self.listedMax).map(document)) : nil,
            "configurationChanges": .integer(configurationChanges),
            "arrivalJitter": arrivalJitter.map { .decimal($0.mean, digits: 6) },
            "parameters": .array(parameterSets.map(Self.document)),
        ])
    }

    /// The most gaps and groups in a document.
    private static let listedMax = 1000

    private var pictures: JSONValue {
        .members([
            "I": .integer(count(of: .intra)), "P": .integer(count(of: .predicted)),
            "B": .integer(count(of: .bidirectional)),
        ])
    }

    private static func document(_ steps: StepStatistics) -> JSONValue {
        .members([
            "shortest": .decimal(steps.shortest, digits: 6), "median": .decimal(steps.median, digits: 6),
            "longest": .decimal(steps.longest, digits: 6), "jitter": .decimal(steps.jitter, digits: 6),
        ])
    }

    private static func document(_ gap: SampleGap) -> JSONValue {
        .members(["at": .decimal(gap.startSeconds, digits: 6), "seconds": .decimal(gap.seconds, digits: 6)])
    }

    private func document(_ group: PictureGroup) -> JSONValue {
        .members([
            "at": .decimal(group.startSeconds, digits: 6), "seconds": group.seconds.map { .decimal($0, digits: 6) },
            "pictures": .integer(group.samples.count), "bytes": .integer(group.bytes),
        ])
    }

    private static func document(_ set: ParameterSetDescription) -> JSONValue {
        .members([
            "name": .string(set.name), "bytes": .integer(set.bytes),
            "fields": .array(
                set.fields.map { .array([.string($0.name), .string($0.value), .string($0.meaning)]) }),
        ])
    }
}
