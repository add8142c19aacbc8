import Codecs
import HLS
import HTTPTypes
import NIOCore

/// The lists of a stream's renditions.
extension StreamSegments {
    /// BANDWIDTH is to be no less than any segment takes, and segments to come are not known: a tenth is added to what
    /// the fullest so far took. Specification: RFC 8216bis, 4.4.6.2.
    private static func bandwidth(_ peak: Int) -> Int { max(1, peak + peak / 10) }

    /// The multivariant playlist. Specification: RFC 8216bis, 4.4.6.
    mutating func multivariant(_ wanted: WantedResource) -> HLSResource {
        guard case .multivariant(let query) = wanted else { return .refusal(.notFound, "no playlist") }
        let tracks = packager.writers.tracks
        let folder = ResourcePath.lastComponent(of: name)
        func uri(_ kind: TrackKind) -> String { "\(folder)/\(kind.rawValue).m3u8\(query.suffix)" }
        var (peak, average) = (0, 0)
        packager.forEachTrack { track in
            peak += track.peakBitrate
            average += track.averageBitrate
        }
        let hasGroup = packager.packaging == .cmaf && tracks.video != nil && tracks.audio != nil
        let kind: TrackKind =
            packager.packaging == .transportStream ? .program : tracks.video != nil ? .video : .audio
        var variant = Variant(
            uri: uri(kind), bandwidth: Self.bandwidth(peak), averageBandwidth: max(1, average),
            codecs: [tracks.video, tracks.audio].compactMap { $0?.codecsParameter })
        variant.resolution = tracks.video?.resolution
        variant.frameRate = tracks.video == nil ? nil : packager.frameRate
        variant.audioGroup = hasGroup ? "audio" : nil
        var playlist = MultivariantPlaylist(variants: [variant])
        if hasGroup {
            var rendition = Rendition(
                .audio, group: "audio", name: "Audio", uri: uri(.audio), isDefault: true, isAutoselect: true)
            rendition.channels = tracks.audio?.audio.flatMap { $0.channels > 0 ? "\($0.channels)" : nil }
            playlist.renditions = [rendition]
        }
        playlist.hasIndependentSegments = packager.hasIndependentSegments
        var body = ByteBuffer()
        playlist.write(into: &body)
        return .text(
            body, contentType: MediaPlaylist.mimeType,
            etag: "\(etagStem)\(query.suffix.dropFirst())-all", maxAgeSeconds: isEnded ? 60 : 2)
    }
}

extension TrackDescription {
    /// Pixels across and down; nil for audio.
    var resolution: Variant.Resolution? {
        video.map { Variant.Resolution(width: $0.width, height: $0.height) }
    }
}
