import Foundation
import Glibc
import Testing

/// Many plain clients of one server on one thread: strangers who send what they are told, viewers who check every
/// frame, publishers of 25 frames a second.
///
/// Safety: everything mutable is touched with the lock held.
final class RobustnessCrowd: @unchecked Sendable {
    /// A connection of the crowd.
    typealias Member = Int

    private let lock = NSLock()
    private var members: [RobustnessMember] = []
    /// Those that are open.
    private var active: [RobustnessMember] = []
    private var isStopped = false

    init() {
        Thread.detachNewThread { [self] in run() }
    }

    /// Closes all connections and ends the thread.
    func stop() {
        lock.withLock {
            isStopped = true
            for member in members { member.close(withReset: true) }
        }
    }

    // MARK: Connections

    /// - Parameters:
    ///   - port: of this machine.
    ///   - bytes: what to send at once.
    ///   - receiveBytes: of kernel buffer.
    ///   - frameBytes: the size of frames, for a publisher.
    ///   - isChecked: whether what comes is checked as RTMP.
    @discardableResult
    func connect(
        _ port: Int, sending bytes: [UInt8] = [], receiveBytes: CInt? = nil, frameBytes: Int? = nil,
        isChecked: Bool = false
    ) throws -> Member {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        if var receiveBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<CInt>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0, "connect: errno \(errno)")
        let member = RobustnessMember(descriptor: descriptor, frameBytes: frameBytes, isChecked: isChecked)
        return lock.withLock {
            members.append(member)
            active.append(member)
            member.send(bytes)
            return members.count - 1
        }
    }

    func publish(_ stream: String, at port: Int, frameBytes: Int = 5000) throws -> Member {
        try connect(port, sending: RobustnessWire.publishing(stream), frameBytes: frameBytes, isChecked: true)
    }

    func view(_ stream: String, at port: Int, receiveBytes: CInt? = nil) throws -> Member {
        try connect(port, sending: RobustnessWire.playing(stream), receiveBytes: receiveBytes, isChecked: true)
    }

    func send(_ bytes: [UInt8], from some: some Sequence<Member>) {
        lock.withLock { for index in some { members[index].send(bytes) } }
    }

    func close(_ some: some Sequence<Member>, withReset: Bool = false) {
        lock.withLock { for index in some { members[index].close(withReset: withReset) } }
    }

    /// Stops reading, or reads on.
    func setReading(_ isReading: Bool, _ some: some Sequence<Member>) {
        lock.withLock { for index in some { members[index].isReading = isReading } }
    }

    /// Reads no faster than that.
    func setReadRate(bytesPerSecond: UInt64, _ some: some Sequence<Member>) {
        lock.withLock { for index in some { members[index].readBytesPerSecond = bytesPerSecond } }
    }

    // MARK: Reports

    func report(_ member: Member) -> RobustnessMember.Report {
        lock.withLock { members[member].report }
    }

    func reports(_ some: some Sequence<Member>) -> [RobustnessMember.Report] {
        lock.withLock { some.map { members[$0].report } }
    }

    func openCount(_ some: some Sequence<Member>) -> Int {
        reports(some).count { !$0.isClosed }
    }

    // MARK: The thread

    private func run() {
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)
        defer { space.deallocate() }
        while true {
            let polled = lock.withLock { () -> [RobustnessMember]? in
                active.removeAll { $0.report.isClosed }
                let now = DispatchTime.now().uptimeNanoseconds
                return isStopped ? nil : active.filter { $0.wantsToRead(at: now) }
            }
            guard let polled else { return }
            var descriptors = polled.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            poll(&descriptors, nfds_t(descriptors.count), 5)
            let now = DispatchTime.now().uptimeNanoseconds
            lock.withLock {
                for (member, descriptor) in zip(polled, descriptors) where descriptor.revents != 0 {
                    member.receive(into: space)
                }
                for member in active {
                    member.flush()
                    member.publishDue(at: now)
                }
            }
        }
    }
}

/// A stream with viewers who must not notice what happens beside them.
struct RobustnessAudience {
    let crowd: RobustnessCrowd
    let publisher: RobustnessCrowd.Member
    let viewers: [RobustnessCrowd.Member]

    /// Starts the stream and waits until all viewers see it.
    init(_ crowd: RobustnessCrowd, _ server: ServerProcess, stream: String = "healthy", viewers count: Int) async throws
    {
        self.crowd = crowd
        publisher = try crowd.publish(stream, at: server.rtmpPort)
        viewers = try (0..<count).map { _ in try crowd.view(stream, at: server.rtmpPort) }
        let viewers = viewers
        let isSeen = try await eventually { crowd.reports(viewers).allSatisfy { $0.first != nil } ? true : nil }
        try #require(isSeen == true, "not all viewers see the stream")
    }

    /// Checks that every viewer has seen every frame since it came, up to the newest.
    func expectUndisturbed(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let crowd = crowd
        let newest = try #require(crowd.report(publisher).last)
        let all = viewers
        _ = try await eventually(within: .seconds(3)) {
            crowd.reports(all).allSatisfy { $0.last ?? 0 >= newest } ? true : nil
        }
        let reports = crowd.reports(viewers)
        #expect(reports.allSatisfy { $0.last ?? 0 >= newest }, "a viewer is behind", sourceLocation: sourceLocation)
        #expect(reports.allSatisfy { $0.gaps == 0 && !$0.isDamaged && !$0.isClosed }, sourceLocation: sourceLocation)
        #expect(!crowd.report(publisher).isClosed, sourceLocation: sourceLocation)
    }
}
