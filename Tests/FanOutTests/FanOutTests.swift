import FanOut
import MediaCore
import NIOCore
import Synchronization
import Testing

@Suite("Fan-out", .timeLimit(.minutes(2)))
struct FanOutTests {
    @Test(
        "every viewer gets every byte in order",
        arguments: [ViewerDelivery.descriptor, .channel], [TimeAmount.zero, .milliseconds(40)])
    func everyByte(delivery: ViewerDelivery, floor: TimeAmount) async throws {
        var configuration = FanOutConfiguration()
        configuration.mergeWindow = MergeWindow(floor: floor)
        let harness = try await FanOutHarness(loops: 2, configuration: configuration, delivery: delivery)
        harness.append(.keyframe, 0, count: 50_000)
        let clients = try (0..<20).map { _ in try harness.connect() }
        for client in clients { #expect(try client.next() == Received(kind: .keyframe, sequence: 0)) }
        for sequence in UInt32(1)...300 { harness.append(.delta, sequence, count: Int(sequence) * 37 % 9000) }
        let expected = (UInt32(1)...300).map { Received(kind: .delta, sequence: $0) }
        for client in clients { #expect(try client.messages(upTo: 300) == expected) }
        try await harness.shutDown()
    }

    @Test("a joiner hears its preamble, then the stream from the newest keyframe")
    func joinsAtKeyframe() async throws {
        let harness = try await FanOutHarness(preamble: FanOutHarness.message(kind: .preamble, sequence: 7))
        for sequence in UInt32(0)..<30 { harness.append(sequence % 10 == 0 ? .keyframe : .delta, sequence) }
        let received = try harness.connect().messages(upTo: 29)
        #expect(received.first == Received(kind: .preamble, sequence: 7))
        #expect(received.dropFirst().map(\.sequence) == Array(20...29))
        try await harness.shutDown()
    }

    @Test(
        "a viewer that stops reading goes on at a keyframe, whole messages only",
        arguments: [ViewerDelivery.descriptor, .channel])
    func slowViewerJumps(delivery: ViewerDelivery) async throws {
        var configuration = FanOutConfiguration()
        configuration.lagBytesMax = 1 << 20
        configuration.channelBytesMax = 64 << 10
        var limits = LogLimits()
        limits.lagDuration = MediaTime(milliseconds: 1_000_000)
        limits.durationMax = limits.lagDuration
        let harness = try await FanOutHarness(configuration: configuration, limits: limits, delivery: delivery)
        harness.append(.keyframe, 0)
        let slow = try harness.connect(receiveBytes: 262_144)
        let healthy = try harness.connect()
        #expect(try slow.next()?.sequence == 0)
        #expect(try healthy.next()?.sequence == 0)
        let last: UInt32 = 4000
        for sequence in 1...last {
            harness.append(sequence % 50 == 0 ? .keyframe : .delta, sequence, count: 2000)
            #expect(try healthy.next()?.sequence == sequence)
        }
        let received = try slow.messages(upTo: last)
        let jumps = zip(received, received.dropFirst()).filter { $1.kind == .rejoin }
        #expect(!jumps.isEmpty)
        #expect(received.count < 4000)
        for (index, message) in received.enumerated() where message.kind == .rejoin {
            #expect(received[index + 1].kind == .keyframe)
        }
        let numbers = received.filter { $0.kind != .rejoin }.map(\.sequence)
        #expect(numbers == numbers.sorted())
        #expect(harness.counters.jumps.load(ordering: .relaxed) >= jumps.count)
        try await harness.shutDown()
    }

    @Test("a viewer whose connection takes nothing is closed and counted")
    func stuckViewerIsClosed() async throws {
        var configuration = FanOutConfiguration()
        configuration.stuckTimeout = .milliseconds(500)
        let harness = try await FanOutHarness(configuration: configuration)
        harness.append(.keyframe, 0)
        let stuck = try harness.connect(receiveBytes: 262_144)
        let healthy = try harness.connect()
        #expect(try stuck.next()?.sequence == 0)
        #expect(try healthy.next()?.sequence == 0)
        var sequence: UInt32 = 0
        while harness.ends.withLock({ $0.isEmpty }) {
            sequence += 1
            harness.append(.delta, sequence, count: 100_000)
            #expect(try healthy.next()?.sequence == sequence)
        }
        #expect(harness.ends.withLock { $0 } == [.stuck])
        #expect(harness.counters.stuck.load(ordering: .relaxed) == 1)
        try await harness.shutDown()
    }

    @Test("a viewer that the log has overtaken inside a message is closed")
    func overtakenViewerIsClosed() async throws {
        var limits = LogLimits()
        limits.bytesMax = 1 << 20
        limits.segmentBytes = 64 << 10
        let harness = try await FanOutHarness(limits: limits)
        harness.append(.keyframe, 0)
        let slow = try harness.connect(receiveBytes: 262_144)
        #expect(try slow.next()?.sequence == 0)
        for sequence in UInt32(1)...400 { harness.append(.delta, sequence, count: 200_000) }
        var received: [Received] = []
        while let message = try slow.next() { received.append(message) }
        #expect(received.map(\.sequence) == (0..<UInt32(received.count)).map { $0 + 1 })
        #expect(harness.ends.withLock { $0 } == [.overtaken])
        try await harness.shutDown()
    }

    @Test(
        "what one viewer alone must hear comes between two messages", arguments: [ViewerDelivery.descriptor, .channel])
    func privateMessages(delivery: ViewerDelivery) async throws {
        let harness = try await FanOutHarness(delivery: delivery)
        harness.append(.keyframe, 0)
        let clients = try (0..<4).map { _ in try harness.connect(receiveBytes: 262_144) }
        for client in clients { #expect(try client.next()?.sequence == 0) }
        for sequence in UInt32(1)...200 {
            harness.append(.delta, sequence, count: 30_000)
            if sequence % 10 == 0 {
                for viewer in harness.joinedViewers {
                    viewer.send(FanOutHarness.message(kind: .personal, sequence: sequence))
                }
            }
        }
        for client in clients {
            var received: [Received] = []
            while received.count < 220, let message = try client.next() { received.append(message) }
            #expect(received.filter { $0.kind == .delta }.map(\.sequence) == Array(1...200))
            #expect(received.filter { $0.kind == .personal }.map(\.sequence) == (1...20).map { $0 * 10 })
        }
        try await harness.shutDown()
    }

    @Test("a log that ends lets its viewers go when they have all of it")
    func endOfLog() async throws {
        let harness = try await FanOutHarness()
        harness.append(.keyframe, 0)
        let clients = try (0..<3).map { _ in try harness.connect() }
        for client in clients { #expect(try client.next()?.sequence == 0) }
        for sequence in UInt32(1)...50 { harness.append(.delta, sequence, count: 10_000) }
        harness.log.end()
        for client in clients {
            #expect(try client.messages(upTo: 50).count == 50)
            #expect(try client.next() == nil)
        }
        #expect(harness.ends.withLock { $0 } == [.streamEnded, .streamEnded, .streamEnded])
        try await harness.shutDown()
    }

    @Test("viewers come and go while the stream runs")
    func churn() async throws {
        let harness = try await FanOutHarness(loops: 2)
        harness.append(.keyframe, 0)
        let staying = try harness.connect()
        #expect(try staying.next()?.sequence == 0)
        for sequence in UInt32(1)...300 {
            let passing = try harness.connect()
            harness.append(.delta, sequence, count: 500)
            #expect(try passing.next()?.sequence == 0)
            #expect(try staying.next()?.sequence == sequence)
        }
        try await harness.shutDown()
    }
}

@Suite("Connection admission")
struct ConnectionAdmissionTests {
    @Test("an address has its limit, loopback has none")
    func perAddress() throws {
        let admission = ConnectionAdmission(connectionsMax: 10, connectionsPerAddressMax: 2)
        let stranger = try SocketAddress(ipAddress: "192.0.2.7", port: 1)
        let neighbour = try SocketAddress(ipAddress: "2001:db8::1", port: 1)
        let sameNetwork = try SocketAddress(ipAddress: "2001:db8::2", port: 1)
        let mapped = try SocketAddress(ipAddress: "::ffff:192.0.2.7", port: 1)
        let loopback = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        let ticket = try admission.admit(stranger)
        _ = try admission.admit(mapped)
        #expect(throws: ConnectionAdmission.Refusal.addressFull(connectionsPerAddressMax: 2)) {
            try admission.admit(stranger)
        }
        _ = try admission.admit(neighbour)
        _ = try admission.admit(sameNetwork)
        #expect(throws: ConnectionAdmission.Refusal.self) { try admission.admit(neighbour) }
        for _ in 0..<6 { _ = try admission.admit(loopback) }
        #expect(throws: ConnectionAdmission.Refusal.serverFull(connectionsMax: 10)) { try admission.admit(loopback) }
        admission.release(ticket)
        _ = try admission.admit(stranger)
        #expect(admission.count == 10)
    }
}
