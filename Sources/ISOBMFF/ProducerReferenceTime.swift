import NIOCore

/// Which time of day belongs to a time of a track, for players that measure their latency.
/// Specification: ISO/IEC 14496-12, 8.16.5.
public struct ProducerReferenceTime: Sendable, Hashable {
    /// What happened at that time of day.
    public enum Moment: UInt32, Sendable, Hashable, CaseIterable {
        /// The encoder took the picture.
        case encoderInput = 0
        /// The encoder gave the picture out.
        case encoderOutput = 1
        /// The fragment was finished.
        case fragmentFinished = 2
        /// The fragment was written.
        case fragmentWritten = 4
        /// Something of the producer's choice, but always the same.
        case consistent = 8
        /// The picture was captured.
        case captured = 24
    }

    /// The track that ``mediaTime`` is of.
    public var trackID: UInt32
    /// The time of day: seconds since 1900 in the upper 32 bits, their fraction in the lower.
    public var ntpTime: UInt64
    /// The decode time of the next fragment's first sample, in the track's ticks.
    public var mediaTime: UInt64
    /// What happened at that time of day; nil where a writer's flags say nothing known.
    public var moment: Moment?

    /// Makes a reference time; see the properties.
    public init(trackID: UInt32, ntpTime: UInt64, mediaTime: UInt64, moment: Moment? = .encoderInput) {
        self.trackID = trackID
        self.ntpTime = ntpTime
        self.mediaTime = mediaTime
        self.moment = moment
    }

    /// Seconds from 1900, where NTP begins, to 1970.
    private static let unixEpochSeconds: UInt64 = 2_208_988_800

    /// The time of day as NTP has it.
    ///
    /// - Parameter unixNanoseconds: since 1970; earlier times become 1970. Wraps in 2036, as NTP does.
    public static func ntpTime(unixNanoseconds: Int64) -> UInt64 {
        let (seconds, rest) = UInt64(max(0, unixNanoseconds)).quotientAndRemainder(dividingBy: 1_000_000_000)
        return (seconds &+ unixEpochSeconds) << 32 | (rest << 32) / 1_000_000_000
    }

    /// Reads a `prft` box.
    ///
    /// - Throws: ``ISOBMFFError`` when it is cut short.
    public init(parsing box: Box) throws(ISOBMFFError) {
        var fields = FieldReader(box)
        let (version, flags) = try fields.versionAndFlags()
        trackID = try fields.integer()
        ntpTime = try fields.integer()
        mediaTime = try fields.wide(version == 1)
        moment = Moment(rawValue: flags)
    }

    /// Writes the box, which stands in front of a fragment.
    public func write(into buffer: inout ByteBuffer) {
        let flags = (moment ?? .encoderInput).rawValue
        buffer.writeFullBox(.prft, version: 1, flags: flags) { $0.writeMultipleIntegers(trackID, ntpTime, mediaTime) }
    }
}
