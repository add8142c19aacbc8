import LoadGeneration
import Testing

@Suite("Histogram of durations")
struct HistogramTests {
    @Test("percentiles are within 0.8 % of the sorted samples'", arguments: [1, 100, 1000, 60_000, 5_000_000])
    func percentilesAreNearTheSamples(scale: Int) throws {
        var histogram = Histogram()
        let samples = (0..<5000).map { ($0 * 7919 % 5000) * scale / 100 + 1 }
        for sample in samples { histogram.add(microseconds: sample) }
        let sorted = samples.sorted()
        for part in [0.0, 0.1, 0.5, 0.9, 0.99, 1] {
            let expected = Double(sorted[Int(part * 4999)]) / 1000
            let found = try #require(histogram.milliseconds(at: part))
            #expect(abs(found - expected) <= expected * 0.008 + 0.001, "\(part): \(found), \(expected)")
        }
    }

    @Test func anEmptyOneHasNoPercentiles() {
        #expect(Histogram().milliseconds(at: 0.5) == nil)
        #expect(Histogram().meanMilliseconds == nil)
    }

    @Test("what is beyond its range counts at the edge", arguments: [(-5, 0.0), (Int.max, Double(UInt32.max) / 1000)])
    func whatIsBeyondItsRangeCountsAtTheEdge(sample: Int, expected: Double) {
        var histogram = Histogram()
        histogram.add(microseconds: sample)
        #expect(histogram.milliseconds(at: 0.5) == expected)
        #expect(histogram.count == 1)
    }

    @Test func theSumOfTwoIsOneOfAllSamples() {
        var (left, right, all) = (Histogram(), Histogram(), Histogram())
        for sample in 0..<1000 {
            all.add(microseconds: sample * 37)
            if sample % 3 == 0 { left.add(microseconds: sample * 37) } else { right.add(microseconds: sample * 37) }
        }
        left.add(right)
        #expect(left == all)
    }

    @Test func removingAllLeavesAnEmptyOne() {
        var histogram = Histogram()
        histogram.add(microseconds: 1234)
        histogram.removeAll()
        #expect(histogram == Histogram())
    }
}
