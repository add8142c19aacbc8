import Codecs
import NIOCore

/// What a joiner needs before the first frame: the newest metadata and decoder configurations of every track.
struct StreamHeaders: Sendable {
    /// What a header is in comparison to those held.
    enum Novelty: Sendable {
        /// Held already, byte for byte: viewers know it.
        case known
        /// The first of its track.
        case first
        /// Takes the place of another one of its track.
        case replacement
        /// Past the bounds: viewers hear it now, later joiners do not.
        case unkept
    }

    /// The most headers. Two for each of a few tracks is what publishers send; tracks are named by a byte.
    static let countMax = 64
    /// The most bytes of all headers. A configuration is hundreds of bytes, metadata a few thousand; every joiner is
    /// sent all of them.
    static let bytesMax = 512 << 10

    private struct Header: Sendable {
        var frame: MediaFrame
        /// Whether this publication has sent it, or sends frames that need it.
        var isCurrent = true

        var bytes: Int { frame.payload.readableBytes }

        func isSameTrack(_ other: MediaFrame) -> Bool {
            frame.kind == other.kind && frame.role == other.role && frame.track == other.track
        }
    }

    private var headers: [Header] = []

    /// The frames in the order joiners should hear them: metadata, video configurations, audio configurations, the
    /// rest.
    var frames: [MediaFrame] { headers.map(\.frame) }

    /// The configuration of a track.
    func configuration(kind: MediaFrame.Kind, track: UInt8) -> MediaFrame? {
        headers.first { $0.frame.role == .configuration && $0.frame.kind == kind && $0.frame.track == track }?.frame
    }

    /// The newest onMetaData.
    var metadata: MediaFrame? {
        headers.first { $0.frame.role == .metadata && $0.frame.kind == .data }?.frame
    }

    /// What `frame` is in comparison to the headers held.
    func novelty(of frame: MediaFrame) -> Novelty {
        let old = headers.first { $0.isSameTrack(frame) }
        if let old, old.frame.codec == frame.codec, old.frame.payload == frame.payload { return .known }
        let others = headers.reduce(0) { $0 + $1.bytes } - (old?.bytes ?? 0)
        guard old != nil || headers.count < Self.countMax, others + frame.payload.readableBytes <= Self.bytesMax else {
            return .unkept
        }
        return old == nil ? .first : .replacement
    }

    /// Holds `frame` in place of an older header of its track.
    ///
    /// - Parameter isAlone: whether the frame's tag body holds nothing else. A header from a multitrack tag is written
    ///   anew for joiners, since its neighbours may change without it.
    mutating func keep(_ frame: MediaFrame, isAlone: Bool) {
        headers.removeAll { $0.isSameTrack(frame) }
        var frame = frame.detached()
        if !isAlone { frame.tagBody = .none }
        let place = headers.firstIndex { Self.rank($0.frame) > Self.rank(frame) } ?? headers.endIndex
        headers.insert(Header(frame: frame), at: place)
    }

    /// Drops the configuration of a track whose codec has changed without a new one.
    mutating func dropConfiguration(unlessOf frame: MediaFrame) {
        guard frame.codec.rawValue != 0 else { return }
        headers.removeAll {
            $0.frame.role == .configuration && $0.frame.kind == frame.kind && $0.frame.track == frame.track
                && $0.frame.codec != frame.codec
        }
    }

    // MARK: Publications

    /// A publisher returns: what it does not send again is dropped by ``dropUnconfirmed()``.
    mutating func beginPublication() {
        for index in headers.indices { headers[index].isCurrent = false }
    }

    /// This publication has sent the header of that frame's track, or a frame that needs it.
    mutating func confirm(kind: MediaFrame.Kind, track: UInt8) {
        for index in headers.indices where headers[index].frame.kind == kind && headers[index].frame.track == track {
            headers[index].isCurrent = true
        }
    }

    /// Drops the headers of tracks that this publication does not have.
    mutating func dropUnconfirmed() {
        headers.removeAll { !$0.isCurrent }
    }

    /// Drops everything.
    mutating func removeAll() {
        headers.removeAll()
    }

    private static func rank(_ frame: MediaFrame) -> Int {
        switch (frame.kind, frame.role) {
        case (.data, _): 0
        case (.video, .configuration): 1
        case (.audio, .configuration): 2
        default: 3
        }
    }
}
