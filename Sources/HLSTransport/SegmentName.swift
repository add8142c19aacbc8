/// The name of a resource of a stream: what it is, its number, and the epoch that no other run of segments has. A name
/// therefore never means two things, and what it means can be cached for ever.
struct SegmentName: Sendable, Hashable, CustomStringConvertible {
    /// What a name stands for.
    enum Resource: Sendable, Hashable {
        /// An init segment.
        case initSegment(number: Int)
        /// A whole segment.
        case segment(number: Int)
        /// A whole segment, by its init segment and its first decode time: what manifests name it by. FFmpeg's reader
        /// of MPEG-DASH loses its place in timelines that are numbered.
        case segmentAt(initNumber: Int, ticks: UInt64)
        /// A part of a segment.
        case part(number: Int, index: Int)
    }

    var track: TrackKind
    var resource: Resource
    var epoch: String

    var description: String {
        switch resource {
        case .initSegment(let number): "\(track.rawValue)-init\(number)-\(epoch).mp4"
        case .segment(let number): "\(track.rawValue)\(number)-\(epoch).\(track.fileExtension)"
        case .segmentAt(let number, let ticks): "\(track.rawValue)-at\(number).\(ticks)-\(epoch).\(track.fileExtension)"
        case .part(let number, let index): "\(track.rawValue)\(number).\(index)-\(epoch).\(track.fileExtension)"
        }
    }

    init(_ track: TrackKind, _ resource: Resource, epoch: String) {
        self.track = track
        self.resource = resource
        self.epoch = epoch
    }

    /// - Parameter text: the last component of a path; nil when it is no name that ``description`` gives.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.bytesMax,
            let track = TrackKind.allCases.first(where: { text.hasPrefix($0.rawValue) })
        else { return nil }
        var rest = Substring(text).dropFirst(track.rawValue.count)
        let isInit = rest.hasPrefix("-init")
        let isAt = rest.hasPrefix("-at")
        if isInit { rest = rest.dropFirst(5) }
        if isAt { rest = rest.dropFirst(3) }
        let numbers = rest.prefix { $0 != "-" }.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = numbers.first, let number = Int(first) else { return nil }
        let tail = rest.drop { $0 != "-" }.dropFirst()
        let epoch = tail.prefix { $0 != "." }
        switch (isInit, numbers.count) {
        case (false, 2) where isAt:
            guard let ticks = UInt64(numbers[1]) else { return nil }
            resource = .segmentAt(initNumber: number, ticks: ticks)
        case (true, 1): resource = .initSegment(number: number)
        case (false, 1): resource = .segment(number: number)
        case (false, 2):
            guard let index = Int(numbers[1]) else { return nil }
            resource = .part(number: number, index: index)
        default: return nil
        }
        self.track = track
        self.epoch = String(epoch)
        // Numbers have one spelling, and so has a name.
        guard description == text else { return nil }
    }

    /// Two numbers, an epoch and words.
    private static let bytesMax = 80
}

/// Makes epochs of random bits.
enum Epoch {
    /// Two streams cut at the same second share their numbers; 40 bits keep their names apart.
    static func text(_ bits: UInt64) -> String {
        String(bits & 0xFF_FFFF_FFFF, radix: 36)
    }
}
