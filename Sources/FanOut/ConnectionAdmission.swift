import MediaCore
import NIOCore

/// Counts connections, in all and by address, and turns away what is too many. One for a whole server: a peer that
/// opens connections to each of its ports is still one peer.
public final class ConnectionAdmission: Sendable {
    /// Why a connection is turned away.
    public enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// The server has all the connections it may have.
        case serverFull(connectionsMax: Int)
        /// The peer's address has all the connections it may have.
        case addressFull(connectionsPerAddressMax: Int)

        /// A sentence for the log.
        public var description: String {
            switch self {
            case .serverFull(let limit): "all of the server's \(limit) connections are taken"
            case .addressFull(let limit): "all of the \(limit) connections that one address may have are taken"
            }
        }
    }

    /// What an admitted connection counts as, to be given back when it ends: by then its address is gone.
    public struct Ticket: Sendable {
        fileprivate let peer: Peer?
    }

    /// What connections are counted by: an IPv4 address, or the /64 network of an IPv6 address, since one customer
    /// has all of it.
    fileprivate enum Peer: Hashable {
        case ipv4(UInt32)
        case ipv6(network: UInt64)
    }

    private struct Counts {
        var all = 0
        var lastReport: NIODeadline?
        var byPeer: [Peer: Int] = [:]
    }

    private let connectionsMax: Int
    private let connectionsPerAddressMax: Int
    private let counts = Locked(Counts())

    /// - Parameters:
    ///   - connectionsMax: in all.
    ///   - connectionsPerAddressMax: for one address. Loopback is exempt: a proxy there speaks for everybody.
    public init(connectionsMax: Int, connectionsPerAddressMax: Int) {
        self.connectionsMax = connectionsMax
        self.connectionsPerAddressMax = connectionsPerAddressMax
    }

    /// Counts one more connection; ``release(_:)`` undoes it.
    public func admit(_ address: SocketAddress?) throws(Refusal) -> Ticket {
        let peer = address.flatMap(Self.peer)
        let refusal = counts.withLock { counts -> Refusal? in
            guard counts.all < connectionsMax else { return .serverFull(connectionsMax: connectionsMax) }
            if let peer {
                guard counts.byPeer[peer, default: 0] < connectionsPerAddressMax else {
                    return .addressFull(connectionsPerAddressMax: connectionsPerAddressMax)
                }
                counts.byPeer[peer, default: 0] += 1
            }
            counts.all += 1
            return nil
        }
        if let refusal { throw refusal }
        return Ticket(peer: peer)
    }

    /// Counts one connection less.
    public func release(_ ticket: Ticket) {
        counts.withLock { counts in
            counts.all -= 1
            guard let peer = ticket.peer, let count = counts.byPeer[peer] else { return }
            counts.byPeer[peer] = count > 1 ? count - 1 : nil
        }
    }

    /// Whether a refusal is worth a warning: one in ten seconds is. A crowd at the door must not fill the log too.
    public func shouldReport(at now: NIODeadline) -> Bool {
        counts.withLock { counts in
            if let last = counts.lastReport, now - last < .seconds(10) { return false }
            counts.lastReport = now
            return true
        }
    }

    /// The connections there are.
    public var count: Int { counts.withLock { $0.all } }

    /// Nil for loopback and for addresses that are none of the Internet's.
    private static func peer(of address: SocketAddress) -> Peer? {
        switch address {
        case .v4:
            return ipv4(bytes(of: address, at: 4, count: 4))
        case .v6:
            let bytes = bytes(of: address, at: 8, count: 16)
            let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
            if bytes.starts(with: mapped) { return ipv4(bytes.dropFirst(12)) }
            if bytes.dropLast().allSatisfy({ $0 == 0 }), bytes.last == 1 { return nil }
            return .ipv6(network: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) })
        case .unixDomainSocket:
            return nil
        }
    }

    private static func ipv4(_ bytes: some Collection<UInt8>) -> Peer? {
        bytes.first == 127 ? nil : .ipv4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// Bytes of the kernel's address structure: a sockaddr_in has its address at 4, a sockaddr_in6 at 8.
    private static func bytes(of address: SocketAddress, at offset: Int, count: Int) -> [UInt8] {
        address.withSockAddr { pointer, size in
            Array(UnsafeRawBufferPointer(start: pointer, count: size).dropFirst(offset).prefix(count))
        }
    }
}
