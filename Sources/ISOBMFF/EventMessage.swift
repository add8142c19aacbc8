import NIOCore

/// An event on a stream's timeline: timed metadata, an advertisement's cue, and the like.
/// Specification: ISO/IEC 23009-1, 5.10.3.3.
public struct EventMessage: Sendable, Hashable {
    /// When an event is.
    public enum Time: Sendable, Hashable {
        /// Ticks on the movie's timeline (version 1).
        case absolute(UInt64)
        /// Ticks behind the beginning of the segment that holds the event (version 0).
        case relative(UInt32)
    }

    /// What defines the event, a URI; timed ID3 is "https://aomedia.org/emsg/ID3".
    public var scheme: String
    /// What the scheme wants to add.
    public var value: String
    /// Ticks a second of the times.
    public var timescale: UInt32
    /// When the event is.
    public var time: Time
    /// Ticks; 0xFFFFFFFF where unknown.
    public var duration: UInt32
    /// Equal in repetitions of one event.
    public var id: UInt32
    /// What the scheme says.
    public var data: ByteBuffer

    /// Timed metadata in ID3. Source: AOM, "Carriage of ID3 Timed Metadata in the CMAF".
    public static let id3Scheme = "https://aomedia.org/emsg/ID3"

    /// Makes an event; see the properties.
    public init(
        scheme: String, value: String = "", timescale: UInt32, time: Time, duration: UInt32 = .max, id: UInt32,
        data: ByteBuffer
    ) {
        self.scheme = scheme
        self.value = value
        self.timescale = timescale
        self.time = time
        self.duration = duration
        self.id = id
        self.data = data
    }

    /// Reads an `emsg` box.
    ///
    /// - Throws: ``ISOBMFFError`` when it is cut short or of an unknown version.
    public init(parsing box: Box) throws(ISOBMFFError) {
        var fields = FieldReader(box)
        let version = try fields.versionAndFlags().version
        switch version {
        case 0:
            scheme = try fields.string()
            value = try fields.string()
            timescale = try fields.integer()
            time = .relative(try fields.integer())
            duration = try fields.integer()
            id = try fields.integer()
        case 1:
            timescale = try fields.integer()
            time = .absolute(try fields.integer())
            duration = try fields.integer()
            id = try fields.integer()
            scheme = try fields.string()
            value = try fields.string()
        default: throw ISOBMFFError(.unsupported, "emsg version \(version)")
        }
        data = fields.bytes.slice()
    }

    /// Writes the box, which stands in front of a fragment: version 1 with an absolute time, 0 with a relative one.
    public func write(into buffer: inout ByteBuffer) {
        switch time {
        case .absolute(let time):
            buffer.writeFullBox(.emsg, version: 1) { buffer in
                buffer.writeMultipleIntegers(timescale, time, duration, id)
                buffer.writeTerminatedString(scheme)
                buffer.writeTerminatedString(value)
                buffer.writeImmutableBuffer(data)
            }
        case .relative(let delta):
            buffer.writeFullBox(.emsg) { buffer in
                buffer.writeTerminatedString(scheme)
                buffer.writeTerminatedString(value)
                buffer.writeMultipleIntegers(timescale, delta, duration, id)
                buffer.writeImmutableBuffer(data)
            }
        }
    }
}
