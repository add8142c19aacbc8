import NIOCore

/// All viewers of one thread, and the sockets they share it with. Runs until the board says that it is over.
final class ViewerLoop {
    let plan: LoadPlan
    let board: RunBoard
    let thread: Int
    let poller: Poller
    var viewers: [Viewer] = []
    var counters: [LoadCounters]
    var work = LoopMemory()
    /// What was read from a socket.
    var raw = ByteBuffer()
    private(set) var phase = RunBoard.Phase.ramp
    private var phaseStart: UInt64 = 0
    private var opened = 0
    private var churned = 0
    private var nextReport: UInt64 = 0
    private var nextTick: UInt64 = 0
    /// Connections begun, for source addresses.
    private var ordinal = 0

    private static let reportNanoseconds: UInt64 = 200_000_000
    /// How often slow viewers read and waiting ones are looked after.
    private static let tickNanoseconds: UInt64 = 20_000_000
    private static let receiveBytes = 256 << 10
    /// What a slow viewer reads at each tick: 20 kB a second.
    private static let trickleBytes = 400
    private static let waitMilliseconds = 5

    init(_ plan: LoadPlan, _ board: RunBoard, thread: Int) throws(ScanError) {
        self.plan = plan
        self.board = board
        self.thread = thread
        poller = try Poller()
        counters = [LoadCounters](repeating: LoadCounters(), count: plan.rows)
        ordinal = thread * 1_000_000
        for number in stride(from: thread, to: plan.viewers, by: plan.threads) { viewers.append(plan.viewer(number)) }
    }

    /// Runs; returns when it is over.
    func run() {
        phaseStart = Self.now()
        while phase != .done {
            let now = Self.now()
            followPhase(at: now)
            openDue(at: now)
            if phase == .measuring { churn(at: now) }
            if now >= nextTick { tick(at: now) }
            if now >= nextReport { report(at: now) }
            poller.wait(milliseconds: Self.waitMilliseconds) { token, ready in handle(token, ready) }
        }
        for viewer in viewers { viewer.socket?.close() }
    }

    static func now() -> UInt64 {
        NIODeadline.now().uptimeNanoseconds
    }

    // MARK: Time

    private func followPhase(at now: UInt64) {
        let next = board.phase
        guard next != phase else { return }
        report(at: now)
        phase = next
        phaseStart = now
    }

    private func report(at now: UInt64) {
        nextReport = now + Self.reportNanoseconds
        var gauges = [RunBoard.Gauges](repeating: RunBoard.Gauges(), count: plan.rows)
        for viewer in viewers[..<opened] {
            gauges[viewer.row].opened += 1
            if viewer.socket != nil, !viewer.isConnecting { gauges[viewer.row].connected += 1 }
            if viewer.hasJoined, viewer.socket != nil { gauges[viewer.row].watching += 1 }
            let since = max(viewer.lastPicture, viewer.startTime)
            if viewer.isReading, now > since, now - since > viewer.stallNanoseconds { gauges[viewer.row].starving += 1 }
        }
        board.report(counters, in: phase, gauges: gauges, thread: thread)
        for row in counters.indices { counters[row].removeAll() }
    }

    private func openDue(at now: UInt64) {
        guard opened < viewers.count else { return }
        let rate = plan.viewersPerSecond / Double(plan.threads)
        let due = min(viewers.count, Int(Double(now - phaseStart) / 1e9 * rate) + 1)
        while opened < due {
            open(opened, at: now)
            opened += 1
        }
    }

    /// Viewers leave in turn, and are replaced at once.
    private func churn(at now: UInt64) {
        let due = Int(Double(now - phaseStart) / 1e9 * plan.churnPerSecond / Double(plan.threads))
        while churned < due {
            let index = churned % viewers.count
            churned += 1
            guard viewers[index].pace == .inTime else { continue }
            if viewers[index].socket != nil { counters[viewers[index].row].leaves += 1 }
            close(viewers[index])
            open(index, at: now)
        }
    }

    private func tick(at now: UInt64) {
        nextTick = now + Self.tickNanoseconds
        for index in 0..<opened {
            let viewer = viewers[index]
            if let wakeTime = viewer.conversation?.wakeTime, now >= wakeTime {
                viewer.conversation?.wake(at: now)
                send(viewer, index)
            }
            guard phase == .measuring, viewer.pace != .inTime, viewer.hasJoined, viewer.socket != nil else { continue }
            if viewer.isReading {
                viewer.isReading = false
                setInterest(viewer, index)
            }
            if viewer.pace == .trickle { receive(viewer, index, max: Self.trickleBytes) }
        }
    }

