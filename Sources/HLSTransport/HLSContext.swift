import Logging
import MediaCore
import NIOCore
import Synchronization

/// What all streams of a service share.
final class HLSContext: Sendable {
    let configuration: HLSConfiguration
    /// Nanoseconds since 1970 at a moment.
    let clock: @Sendable (NIODeadline) -> Int64
    let now: @Sendable () -> NIODeadline
    let memory: MemoryBudget
    let files: SegmentFiles?
    private let epochBits: @Sendable () -> UInt64

    init(
        configuration: HLSConfiguration, clock: @escaping @Sendable (NIODeadline) -> Int64,
        now: @escaping @Sendable () -> NIODeadline, files: SegmentFiles?,
        epochBits: @escaping @Sendable () -> UInt64
    ) {
        self.configuration = configuration
        self.clock = clock
        self.now = now
        self.files = files
        self.epochBits = epochBits
        memory = MemoryBudget(bytesMax: configuration.memoryBytesMax)
    }

    /// The number of the first segment of a run: seconds since 1970. Segments are no shorter than a second, so that no
    /// earlier run, be it of a server that has since been restarted, has come that far.
    func firstNumber(at now: NIODeadline) -> Int {
        Int(max(0, clock(now) / 1_000_000_000))
    }

    /// An empty run of segments.
    func segments(of name: StreamName, _ packaging: Packaging, number: Int) -> StreamSegments {
        StreamSegments(
            name: name, configuration: configuration,
            packager: StreamPackager(
                configuration, packaging, epoch: Epoch.text(epochBits()), firstNumber: number))
    }
}

/// The bytes of all streams' segments in memory.
final class MemoryBudget: Sendable {
    private let bytesMax: Int
    private let bytes = Atomic<Int>(0)

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// Counts bytes in, or out where negative.
    func add(_ count: Int) {
        bytes.wrappingAdd(count, ordering: .relaxed)
    }

    var isFull: Bool { bytes.load(ordering: .relaxed) > bytesMax }
    var bytesUsed: Int { bytes.load(ordering: .relaxed) }
}
