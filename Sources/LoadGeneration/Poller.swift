import CEpoll

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Which of many sockets have something to say: Linux's epoll, level-triggered.
final class Poller {
    /// What is waited for.
    struct Interest: OptionSet {
        let rawValue: UInt32
        static let reading = Interest(rawValue: EPOLLIN.rawValue)
        static let writing = Interest(rawValue: EPOLLOUT.rawValue)
    }

    private let descriptor: Int32
    private var events: [epoll_event]
    private static let eventsMax = 512

    init() throws(ScanError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw ScanError("epoll: \(String(cString: strerror(errno)))") }
        events = [epoll_event](repeating: epoll_event(), count: Self.eventsMax)
    }

    deinit {
        close(descriptor)
    }

    /// Waits for a socket; `token` comes back with its events.
    func add(_ socket: Int32, token: Int, _ interest: Interest) {
        control(EPOLL_CTL_ADD, socket, token, interest)
    }

    /// Changes what is waited for.
    func change(_ socket: Int32, token: Int, _ interest: Interest) {
        control(EPOLL_CTL_MOD, socket, token, interest)
    }

    private func control(_ operation: Int32, _ socket: Int32, _ token: Int, _ interest: Interest) {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = UInt64(token)
        epoll_ctl(descriptor, operation, socket, &event)
    }

    /// Waits, and tells what happened.
    ///
    /// - Parameter milliseconds: the longest wait.
    func wait(milliseconds: Int, _ body: (_ token: Int, _ ready: Interest) -> Void) {
        let count = epoll_wait(descriptor, &events, Int32(events.count), Int32(milliseconds))
        guard count > 0 else { return }
        for event in events.prefix(Int(count)) {
            body(Int(truncatingIfNeeded: event.data.u64), Interest(rawValue: event.events))
        }
    }
}
