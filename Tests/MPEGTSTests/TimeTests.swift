import MPEGTS
import Testing

@Suite("MPEG-TS, 2.4.3.7: times")
struct TimeTests {
    @Test(
        arguments: [
            (0, 0), (1, 11_111), (9, 100_000), (3003, 33_366_667), (3600, 40_000_000), (90_000, 1_000_000_000),
            (-1, -11_111),
            (-9, -100_000), (-3003, -33_366_667),
        ] as [(Int64, Int64)])
    func ticksAndNanoseconds(_ ticks: Int64, _ nanoseconds: Int64) {
        #expect(TSTime(ticks: ticks).nanoseconds == nanoseconds)
        #expect(TSTime(nanoseconds: nanoseconds).ticks == ticks)
    }

    @Test func ticksComeBackFromNanoseconds() {
        for ticks in Int64(-2000)...2000 {
            #expect(TSTime(nanoseconds: TSTime(ticks: ticks).nanoseconds).ticks == ticks)
        }
    }

    @Test(arguments: [Int64.min, .max])
    func extremesWrap(_ extreme: Int64) {
        _ = TSTime(nanoseconds: extreme)
        _ = TSTime(milliseconds: extreme)
        _ = TSTime(ticks: extreme).nanoseconds
        _ = TSTime(ticks: extreme) + TSTime(ticks: extreme)
        _ = TSTime(ticks: extreme) - TSTime(ticks: 1)
        _ = TSTime.unwrap(.max, near: TSTime(ticks: extreme))
    }

    @Test(
        arguments: [
            (5, 0, 5), (0, 1 << 33, 1 << 33), (1, (1 << 33) - 1, (1 << 33) + 1),
            ((1 << 33) - 1, 1 << 33, (1 << 33) - 1),
            ((1 << 33) - 1, 0, -1), (0xFFFF_FFFF, 0, 0xFFFF_FFFF), (0x1_0000_0000, 0, -0x1_0000_0000),
        ] as [(UInt64, Int64, Int64)])
    func unwrapping(_ wire: UInt64, _ reference: Int64, _ expected: Int64) {
        #expect(TSTime.unwrap(wire, near: TSTime(ticks: reference)) == TSTime(ticks: expected))
    }
}
