import Codecs
import MediaCore
import MediaTesting
import NIOCore
import Testing

@Suite("RTMP 1.0, 5.3.1.1: timestamps of 32 bits")
struct TimestampUnwrapperTests {
    @Test(
        arguments: [
            ([0, 40, 80], [0, 40, 80], 0),
            ([0xFFFF_FFF0, 0x0000_0010], [0xFFFF_FFF0, 0x1_0000_0010], 1),
            ([0x0000_0010, 0xFFFF_FFF0], [0x10, -0x10], 0),
            ([5_000, 1_000], [5_000, 1_000], 0),
            ([0, 0x7FFF_FFFF], [0, 0x7FFF_FFFF], 0),
            (
                [0xC000_0000, 0x3000_0000, 0x9000_0000, 0x0000_0000],
                [0xC000_0000, 0x1_3000_0000, 0x1_9000_0000, 0x2_0000_0000], 2
            ),
        ] as [([UInt32], [Int64], Int)])
    func timestampsAreNearestToTheOneBefore(wire: [UInt32], expected: [Int64], wraps: Int) {
        var unwrapper = TimestampUnwrapper()
        #expect(wire.map { unwrapper.unwrap($0) } == expected)
        #expect(unwrapper.wrapCount == wraps)
    }

    @Test func peekingMovesNothing() {
        var unwrapper = TimestampUnwrapper(near: 0x1_0000_0000)
        #expect(unwrapper.peek(0xFFFF_FFFF) == 0xFFFF_FFFF)
        #expect(unwrapper.unwrap(20) == 0x1_0000_0014)
        #expect(unwrapper.last == 0x1_0000_0014)
    }
}

/// One frame: what it is, its time on the publisher's clock, when it came, and its time on the timeline.
struct RepairStep: Sendable {
    var kind: MediaFrame.Kind
    var role: MediaFrame.Role
    var input: Int64
    var arrival: Int64
    var expected: Int64

    static func video(_ input: Int64, at arrival: Int64? = nil, is expected: Int64) -> RepairStep {
        RepairStep(kind: .video, role: .delta, input: input, arrival: arrival ?? -1, expected: expected)
    }
    static func audio(_ input: Int64, at arrival: Int64? = nil, is expected: Int64) -> RepairStep {
        RepairStep(kind: .audio, role: .key, input: input, arrival: arrival ?? -1, expected: expected)
    }
    static func data(_ input: Int64, is expected: Int64) -> RepairStep {
        RepairStep(kind: .data, role: .delta, input: input, arrival: -1, expected: expected)
    }
    static func configuration(_ kind: MediaFrame.Kind, _ input: Int64, is expected: Int64) -> RepairStep {
        RepairStep(kind: kind, role: .configuration, input: input, arrival: -1, expected: expected)
    }
    /// Another publication begins.
    static let publication = RepairStep(kind: .data, role: .sequenceEnd, input: 0, arrival: -1, expected: 0)
}

struct RepairCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var steps: [RepairStep]
    var counts: TimestampRepair.Counts

    init(_ name: String, _ steps: [RepairStep], counts: (inout TimestampRepair.Counts) -> Void = { _ in }) {
        testDescription = name
        self.steps = steps
        self.counts = TimestampRepair.Counts()
        counts(&self.counts)
    }
}

@Suite("Timestamp repair")
struct TimestampRepairTests {
    static let wellBehaved: [RepairCase] = [
        RepairCase(
            "a publisher's own times are kept",
            [.video(0, is: 0), .audio(5, is: 5), .video(40, is: 40), .audio(28, is: 28), .video(80, is: 80)]),
        RepairCase("a late start is kept", [.video(3_600_000, is: 3_600_000), .audio(3_600_010, is: 3_600_010)]),
        RepairCase("a start at the bound is kept", [.video(86_400_000, is: 86_400_000)]),
        RepairCase(
            "a start past the bound becomes one second",
            [.video(86_400_001, is: 1_000), .video(86_400_041, is: 1_040), .audio(86_400_011, is: 1_010)]),
        RepairCase("a start before zero becomes one second", [.audio(-20, is: 1_000), .audio(3, is: 1_023)]),
        RepairCase("a gap of ten seconds is kept", [.video(0, is: 0), .video(40, is: 40), .video(10_040, is: 10_040)]),
        RepairCase(
            "a gap that passed on the wall clock is kept",
            [.video(0, at: 0, is: 0), .video(40, at: 40, is: 40), .video(60_040, at: 60_000, is: 60_040)]),
        RepairCase(
            "a track that was silent goes on beside the others",
            [.video(0, is: 0), .audio(0, is: 0), .audio(20, is: 20)]
                + (1...50).map { .video(Int64($0) * 1_000, is: Int64($0) * 1_000) }
                + [.audio(50_000, is: 50_000)]),
        RepairCase("tracks five seconds apart stay so", [.video(10_000, is: 10_000), .audio(5_000, is: 5_000)]),
    ]

