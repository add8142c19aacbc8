/// Durations in a fixed number of bins: percentiles of any number of samples in 30 KB, each within 0.8 %.
///
/// Below 128 µs each microsecond has a bin; above, each power of two has 64.
package struct Histogram: Sendable, Hashable {
    private static let subBits = 6
    private static let exact = 1 << (subBits + 1)
    /// An hour is below 2³².
    private static let bins = exact + (32 - subBits - 1) << subBits

    private var counts: [UInt32]
    /// How many samples there are.
    package private(set) var count = 0
    /// The longest, in microseconds; 0 without samples.
    package private(set) var maximum = 0
    private var sum = 0

    /// An empty one.
    package init() {
        counts = [UInt32](repeating: 0, count: Self.bins)
    }

    /// Adds a sample; what is longer than 71 minutes counts as that, what is negative as zero.
    package mutating func add(microseconds: Int) {
        let value = min(max(microseconds, 0), Int(UInt32.max))
        counts[Self.bin(value)] &+= 1
        count += 1
        sum += value
        maximum = max(maximum, value)
    }

    /// Adds the samples of another.
    package mutating func add(_ other: Histogram) {
        guard other.count > 0 else { return }
        for bin in counts.indices where other.counts[bin] != 0 { counts[bin] &+= other.counts[bin] }
        count += other.count
        sum += other.sum
        maximum = max(maximum, other.maximum)
    }

    /// Forgets all samples.
    package mutating func removeAll() {
        guard count > 0 else { return }
        for bin in counts.indices { counts[bin] = 0 }
        (count, maximum, sum) = (0, 0, 0)
    }

    /// Milliseconds that this part of all samples does not exceed; nil without samples.
    ///
    /// - Parameter part: 0 to 1; 0.5 is the median.
    package func milliseconds(at part: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = Int((part * Double(count - 1)).rounded(.down))
        if rank >= count - 1 { return Double(maximum) / 1000 }
        var seen = 0
        for bin in counts.indices {
            seen += Int(counts[bin])
            if seen > rank { return Double(min(Self.middle(of: bin), maximum)) / 1000 }
        }
        return Double(maximum) / 1000
    }

    /// The mean in milliseconds; nil without samples.
    package var meanMilliseconds: Double? {
        count > 0 ? Double(sum) / Double(count) / 1000 : nil
    }

    private static func bin(_ value: Int) -> Int {
        guard value >= exact else { return value }
        // The highest bit and the six below it make the bin.
        let shift = Int.bitWidth - 1 - value.leadingZeroBitCount - subBits
        return exact + (shift - 1) << subBits + (value >> shift) & (1 << subBits - 1)
    }

    private static func middle(of bin: Int) -> Int {
        guard bin >= exact else { return bin }
        let shift = (bin - exact) >> subBits + 1
        let low = (1 << subBits | (bin - exact) & (1 << subBits - 1)) << shift
        return low + 1 << (shift - 1)
    }
}
