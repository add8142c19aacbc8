import FLV
import NIOCore
import RTMPClient
import SluicePush
import Testing

@Suite("Timeline, pace and back-off")
struct TimelineTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// A letter (V, A, S for script, | for a new round) and a timestamp.
        let tags: String
        let times: [Int64]
    }

    static let cases = [
        Case(testDescription: "beginsAtZero", tags: "V5000 A5010 V5040", times: [0, 10, 40]),
        Case(testDescription: "metadataDoesNotCount", tags: "S0 V7000 V7040", times: [0, 0, 40]),
        Case(
            testDescription: "roundFollowsRound", tags: "V0 A0 A23 V40 A46 | V0 A0 A23 V40 A46",
            times: [0, 0, 23, 40, 46, 80, 80, 103, 120, 126]),
        Case(
            testDescription: "longestTrackEndsTheRound", tags: "V0 A0 V40 A100 A200 | V0 A0",
            times: [0, 0, 40, 100, 200, 300, 300]),
        Case(testDescription: "wrapsWithoutAJump", tags: "V4294967286 V20 V50", times: [0, 30, 60]),
        Case(testDescription: "aPauseStays", tags: "V0 V40 V9000", times: [0, 40, 9000]),
        Case(testDescription: "aJumpAheadIsANewBeginning", tags: "V0 V40 V20000 V20040", times: [0, 40, 80, 120]),
        Case(testDescription: "aFallBackIsANewBeginning", tags: "V9000 V9040 V10 V50", times: [0, 40, 80, 120]),
        Case(testDescription: "aTrackDoesNotFallBack", tags: "V0 V40 V30 V80", times: [0, 40, 40, 80]),
        Case(testDescription: "oneFrameLastsAPicture", tags: "V0 | V0 | V0", times: [0, 40, 80]),
    ]

    @Test(arguments: cases)
    func timesArePlaced(_ vector: Case) {
        var timeline = Timeline()
        var times: [Int64] = []
        for word in vector.tags.split(separator: " ") {
            guard let timestamp = UInt32(word.dropFirst()) else {
                timeline.beginRound()
                continue
            }
            let type: FLVTagType = word.first == "V" ? .video : word.first == "A" ? .audio : .script
            times.append(timeline.place(tag(type, timestamp)))
        }
        #expect(times == vector.times)
    }

    @Test(
        arguments: [
            (Timeline.forwardMillisecondsMax, Timeline.forwardMillisecondsMax),
            (Timeline.forwardMillisecondsMax + 1, 40),
        ] as [(Int64, Int64)])
    func forwardJumpHasALimit(step: Int64, time: Int64) {
        var timeline = Timeline()
        _ = timeline.place(tag(.video, 0))
        #expect(timeline.place(tag(.video, UInt32(step))) == time)
    }

    @Test func framesWaitForTheirTime() {
        var pacer = Pacer()
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
        #expect(pacer.wait(for: 0, at: start) == .zero)
        #expect(pacer.wait(for: 40, at: start + .milliseconds(15)) == .milliseconds(25))
        #expect(pacer.wait(for: 40, at: start + .milliseconds(50)) == .milliseconds(-10))
        // Late by the limit: hurried after. Later: from here on as if nothing had been.
        let late = start + .milliseconds(40) + Pacer.latenessMax
        #expect(pacer.wait(for: 40, at: late) == .zero - Pacer.latenessMax)
        #expect(pacer.wait(for: 40, at: late + .nanoseconds(1)) == .zero)
        #expect(pacer.wait(for: 80, at: late + .nanoseconds(1)) == .milliseconds(40))
    }

    @Test func attemptsAreSoonAtFirstAndRareAfterMinutes() {
        var backOff = BackOff()
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
        let first = (0..<6).map { _ in backOff.next(at: start).nanoseconds / 1_000_000 }
        #expect(first == [100, 200, 400, 800, 1000, 1000])
        #expect(backOff.next(at: start + BackOff.soonFor - .nanoseconds(1)) == BackOff.soonMax)
        #expect(backOff.next(at: start + BackOff.soonFor) == BackOff.rare)
        backOff.reset()
        #expect(backOff.next(at: start + .hours(1)) == BackOff.first)
    }
}
