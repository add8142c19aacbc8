/// Makes 64-bit milliseconds of 32-bit wire timestamps, which wrap every 49.7 days.
///
/// A timestamp is taken to lie within half the range of the one before it, in either direction, as serial numbers do.
/// Specification: RTMP 1.0, 5.3.1.1 ("roll over") with RFC 1982.
public struct TimestampUnwrapper: Sendable, Equatable {
    /// How often timestamps passed 2³² going forwards.
    public private(set) var wrapCount = 0
    private var newest: Int64?

    /// A first timestamp is taken as it is.
    public init() {}

    /// - Parameter reference: 64-bit milliseconds that the first timestamp lies near to, as those of another track.
    public init(near reference: Int64) {
        newest = reference
    }

    /// The last result of ``unwrap(_:)``.
    public var last: Int64? { newest }

    /// The 64-bit milliseconds of the next timestamp.
    public mutating func unwrap(_ timestamp: UInt32) -> Int64 {
        let result = peek(timestamp)
        if let newest, result >> 32 > newest >> 32 { wrapCount += 1 }
        newest = result
        return result
    }

    /// The 64-bit milliseconds of a timestamp that later ones are not measured by.
    public func peek(_ timestamp: UInt32) -> Int64 {
        guard let newest else { return Int64(timestamp) }
        let distance = Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: newest))
        return newest &+ Int64(distance)
    }
}
