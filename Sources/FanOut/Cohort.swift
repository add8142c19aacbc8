import Glibc
import MediaCore
import NIOCore
import Synchronization

/// The viewers of one stream in one format on one event loop, walked in one pass.
///
/// Safety: everything mutable but `isPending` is touched on the event loop alone.
final class Cohort: LogObserver, @unchecked Sendable {
    enum SlotState: UInt8 {
        /// Has all bytes up to its cursor; the next pass sends more to its descriptor.
        case ready
        /// Waits for its connection to take what was handed to the channel; passes skip it.
        case blocked
        /// Written through its channel.
        case channel
        /// Has left during a pass; removed after it.
        case gone
    }

    struct Slot {
        var cursor: UInt64
        var descriptor: CInt
        var state: SlotState
        var viewer: Viewer
    }

    let log: BroadcastLog
    let start: ViewerStart
    let loop: FanOutLoop
    /// Contiguous, so that a pass reads memory in order.
    var slots: [Slot] = []
    private let isPending = Atomic(false)
    private var isPassing = false
    /// What viewers asked for during a pass, done after it.
    private var afterPass: [() -> Void] = []
    private var batch = SendBatch()
    /// A stream whose head stands still between sweeps has fallen silent; its last audio is sent then.
    private var headAtSweep: UInt64 = 0

    init(start: ViewerStart, loop: FanOutLoop) {
        self.start = start
        self.loop = loop
        log = start.log
    }

    var configuration: FanOutConfiguration { loop.configuration }
    var count: Int { slots.count }

    // MARK: Growth

    func logGrew() {
        if !isPending.exchange(true, ordering: .acquiringAndReleasing) { loop.wake(self) }
    }

    func acknowledgeWake() {
        isPending.store(false, ordering: .releasing)
    }

    /// Sends what is new to each ready viewer of `range`, one system call each.
    func pass(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let snapshot = log.snapshot()
        isPassing = true
        var sentBytes = 0
        for index in range {
            switch slots[index].state {
            case .ready where slots[index].cursor != snapshot.head:
                sentBytes += sendNew(index, snapshot)
            case .channel:
                pump(slots[index].viewer, snapshot)
            default:
                break
            }
        }
        isPassing = false
        start.counters.bytesSent.wrappingAdd(sentBytes, ordering: .relaxed)
        batch.release()
        if snapshot.hasEnded { endFinishedViewers(snapshot) }
        runDeferred()
    }

    /// The hot line of the server: everything new for one viewer, in one send.
    private func sendNew(_ index: Int, _ snapshot: BroadcastLog.Snapshot) -> Int {
        let cursor = slots[index].cursor
        batch.prepare(from: cursor, snapshot)
        let viewer = slots[index].viewer
        guard batch.byteCount > 0 else {
            slots[index].state = .blocked
            afterPass.append { self.drain(viewer) }
            return 0
        }
        switch ViewerSocket.send(batch.pieces, to: slots[index].descriptor) {
        case .sent(let count) where count == batch.byteCount:
            slots[index].cursor = cursor + UInt64(count)
            return count
        case .sent(let count):
            slots[index].cursor = cursor + UInt64(count)
            slots[index].state = .blocked
            afterPass.append { self.handOver(viewer) }
            return count
        case .failed:
            slots[index].state = .blocked
            afterPass.append { self.end(viewer, .connectionLost) }
            return 0
        }
    }

    // MARK: Coming and going

    /// The preamble goes through the channel even when it is empty: what the transport wrote before must be out before
    /// the descriptor is used. What the log holds follows at once; a joiner does not wait for the next frame.
    func add(_ viewer: Viewer, at cursor: UInt64, preamble: ByteBuffer) {
        viewer.slot = slots.count
        let state: SlotState = viewer.descriptor == nil ? .channel : .blocked
        slots.append(Slot(cursor: cursor, descriptor: viewer.descriptor ?? -1, state: state, viewer: viewer))
        send(preamble, to: viewer)
        if viewer.descriptor == nil { pump(viewer, log.snapshot()) }
    }

