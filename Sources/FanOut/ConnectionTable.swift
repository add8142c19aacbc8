import Logging
import NIOCore

/// A connection that has to be looked after from outside; always on its event loop.
public protocol TendedConnection: AnyObject {
    /// Once a second: closes itself when its time has passed.
    func checkTime(_ now: NIODeadline)
    /// The server is going down: ends what it publishes, so that viewers hear of it.
    func endPublications()
    /// The server goes down: closes itself.
    func shutDown()
}

/// The connections of one transport on all event loops, and one timer a loop instead of several a connection.
public final class ConnectionTable: Sendable {
    private struct Entry {
        let connection: any TendedConnection
        let ticket: ConnectionAdmission.Ticket
    }

    /// The connections of one event loop.
    ///
    /// Safety: touched on `eventLoop` alone, which each entry asserts.
    private final class Shard: @unchecked Sendable {
        let eventLoop: any EventLoop
        var connections: [ObjectIdentifier: Entry] = [:]
        var sweeper: RepeatedTask?

        init(eventLoop: any EventLoop) {
            self.eventLoop = eventLoop
        }

        func sweep() {
            let now = NIODeadline.now()
            for entry in Array(connections.values) { entry.connection.checkTime(now) }
            if connections.isEmpty {
                sweeper?.cancel()
                sweeper = nil
            }
        }
    }

    private let shards: [ObjectIdentifier: Shard]
    private let admission: ConnectionAdmission
    private let logger: Logger

    /// - Parameters:
    ///   - group: the event loops that own the connections.
    ///   - admission: counts connections, together with other transports'.
    ///   - logger: gets a line when connections are turned away.
    public init(group: any EventLoopGroup, admission: ConnectionAdmission, logger: Logger) {
        var shards: [ObjectIdentifier: Shard] = [:]
        for eventLoop in group.makeIterator() { shards[ObjectIdentifier(eventLoop)] = Shard(eventLoop: eventLoop) }
        self.shards = shards
        self.admission = admission
        self.logger = logger
    }

    /// Takes a new connection in and looks after it until ``remove(_:on:)``.
    ///
    /// - Returns: false when it is one too many and must be closed.
    public func admit(_ connection: any TendedConnection, on channel: any Channel) -> Bool {
        channel.eventLoop.assertInEventLoop()
        guard let shard = shards[ObjectIdentifier(channel.eventLoop)] else { return false }
        do throws(ConnectionAdmission.Refusal) {
            let ticket = try admission.admit(channel.remoteAddress)
            shard.connections[ObjectIdentifier(connection)] = Entry(connection: connection, ticket: ticket)
        } catch {
            logger.log(
                level: admission.shouldReport(at: .now()) ? .warning : .debug, "connection turned away",
                metadata: ["peer": "\(channel.remoteAddress?.peerText ?? "unknown")", "why": "\(error)"])
            return false
        }
        if shard.sweeper == nil {
            shard.sweeper = channel.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) {
                [weak shard] _ in shard?.sweep()
            }
        }
        return true
    }

    /// Forgets `connection`.
    public func remove(_ connection: any TendedConnection, on eventLoop: any EventLoop) {
        eventLoop.assertInEventLoop()
        let entry = shards[ObjectIdentifier(eventLoop)]?.connections.removeValue(forKey: ObjectIdentifier(connection))
        if let entry { admission.release(entry.ticket) }
    }

    /// Ends all publications of all connections.
    public func endPublications() async {
        await forEach { $0.endPublications() }
    }

    /// Closes all connections.
    public func shutDown() async {
        await forEach { $0.shutDown() }
    }

    private func forEach(_ body: @escaping @Sendable (any TendedConnection) -> Void) async {
        for shard in shards.values {
            do {
                try await shard.eventLoop.submit {
                    for entry in Array(shard.connections.values) { body(entry.connection) }
                }.get()
            } catch {
                // The event loop is shut down, and its connections with it.
                continue
            }
        }
    }
}

extension SocketAddress {
    /// "10.0.0.7:5123" or "[2001:db8::1]:5123", for logs and the API.
    public var peerText: String {
        guard let host = ipAddress, let port else { return "local" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