    // MARK: Connections

    private func open(_ index: Int, at now: UInt64) {
        let viewer = viewers[index]
        viewer.begin(random: now &* 0x9E37_79B9_7F4A_7C15 | 1, at: now)
        counters[viewer.row].connects += 1
        connect(viewer, index)
    }

    func connect(_ viewer: Viewer, _ index: Int) {
        do throws(ScanError) {
            let socket = try ClientSocket(to: viewer.address, ordinal: ordinal, isSlow: viewer.pace != .inTime)
            ordinal += 1
            viewer.socket = socket
            viewer.generation += 1
            viewer.isConnecting = true
            viewer.isWaitingToWrite = false
            poller.add(socket.descriptor, token: token(viewer, index), .writing)
        } catch {
            fail(viewer, error.description)
        }
    }

    func close(_ viewer: Viewer) {
        viewer.socket?.close()
        viewer.socket = nil
        viewer.isConnecting = false
    }

    func fail(_ viewer: Viewer, _ reason: String) {
        counters[viewer.row].fail(reason)
        close(viewer)
        viewer.conversation = nil
    }

    private func token(_ viewer: Viewer, _ index: Int) -> Int {
        (viewer.generation & 0x7FFF_FFFF) << 32 | index
    }

    func setInterest(_ viewer: Viewer, _ index: Int) {
        guard let socket = viewer.socket else { return }
        var interest: Poller.Interest = viewer.isReading ? .reading : []
        if viewer.isWaitingToWrite { interest.insert(.writing) }
        poller.change(socket.descriptor, token: token(viewer, index), interest)
    }

    private func handle(_ token: Int, _ ready: Poller.Interest) {
        let index = token & 0xFFFF_FFFF
        let viewer = viewers[index]
        guard token >> 32 == viewer.generation & 0x7FFF_FFFF, let socket = viewer.socket else { return }
        if viewer.isConnecting {
            if let error = socket.connectError { return fail(viewer, "connecting: \(error)") }
            viewer.isConnecting = false
            viewer.conversation?.begin(at: Self.now())
            viewer.isWaitingToWrite = false
            setInterest(viewer, index)
            send(viewer, index)
        } else if ready == .writing {
            viewer.isWaitingToWrite = false
            setInterest(viewer, index)
            send(viewer, index)
        } else {
            receive(viewer, index, max: viewer.isReading ? Self.receiveBytes : Self.trickleBytes)
        }
    }

    func send(_ viewer: Viewer, _ index: Int) {
        guard let conversation = viewer.conversation, conversation.outbound.readableBytes > 0 else { return }
        guard let socket = viewer.socket else { return connect(viewer, index) }
        guard !viewer.isConnecting, !viewer.isWaitingToWrite else { return }
        guard socket.send(from: &conversation.outbound) else { return closedByServer(viewer, index) }
        if conversation.outbound.readableBytes == 0 {
            conversation.outbound = ByteBuffer()
        } else {
            viewer.isWaitingToWrite = true
            setInterest(viewer, index)
        }
    }

    func receive(_ viewer: Viewer, _ index: Int, max: Int) {
        guard let socket = viewer.socket, let conversation = viewer.conversation else { return }
        raw.clear()
        switch socket.receive(into: &raw, max: max) {
        case .nothing: return
        case .closed: return closedByServer(viewer, index)
        case .failed(let reason): return fail(viewer, reason)
        case .bytes(let count): counters[viewer.row].bytes += count
        }
        let now = Self.now()
        work.output.removeAll()
        do throws(ScanError) {
            try conversation.receive(&raw, &work, at: now)
        } catch {
            viewer.account(work.output, at: now, in: &counters[viewer.row])
            return fail(viewer, error.description)
        }
        viewer.account(work.output, at: now, in: &counters[viewer.row])
        if conversation.outbound.readableBytes > 0 { send(viewer, index) }
    }

    private func closedByServer(_ viewer: Viewer, _ index: Int) {
        guard let conversation = viewer.conversation, conversation.connectionClosed(at: Self.now()) else {
            let reason = viewer.hasJoined ? "closed by the server" : "closed by the server before the first frame"
            return fail(viewer, reason)
        }
        close(viewer)
        // One that waits connects again when it has something to ask.
        if conversation.wakeTime == nil { connect(viewer, index) }
    }
}
