/// A span of time with a meaning of its own. Specification: RFC 8216bis, 4.4.5.1, `EXT-X-DATERANGE`.
public struct DateRange: Sendable, Hashable {
    /// What names it; unique in a playlist.
    public var id: String
    /// What kind of range it is; ranges of one class do not overlap.
    public var className: String?
    /// When it begins; nil where a later tag for the same range leaves it out.
    public var start: WallTime?
    /// When it ends.
    public var end: WallTime?
    /// How long it is.
    public var duration: Duration?
    /// How long it is expected to be.
    public var plannedDuration: Duration?
    /// Whether it ends when the next one of its class begins.
    public var isEndOnNext: Bool
    /// `X-` attributes and SCTE-35 messages, in order.
    public var attributes: [Attribute]

    /// An attribute that an application or another specification defines.
    public struct Attribute: Sendable, Hashable {
        /// Its name, such as "X-SCORE" or "SCTE35-OUT".
        public var name: String
        /// Its value.
        public var value: Value

        /// The kinds of value that such an attribute may have.
        public enum Value: Sendable, Hashable {
            /// Text, without quotation marks and line breaks.
            case text(String)
            /// A hexadecimal sequence or a decimal number, as it is written.
            case plain(String)
        }

        /// Makes an attribute; see the properties.
        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// Makes a range; see the properties.
    public init(
        id: String, className: String? = nil, start: WallTime?, end: WallTime? = nil, duration: Duration? = nil,
        plannedDuration: Duration? = nil, isEndOnNext: Bool = false, attributes: [Attribute] = []
    ) {
        self.id = id
        self.className = className
        self.start = start
        self.end = end
        self.duration = duration
        self.plannedDuration = plannedDuration
        self.isEndOnNext = isEndOnNext
        self.attributes = attributes
    }
}