    static let jumps: [RepairCase] = [
        RepairCase(
            "both clocks jump back and stay together",
            [
                .video(10_000, is: 10_000), .audio(10_000, is: 10_000), .video(10_040, is: 10_040),
                .audio(10_023, is: 10_023), .video(0, is: 10_080), .audio(0, is: 10_080), .video(40, is: 10_120),
                .audio(23, is: 10_103),
            ]
        ) { $0.backwardJumps = 1 },
        RepairCase(
            "one clock jumps, the other does not follow",
            [
                .video(10_000, is: 10_000), .audio(10_000, is: 10_000), .video(10_040, is: 10_040),
                .audio(10_020, is: 10_020), .video(0, is: 10_080), .audio(10_040, is: 10_040),
                .video(40, is: 10_120), .audio(10_060, is: 10_060),
            ]
        ) { $0.backwardJumps = 1 },
        RepairCase(
            "a clock that joins a jump late takes the others with it",
            [
                .video(10_000, is: 10_000), .audio(10_000, is: 10_000), .video(10_040, is: 10_040),
                .audio(10_020, is: 10_020), .video(5_000, is: 10_080), .audio(4_000, is: 10_040),
                .video(5_040, is: 11_080), .audio(4_020, is: 10_060),
            ]
        ) { $0.backwardJumps = 1 },
        RepairCase(
            "a gap past ten seconds is closed, for both",
            [
                .video(0, is: 0), .audio(0, is: 0), .video(40, is: 40), .audio(20, is: 20),
                .video(10_041, is: 80), .audio(10_041, is: 80), .video(10_081, is: 120),
            ]
        ) { $0.forwardJumps = 1 },
        RepairCase(
            "a gap just under the bound follows one just past it",
            [
                .video(0, is: 0), .audio(0, is: 0), .video(40, is: 40), .audio(20, is: 20),
                .video(10_100, is: 80), .audio(10_005, is: 20), .audio(10_045, is: 25), .video(10_140, is: 120),
            ]
        ) {
            $0.forwardJumps = 1
            $0.disorders = 1
        },
        RepairCase(
            "a frame slightly out of order gets the time before it",
            [.video(0, is: 0), .video(100, is: 100), .video(0, is: 100), .video(140, is: 140)]
        ) { $0.disorders = 1 },
        RepairCase(
            "a step back past disorder is a jump",
            [.video(0, is: 0), .video(50, is: 50), .video(101, is: 101), .video(0, is: 151)]
        ) { $0.backwardJumps = 1 },
        RepairCase(
            "clocks far apart are laid side by side as they arrive",
            [
                .video(0, at: 0, is: 0), .audio(3_000_000, at: 10, is: 10), .audio(3_000_023, at: 33, is: 33),
                .video(40, at: 40, is: 40), .audio(3_000_046, at: 56, is: 56),
            ]
        ) { $0.clocksApart = 1 },
    ]

    static let others: [RepairCase] = [
        RepairCase(
            "configurations take their track's time, whatever theirs",
            [
                .configuration(.video, 0, is: 0), .configuration(.audio, 0, is: 0), .video(20_000, is: 20_000),
                .configuration(.video, 0, is: 20_000), .audio(20_010, is: 20_010),
                .configuration(.audio, 99_000, is: 20_010), .video(20_040, is: 20_040),
            ]),
        RepairCase(
            "data near the media keeps its time, other data takes the media's",
            [
                .video(10_000, is: 10_000), .data(10_020, is: 10_020), .video(10_040, is: 10_040),
                .data(0, is: 10_040), .data(10_030, is: 10_040), .data(10_050, is: 10_050),
            ]),
        RepairCase(
            "a publisher that returns goes on after the gap",
            [
                .video(1_000, at: 0, is: 1_000), .video(1_040, at: 40, is: 1_040), .publication,
                .configuration(.video, 0, is: 1_040), .video(5, at: 3_040, is: 4_040), .audio(5, at: 3_050, is: 4_040),
                .video(45, at: 3_080, is: 4_080),
            ]
        ) { $0.returns = 1 },
        RepairCase(
            "a long absence is shortened to ten seconds",
            [.audio(0, at: 0, is: 0), .publication, .audio(7_000, at: 60_000, is: 10_000)]
        ) { $0.returns = 1 },
        RepairCase(
            "a publisher that returns at once follows by a frame",
            [.video(0, at: 0, is: 0), .video(40, at: 40, is: 40), .publication, .video(0, at: 40, is: 80)]
        ) { $0.returns = 1 },
    ]

