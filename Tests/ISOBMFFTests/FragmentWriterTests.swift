import ISOBMFF
import NIOCore
import Testing

private let millisecond: Int64 = 1_000_000

/// Outside of the macros, which call nothing that mutates.
private func advance(_ clock: inout TrackClock, to nanoseconds: Int64) -> Int64 {
    clock.advance(to: nanoseconds)
}

@Suite("A track's clock")
struct TrackClockTests {
    @Test(arguments: [(44100, 1024), (48000, 1024), (48000, 960), (22050, 2048), (96000, 1024), (44100, 1152)])
    func audioInMillisecondsIsCountedForAnHourWithoutDrift(_ rate: Int, _ frame: Int) {
        var clock = TrackClock(timescale: UInt32(rate), frameTicks: frame)
        for index in 0..<(3600 * rate / frame) {
            let exact = Int64(index * frame)
            let rounded = exact * 1000 / Int64(rate) * millisecond
            guard clock.advance(to: rounded) == exact else {
                Issue.record("frame \(index) is not at \(exact)")
                return
            }
        }
    }

    @Test(arguments: [(30, 1), (25, 1), (30000, 1001), (60, 1)])
    func videoInMillisecondsKeepsItsTimes(_ frames: Int64, _ per: Int64) {
        var clock = TrackClock(timescale: 90_000)
        for index in 0..<(3600 * frames / per) {
            let milliseconds = index * 1000 * per / frames
            guard clock.advance(to: milliseconds * millisecond) == milliseconds * 90 else {
                Issue.record("frame \(index) is not at \(milliseconds) ms")
                return
            }
        }
    }

    @Test func lostFrameLeavesAGap() {
        var clock = TrackClock(timescale: 48000, frameTicks: 1024)
        #expect(advance(&clock, to: 0) == 0)
        #expect(advance(&clock, to: 21 * millisecond) == 1024)
        #expect(advance(&clock, to: 64 * millisecond) == 3072)
        #expect(advance(&clock, to: 85 * millisecond) == 4096)
    }

    @Test func jitterBelowHalfAFrameIsSmoothed() {
        var clock = TrackClock(timescale: 48000, frameTicks: 1024)
        let times = [0, 30, 34, 70, 85, 99].map { clock.advance(to: $0 * millisecond) }
        #expect(times == [0, 1024, 2048, 3072, 4096, 5120])
    }

    @Test func clocksThatRunApartAreBroughtTogether() {
        // The publisher's samples come 1 % faster than it says.
        var clock = TrackClock(timescale: 48000, frameTicks: 1024)
        for index in 0..<10_000 {
            let nanoseconds = Int64(index) * 1024 * 1_000_000_000 / 48480
            let error = clock.advance(to: nanoseconds) - TrackClock.ticks(nanoseconds: nanoseconds, timescale: 48000)
            #expect(error.magnitude <= 512)
        }
    }

    @Test func timesAlwaysRise() {
        var clock = TrackClock(timescale: 90_000)
        let times = [-5, 10, 10, 3, 11].map { clock.advance(to: $0 * millisecond) }
        #expect(times == [0, 900, 901, 902, 990])
        #expect(clock.peek(12 * millisecond) == 1080)
        #expect(clock.peek(.min) == 991)
    }

    @Test(
        arguments: [
            (0, 90_000, 0), (1, 90_000, 0), (11_111, 90_000, 1), (-11_111, 90_000, -1), (1_000_000_000, 44100, 44100),
            (-1_500_000_000, 48000, -72000), (3_600_000_000_000_000, 90_000, 324_000_000_000),
        ] as [(Int64, UInt32, Int64)])
    func nanosecondsBecomeTheNearestTick(_ nanoseconds: Int64, _ timescale: UInt32, _ ticks: Int64) {
        #expect(TrackClock.ticks(nanoseconds: nanoseconds, timescale: timescale) == ticks)
    }

    @Test(arguments: [1, 48000, 90_000, UInt32.max])
    func ticksSurviveTheWayThereAndBack(_ timescale: UInt32) {
        for ticks in [0, 1, -1, 12345, 1 << 30] as [Int64] {
            let nanoseconds = TrackClock.nanoseconds(ticks: ticks, timescale: timescale)
            let error = TrackClock.ticks(nanoseconds: nanoseconds, timescale: timescale) - ticks
            // Above 10⁹ ticks a second nanoseconds are the coarser ones.
            #expect(error.magnitude <= (timescale == .max ? 3 : 0))
        }
    }

    @Test(arguments: [Int64.min, .max])
    func absurdTimesSurvive(_ nanoseconds: Int64) {
        for timescale in [0, 1, UInt32.max] {
            var clock = TrackClock(timescale: timescale, frameTicks: 1024)
            _ = clock.advance(to: nanoseconds)
            _ = clock.advance(to: 0)
            _ = clock.advance(to: nanoseconds)
            _ = TrackClock.nanoseconds(ticks: nanoseconds, timescale: timescale)
        }
    }
}

