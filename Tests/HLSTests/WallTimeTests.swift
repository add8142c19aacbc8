import HLS
import Testing

@Suite("ISO 8601 dates and times")
struct WallTimeTests {
    static let vectors: [(Int64, String)] = [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_582_934_400_001, "2020-02-29T00:00:00.001Z"),
        (1_795_262_400_040, "2026-11-21T12:00:00.040Z"),
        (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-2_203_977_600_000, "1900-02-28T00:00:00.000Z"),
    ]

    @Test(arguments: vectors)
    func momentsAreWrittenAndReadAlike(milliseconds: Int64, text: String) {
        #expect(WallTime(unixMilliseconds: milliseconds).description == text)
        #expect(WallTime(text)?.unixMilliseconds == milliseconds)
    }

    @Test(arguments: [
        "2026-11-21T12:00:00Z", "2026-11-21T12:00:00", "2026-11-21t12:00:00z", "2026-11-21T13:00:00+01:00",
        "2026-11-21T11:30:00-0030", "2026-11-21T13:00:00+01", "2026-11-21 12:00:00.0004Z", "2026-11-21T11:59:60Z",
        "2026-11-21T12:00:00,0000000004Z",
    ])
    func otherSpellingsOfOneMomentAreRead(text: String) {
        #expect(WallTime(text) == WallTime(unixMilliseconds: 1_795_262_400_000))
    }

    @Test(arguments: [
        "", "2026", "2026-11-21", "2026-11-21T12:00", "2026-13-21T12:00:00Z", "2026-00-21T12:00:00Z",
        "2026-11-32T12:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T12:60:00Z", "2026-11-21T12:00:61Z",
        "2026-11-21T12:00:00.Z", "2026-11-21T12:00:00X", "2026-11-21T12:00:00+1", "2026-11-21T12:00:00+24:00",
        "2026-11-21T12:00:00+01:60", "2026-11-21T12:00:00Zx", "x026-11-21T12:00:00Z", "9999-12-31T23:59:59-01:00",
        "0000-01-01T00:00:00+01:00",
    ])
    func otherTextIsNoMoment(text: String) {
        #expect(WallTime(text) == nil)
    }

    @Test func everyDayOfFourCenturiesComesBack() {
        let days = (Int64(-25_000)..<125_000).map { WallTime(unixMilliseconds: $0 * 86_400_000) }
        #expect(days.filter { WallTime($0.description) != $0 }.isEmpty)
    }

    @Test func durationsAreAddedToTheNearestMillisecond() {
        let start = WallTime(unixMilliseconds: 1000)
        #expect(start.advanced(by: .microseconds(1499)).unixMilliseconds == 1001)
        #expect(start.advanced(by: .microseconds(1500)).unixMilliseconds == 1002)
        #expect(start < start.advanced(by: .seconds(1)))
    }
}