    @Test(arguments: wellBehaved + jumps + others)
    func viewersSee(_ repairCase: RepairCase) {
        var repair = TimestampRepair()
        var arrival: Int64 = 0
        for (index, step) in repairCase.steps.enumerated() {
            if step.role == .sequenceEnd {
                repair.beginPublication()
                continue
            }
            arrival = step.arrival < 0 ? arrival + 10 : step.arrival
            var frame = MediaFrame(
                kind: step.kind, role: step.role, codec: .avc1, decodeTime: MediaTime(milliseconds: step.input),
                payload: ByteBuffer())
            repair.repair(&frame, at: .after(arrival))
            #expect(frame.decodeTime.milliseconds == step.expected, "step \(index)")
        }
        #expect(repair.counts == repairCase.counts)
    }

    @Test func aReturnIsNoRepair() {
        var counts = TimestampRepair.Counts()
        (counts.backwardJumps, counts.forwardJumps, counts.clocksApart, counts.disorders) = (1, 2, 4, 8)
        counts.returns = 16
        #expect(counts.all == 15)
    }

    @Test func tracksOfOneKindHaveClocksOfTheirOwn() {
        var repair = TimestampRepair()
        var times: [Int64] = []
        for step in 0..<4 {
            for (track, offset) in [(0, 500), (1, 0)] {
                var frame = MediaFrame(
                    kind: .video, role: .delta, track: UInt8(track), codec: .avc1,
                    decodeTime: MediaTime(milliseconds: Int64(step * 40 + offset)), payload: ByteBuffer())
                repair.repair(&frame, at: .after(Int64(step * 40)))
                times.append(frame.decodeTime.milliseconds)
            }
        }
        #expect(times == [500, 0, 540, 40, 580, 80, 620, 120])
        #expect(repair.counts == TimestampRepair.Counts())
    }

    @Test func moreTracksThanClocksStillNeverRunBackwards() {
        var repair = TimestampRepair()
        var last: [UInt8: MediaTime] = [:]
        for step in 0..<400 {
            let track = UInt8(step % 200)
            var frame = MediaFrame(
                kind: .video, role: .delta, track: track, codec: .avc1,
                decodeTime: MediaTime(milliseconds: Int64(step * 7_919 % 5_000)), payload: ByteBuffer())
            repair.repair(&frame, at: .after(Int64(step)))
            #expect(frame.decodeTime >= last[track] ?? .zero)
            last[track] = frame.decodeTime
        }
    }

    /// Clocks that drift, jump, repeat and talk nonsense; publishers that come and go.
    @Test(arguments: 0..<40)
    func timeNeverRunsBackwardsNorAway(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var repair = TimestampRepair()
        var clocks: [Int64] = [0, 0, 0]
        var last: [MediaTime] = [.zero, .zero, .zero]
        var arrival: Int64 = 0
        for _ in 0..<2_000 {
            let kind = Int.random(in: 0..<3, using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0: clocks[kind] = Int64(UInt32.random(in: 0...(.max), using: &random))
            case 1: clocks = clocks.map { _ in Int64.random(in: 0...100_000, using: &random) }
            case 2: clocks[kind] &+= Int64.random(in: -20_000...20_000, using: &random)
            case 3: arrival += Int64.random(in: 0...30_000, using: &random)
            case 4: clocks[kind] = [Int64.max, .min, -1, 0, 0xFFFF_FFFF].randomElement(using: &random) ?? 0
            case 5: repair.beginPublication()
            default:
                let step = Int64.random(in: 0...60, using: &random)
                clocks[kind] &+= step
                arrival += step / 3
            }
            let roles: [MediaFrame.Role] = [.delta, .key, .delta, .key, .configuration, .metadata]
            var frame = MediaFrame(
                kind: [.audio, .video, .data][kind], role: roles.randomElement(using: &random) ?? .delta, codec: .avc1,
                decodeTime: MediaTime(milliseconds: clocks[kind]), payload: ByteBuffer())
            let head = repair.head ?? MediaTime(milliseconds: 86_400_000)
            repair.repair(&frame, at: .after(arrival))
            #expect(frame.decodeTime >= last[kind])
            #expect(frame.decodeTime <= head + MediaTime(milliseconds: arrival + 15_000))
            last[kind] = frame.decodeTime
        }
    }
}
