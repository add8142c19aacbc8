import HLS
import NIOCore

/// A buffer's text.
func text(_ buffer: ByteBuffer) -> String {
    String(buffer: buffer)
}

/// A playlist of plain segments of four seconds, named by their numbers.
func playlist(segments count: Int, from first: Int = 0) -> MediaPlaylist {
    MediaPlaylist(
        targetDurationSeconds: 4, mediaSequence: first,
        segments: (first..<(first + count)).map { MediaSegment(duration: .seconds(4), uri: "\($0).ts") })
}

/// Low latency with everything that goes with it.
let lowLatencyHead = MediaPlaylist(
    targetDurationSeconds: 4, mediaSequence: 100, discontinuitySequence: 3, hasIndependentSegments: true,
    partTarget: .milliseconds(1000),
    serverControl: ServerControl(
        canBlockReload: true, partHoldBack: .milliseconds(3000), holdBack: .seconds(12), canSkipUntil: .seconds(24)))

/// The wall clock at the start of segment 0 of ``lowLatencyPlaylist(segments:openParts:)``.
let start = WallTime(unixMilliseconds: 1_795_262_400_000)

extension LivePlaylist {
    /// Adds a whole segment of four parts, or the first parts of one.
    mutating func grow(by parts: Int = 4, map: String = "init.mp4", isDiscontinuity: Bool = false) {
        let number = nextMediaSequence
        begin(
            OpenSegment(
                isDiscontinuity: isDiscontinuity,
                programDateTime: start.advanced(by: .seconds(4 * (number - lowLatencyHead.mediaSequence))),
                map: MediaInitializationSection(uri: map)))
        for part in 0..<parts {
            append(PartialSegment(duration: .seconds(1), uri: "\(number).\(part).m4s", isIndependent: part == 0))
        }
        preloadHints = [PreloadHint(.part, uri: "\(number).\(parts).m4s")]
        if parts == 4 {
            complete(duration: .seconds(4), uri: "\(number).m4s")
            preloadHints = [PreloadHint(.part, uri: "\(number + 1).0.m4s")]
        }
    }
}

/// A live playlist with that many whole segments, and parts of the next one.
func lowLatencyPlaylist(segments: Int, openParts: Int = 0) -> LivePlaylist {
    var live = LivePlaylist(lowLatencyHead)
    for _ in 0..<segments { live.grow() }
    if openParts > 0 { live.grow(by: openParts) }
    live.renditionReports = [RenditionReport(uri: "audio.m3u8", lastMediaSequence: 107, lastPart: 2)]
    return live
}
