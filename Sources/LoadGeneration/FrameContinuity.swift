/// Tells from frame to frame of one viewer whether something is missing.
package struct FrameContinuity: Sendable {
    /// What a picture is to the ones before it.
    package enum Finding: Sendable, Hashable {
        /// The next one.
        case continues
        /// Some are missing before it; how many, where they are numbered.
        case gap(missing: Int?)
        /// It, or a later one, was there before.
        case disorder
    }

    /// Without numbers, a step of the timestamps that counts as a gap, as the older tool `loadgen` has it.
    package static let gapMilliseconds: Int64 = 500
    /// Numbers that far off are those of a publisher that began anew.
    private static let restartFrames: UInt32 = 1 << 20

    private var number: UInt32?
    private var milliseconds: Int64?

    /// In front of the first frame.
    package init() {}

    /// Takes the next picture in the order of the bytes.
    package mutating func receive(_ frame: ScannedFrame) -> Finding {
        defer {
            number = frame.stamp?.number
            milliseconds = frame.milliseconds
        }
        if let number, let next = frame.stamp?.number {
            let step = next &- number
            if step == 1 { return .continues }
            if step == 0 || 0 &- step < Self.restartFrames { return .disorder }
            return .gap(missing: step < Self.restartFrames ? Int(step) - 1 : nil)
        }
        guard let milliseconds else { return .continues }
        let step = frame.milliseconds - milliseconds
        // Wire times wrap at 2³² milliseconds, or at 2³³ ticks of 90 kHz: a step back by more than a day is one on.
        if step < -86_400_000 { return .continues }
        return step < 0 ? .disorder : step > Self.gapMilliseconds ? .gap(missing: nil) : .continues
    }
}
