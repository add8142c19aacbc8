import HLS

/// What the head of a media playlist says, once and for all.
struct PlaylistSettings: Sendable {
    /// Seconds.
    var targetDuration: Int
    /// nil without parts.
    var partTarget: Duration?
    /// How far from the edge players of parts should stay; the same for all renditions (RFC 8216bis, 6.2.4).
    var partHoldBack: Duration?

    func head(hasIndependentSegments: Bool) -> MediaPlaylist {
        MediaPlaylist(
            targetDurationSeconds: targetDuration, hasIndependentSegments: hasIndependentSegments,
            partTarget: partTarget,
            serverControl: ServerControl(
                canBlockReload: true, partHoldBack: partHoldBack, holdBack: .seconds(targetDuration * 3),
                canSkipUntil: .seconds(targetDuration * 6)))
    }
}

extension WallTime {
    init(unixNanoseconds: Int64) {
        self.init(unixMilliseconds: (unixNanoseconds + 500_000) / 1_000_000)
    }
}