    func remove(_ viewer: Viewer) {
        guard let index = viewer.slot else { return }
        viewer.slot = nil
        viewer.privateMessages = nil
        if isPassing {
            slots[index].state = .gone
            afterPass.append { self.removeGone(viewer) }
        } else {
            removeSlot(index)
        }
    }

    private func removeGone(_ viewer: Viewer) {
        if let index = slots.firstIndex(where: { $0.viewer === viewer }) { removeSlot(index) }
    }

    private func removeSlot(_ index: Int) {
        slots.swapAt(index, slots.count - 1)
        slots.removeLast()
        if index < slots.count, slots[index].viewer.slot != nil { slots[index].viewer.slot = index }
    }

    /// Lets a viewer go and says why.
    func end(_ viewer: Viewer, _ end: ViewerEnd) {
        guard viewer.slot != nil else { return }
        switch end {
        case .stuck: start.counters.stuck.wrappingAdd(1, ordering: .relaxed)
        case .overtaken: start.counters.overtaken.wrappingAdd(1, ordering: .relaxed)
        case .streamEnded, .connectionLost: break
        }
        remove(viewer)
        viewer.delegate?.viewerEnded(viewer, end)
    }

    private func endFinishedViewers(_ snapshot: BroadcastLog.Snapshot) {
        for slot in slots where slot.cursor == snapshot.head && slot.state != .gone {
            let viewer = slot.viewer
            guard viewer.blockedSince == nil else { continue }
            afterPass.append { self.end(viewer, .streamEnded) }
        }
    }

    private func runDeferred() {
        while !afterPass.isEmpty {
            let work = afterPass
            afterPass.removeAll()
            for item in work { item() }
        }
    }

    /// Runs `work` now, or after the pass that is under way.
    func afterPass(_ work: @escaping () -> Void) {
        if isPassing { afterPass.append(work) } else { work() }
    }

    func sweep(now: NIODeadline) {
        let head = log.head
        if head == headAtSweep, configuration.mergeWindow.floor == .zero { pass(0..<slots.count) }
        headAtSweep = head
        let stuck = slots.map(\.viewer).filter { viewer in
            viewer.blockedSince.map { now - $0 > configuration.stuckTimeout } ?? false
        }
        for viewer in stuck { end(viewer, .stuck) }
    }
}

/// The pieces of memory from one cursor to the head. Most viewers stand at one cursor and share them.
struct SendBatch: ~Copyable {
    private(set) var byteCount = 0
    private var cursor: UInt64?
    private let storage = UnsafeMutableBufferPointer<iovec>.allocate(capacity: SendBatch.piecesMax)
    private var count = 0

    /// More than this many segments behind, a viewer is drained in several sends.
    private static let piecesMax = 8

    deinit {
        storage.deallocate()
    }

    var pieces: UnsafeMutableBufferPointer<iovec> {
        UnsafeMutableBufferPointer(rebasing: storage[..<count])
    }

    mutating func prepare(from cursor: UInt64, _ snapshot: BroadcastLog.Snapshot, upTo limit: UInt64 = .max) {
        guard cursor != self.cursor || limit != .max else { return }
        self.cursor = limit == .max ? cursor : nil
        count = 0
        byteCount = 0
        while count < Self.piecesMax {
            let bytes = snapshot.bytes(from: cursor + UInt64(byteCount), upTo: limit)
            guard let base = bytes.baseAddress, bytes.count > 0 else { return }
            storage[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: base), iov_len: bytes.count)
            count += 1
            byteCount += bytes.count
        }
    }

    /// Forgets the pieces; they are valid only while their snapshot is held.
    mutating func release() {
        cursor = nil
        count = 0
        byteCount = 0
    }
}
