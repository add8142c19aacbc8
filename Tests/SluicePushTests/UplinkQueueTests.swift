import FLV
import NIOCore
import SluicePush
import Testing

@Suite("Uplink queue")
struct UplinkQueueTests {
    static var limits: UplinkQueue.Limits {
        var limits = UplinkQueue.Limits()
        limits.disposableMilliseconds = 100
        limits.pictureMilliseconds = 200
        limits.mediaMilliseconds = 400
        limits.heldMilliseconds = 1000
        limits.bytesMax = 10_000
        return limits
    }

    static func online(_ limits: UplinkQueue.Limits = limits) -> UplinkQueue {
        var queue = UplinkQueue(limits: limits)
        queue.connect()
        return queue
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let pushed: String
        let popped: String
    }

    static let cases = [
        Case(testDescription: "nothingIsLostInTime", pushed: "M0 V0 S0 K0 B40 P80", popped: "M0 V0 S0 K0 B40 P80"),
        Case(testDescription: "configurationsComeFirst", pushed: "K0 V0 A0", popped: "V0 K0 A0"),
        Case(testDescription: "sameConfigurationIsSaidOnce", pushed: "V0 K0 P40 V40 P80", popped: "V0 K0 P40 P80"),
        Case(testDescription: "picturesBeforeAKeyframeAreNoUse", pushed: "V0 P0 B40 A40 K80", popped: "V40 A40 K80"),
        Case(
            testDescription: "disposablePicturesGoFirst", pushed: "V0 K0 B20 P40 B60 A60 P80 B99 A100 B110",
            popped: "V0 K0 P40 A60 P80 A100"),
        Case(
            testDescription: "thenPicturesUpToTheNewestKeyframe", pushed: "V0 K0 P40 A60 P80 K120 P160 A180 P200",
            popped: "V60 A60 K120 P160 A180 P200"),
        Case(
            testDescription: "anOldKeyframeStaysAndItsPicturesGo", pushed: "V0 K0 P40 A60 P100 P199 P200 P220 A230",
            popped: "V0 K0 A60 A230"),
        Case(
            testDescription: "picturesGoOnAtTheNextKeyframe", pushed: "V0 K0 P40 P200 P240 K280 P320",
            popped: "V280 K280 P320"),
        Case(
            testDescription: "soundIsCutLast", pushed: "S0 A0 A100 A200 A300 A399 A400", popped: "S300 A300 A399 A400"),
        Case(testDescription: "dataGoesWithSound", pushed: "S0 A0 D50 A399 A400 D450", popped: "S399 A399 A400 D450"),
    ]

    @Test(arguments: cases)
    func whatIsGivenUp(_ vector: Case) {
        var queue = Self.online()
        queue.push(vector.pushed)
        #expect(queue.popAll() == vector.popped)
        #expect(queue.isEmpty)
        #expect(queue.byteCount == 0)
    }

    @Test func lossesAreCountedByImportance() {
        var queue = Self.online()
        queue.push("V0 K0 B20 P40 A60 B100 P200 P240 K280")
        var losses = UplinkQueue.Losses()
        losses.disposable = 2
        losses.reference = 3
        losses.keyframes = 1
        #expect(queue.losses == losses)
        #expect(queue.losses.dropped == 6)
    }

    @Test(arguments: [(100, 0), (101, 1)])
    func bytesAreBounded(frames: Int, dropped: Int) {
        var limits = Self.limits
        let frameBytes = UplinkFrame("P", 0).byteCount
        limits.bytesMax = 100 * frameBytes
        var queue = Self.online(limits)
        queue.push(UplinkFrame("K", 0))
        for _ in 1..<frames { queue.push(UplinkFrame("P", 0)) }
        #expect((queue.losses.dropped > 0) == (dropped > 0))
        #expect(queue.byteCount <= limits.bytesMax)
    }

    @Test func newConnectionBeginsWithConfigurationsAtTheNewestKeyframe() {
        var queue = Self.online()
        queue.push("M0 V0 S0 K0 P40 A40")
        #expect(queue.popAll() == "M0 V0 S0 K0 P40 A40")
        queue.push("P80 A80")
        queue.disconnect()
        queue.push("P120 A120 K160 A160 P200 K240 A240 P280")
        queue.connect()
        #expect(queue.popAll() == "M240 V240 S240 K240 A240 P280")
        #expect(queue.losses.offline == 7)
        #expect(queue.losses.dropped == 0)
    }

    @Test func newConnectionWaitsForAKeyframe() {
        var queue = Self.online()
        queue.push("V0 K0 P40")
        _ = queue.popAll()
        queue.disconnect()
        queue.push("P80 A80")
        queue.connect()
        queue.push("P120 A120")
        #expect(queue.popAll() == "")
        queue.push("K160 A160")
        #expect(queue.popAll() == "V160 K160 A160")
    }

    @Test func timesNeverFallBackOverABreak() {
        var queue = Self.online()
        var last: Int64 = -1
        for step in 0..<400 {
            if step % 37 == 20 { queue.disconnect() }
            if step % 37 == 30 { queue.connect() }
            let time = Int64(step) * 40
            queue.push(step % 25 == 0 ? "V\(time) K\(time) A\(time)" : "P\(time) A\(time)")
            guard step % 37 < 20 || step % 37 >= 30, step % 3 == 0 else { continue }
            while let frame = queue.pop() {
                #expect(frame.time >= last)
                last = frame.time
                #expect(frame.tag.timestamp == UInt32(truncatingIfNeeded: frame.time))
            }
        }
        #expect(last > 15_000)
    }

    @Test(arguments: [(1000, "V0 K0 A1000"), (1001, "")])
    func whatIsHeldAgesOut(newest: Int, popped: String) {
        var queue = UplinkQueue(limits: Self.limits)
        queue.push("V0 K0 A\(newest)")
        queue.connect()
        #expect(queue.popAll() == popped)
    }

    @Test func soundAloneIsHeldShort() {
        var queue = UplinkQueue(limits: Self.limits)
        queue.push("S0 A0 A50 A100 A150 A200")
        queue.connect()
        #expect(queue.popAll() == "S100 A100 A150 A200")
    }

    @Test func changedConfigurationGoesInItsPlace() {
        var queue = Self.online()
        queue.push("V0 K0")
        #expect(queue.popAll() == "V0 K0")
        queue.push("P40")
        queue.push(UplinkFrame("V", 80, bytes: 99))
        queue.push("K80")
        #expect(queue.popAll() == "P40 V80 K80")
    }

    @Test func configurationsAreNeverGivenUp() {
        var queue = Self.online()
        queue.push("V0 K0")
        _ = queue.popAll()
        queue.push("K40 P80")
        queue.push(UplinkFrame("V", 100, bytes: 99))
        queue.push("K100 P300 P340 A340 P800")
        let popped = queue.popAll()
        #expect(popped.contains("V100"), "\(popped)")
    }
}