@Suite("Making fragments of frames")
struct FragmentWriterTests {
    private static func writer() -> FragmentWriter {
        FragmentWriter(tracks: [
            .init(trackID: 1, timescale: 90_000), .init(trackID: 2, timescale: 48_000, frameTicks: 1024),
        ])
    }

    @Test func nextFrameSaysHowLongTheOneBeforeLasts() throws {
        var writer = Self.writer()
        for (milliseconds, byte) in [(0, 1), (33, 2), (67, 3), (100, 4)] as [(Int64, UInt8)] {
            writer.append(
                trackID: 1, decodeNanoseconds: milliseconds * millisecond,
                flags: byte == 1 ? .sync : .dependent, payload: ByteBuffer(bytes: [byte]))
        }
        #expect(writer.pendingBytes == 4)
        let cut = writer.cut(before: .init(trackID: 1, decodeNanoseconds: 133 * millisecond))
        let fragment = try #require(cut)
        #expect(fragment.sequenceNumber == 1)
        #expect(fragment.track(1)?.samples.map(\.duration) == [2970, 3060, 2970, 2970])
        #expect(fragment.track(1)?.samples.map(\.flags.isSync) == [true, false, false, false])
        #expect(fragment.track(2) == nil)
        #expect(writer.isEmpty)
        #expect(writer.pendingBytes == 0)
    }

    @Test func withoutANextFrameTheLastOneLastsAsLongAsTheOneBefore() throws {
        var writer = Self.writer()
        for milliseconds in [0, 40] as [Int64] {
            writer.append(trackID: 1, decodeNanoseconds: milliseconds * millisecond, payload: ByteBuffer())
        }
        let cut = writer.cut()
        #expect(cut?.track(1)?.samples.map(\.duration) == [3600, 3600])
    }

    @Test func aFragmentForEveryFrame() throws {
        var writer = Self.writer()
        var found: [(UInt32, UInt64, UInt32)] = []
        for index in 0..<4 {
            writer.append(
                trackID: 2, decodeNanoseconds: Int64(index * 1024 * 1000 / 48000) * millisecond, payload: ByteBuffer())
            let cut = writer.cut()
            let fragment = try #require(cut)
            let track = try #require(fragment.track(2))
            found.append((fragment.sequenceNumber, track.baseDecodeTime, track.samples[0].duration))
        }
        #expect(found.map(\.0) == [1, 2, 3, 4])
        #expect(found.map(\.1) == [0, 1024, 2048, 3072])
        #expect(found.map(\.2) == [1024, 1024, 1024, 1024])
    }

    @Test func gapInAudioIsInTheDurationAndNotRepeated() throws {
        var writer = Self.writer()
        for milliseconds in [0, 1000] as [Int64] {
            writer.append(trackID: 2, decodeNanoseconds: milliseconds * millisecond, payload: ByteBuffer())
        }
        let cut = writer.cut()
        #expect(cut?.track(2)?.samples.map(\.duration) == [48000, 1024])
    }

    @Test func compositionOffsetsOfReorderedPictures() throws {
        var writer = Self.writer()
        // I P B B at 25 frames a second, in decode order.
        for (decode, offset) in [(0, 80), (40, 160), (80, 40), (120, 0), (160, -40)] as [(Int64, Int64)] {
            writer.append(
                trackID: 1, decodeNanoseconds: decode * millisecond, compositionNanoseconds: offset * millisecond,
                payload: ByteBuffer())
        }
        let cut = writer.cut()
        let samples = try #require(cut?.track(1)?.samples)
        #expect(samples.map(\.compositionOffset) == [7200, 14400, 3600, 0, -3600])
    }

    @Test func tracksOfOneFragmentKeepTheirOwnTimes() throws {
        var writer = Self.writer()
        for index in 0..<5 {
            writer.append(
                trackID: 1, decodeNanoseconds: (5000 + Int64(index) * 40) * millisecond, payload: buffer("01"))
            writer.append(
                trackID: 2, decodeNanoseconds: (5000 + Int64(index) * 21) * millisecond, payload: buffer("02"))
        }
        let cut = writer.cut(before: .init(trackID: 1, decodeNanoseconds: 5200 * millisecond))
        let fragment = try #require(cut)
        #expect(fragment.track(1)?.baseDecodeTime == 450_000)
        #expect(fragment.track(2)?.baseDecodeTime == 240_000)
        #expect(fragment.track(1)?.duration == 18_000)
        #expect(fragment.track(2)?.duration == 5120)
    }

    @Test func framesOfUnknownTracksAreDropped() {
        var writer = Self.writer()
        writer.append(trackID: 3, decodeNanoseconds: 0, payload: buffer("01"))
        #expect(writer.isEmpty)
        let cut = writer.cut()
        #expect(cut == nil)
    }

    @Test func absurdTimesSurvive() {
        var writer = Self.writer()
        for time in [.min, .max, 0, .min, -1, 1] as [Int64] {
            for id in [1, 2] as [UInt32] {
                writer.append(trackID: id, decodeNanoseconds: time, compositionNanoseconds: time, payload: ByteBuffer())
            }
        }
        let cut = writer.cut(before: .init(trackID: 1, decodeNanoseconds: .min))
        #expect(cut?.tracks.count == 2)
    }
}
