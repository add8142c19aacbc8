import Glibc
import NIOCore

/// A plain TCP client on loopback, without an event loop: a test decides when it sends and when it reads, and sees what
/// a stranger would see. Used by one test at a time.
public final class TestSocket {
    /// What the kernel said.
    public struct Failure: Error, CustomStringConvertible {
        /// For people.
        public let description: String
    }

    private let descriptor: CInt
    private var isOpen = true

    /// Connects to a port of this machine.
    ///
    /// - Parameters:
    ///   - port: where to.
    ///   - source: the address to come from, where the peer counts connections by address.
    ///   - receiveBytes: of kernel buffer; a small one stalls the peer soon.
    ///   - timeoutSeconds: how long a read or a write may take before it fails.
    public init(
        port: Int, from source: String? = nil, receiveBytes: CInt? = nil, timeoutSeconds: Int = 240
    ) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "socket: errno \(errno)") }
        if var receiveBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<CInt>.size))
        }
        var enabled: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<CInt>.size))
        setTimeout(seconds: timeoutSeconds)
        if let source { _ = Self.withAddress(source, 0) { bind(descriptor, $0, $1) } }
        let host = source ?? "127.0.0.1"
        guard Self.withAddress(host, port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            throw Failure(description: "connect: errno \(errno)")
        }
    }

    deinit {
        close()
    }

    /// Closes; a second time does nothing.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    /// Closes at once with a reset, as when a machine dies.
    public func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Sends everything.
    public func send(_ bytes: ByteBuffer) throws {
        var rest = bytes
        while rest.readableBytes > 0 {
            guard let count = rest.withUnsafeReadableBytes({ write($0, flags: 0) }) else {
                throw Failure(description: "send: errno \(errno)")
            }
            rest.moveReaderIndex(forwardBy: count)
        }
    }

    /// Sends everything.
    public func send(_ text: String) throws {
        try send(ByteBuffer(string: text))
    }

    /// Sends what the kernel takes at once. - Returns: how many bytes it took; nil when the connection is gone.
    public func sendAtOnce(_ bytes: ByteBuffer) -> Int? {
        if let count = bytes.withUnsafeReadableBytes({ write($0, flags: CInt(MSG_DONTWAIT)) }) { return count }
        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : nil
    }

    /// Sends the same again and again without reading, until the peer has closed, takes nothing for a second, or has
    /// taken as much as the limit. - Returns: how many bytes it took.
    public func flood(with bytes: ByteBuffer, limit: Int) -> Int {
        var taken = 0
        var rest = bytes
        while taken < limit, let count = sendAtOnce(rest) {
            taken += count
            rest.moveReaderIndex(forwardBy: count)
            if rest.readableBytes == 0 { rest = bytes }
            guard count == 0 else { continue }
            var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if poll(&room, 1, 1000) == 0 { break }
        }
        return taken
    }

    /// The next bytes; nil when the peer has closed.
    public func receive() throws -> ByteBuffer? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count > 0 { return ByteBuffer(bytes: bytes[..<count]) }
            if count == 0 || errno == ECONNRESET || errno == EPIPE { return nil }
            guard errno == EINTR else { throw Failure(description: "nothing came in time (errno \(errno))") }
        }
    }

    /// Reads on until the peer closes. - Returns: whether it did, with no longer pause than that.
    public func isClosedByPeer(withinSeconds seconds: Int) -> Bool {
        setTimeout(seconds: seconds)
        do {
            while try receive() != nil {}
            return true
        } catch {
            return false
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, flags: CInt) -> Int? {
        let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags | CInt(MSG_NOSIGNAL))
        return count >= 0 ? count : nil
    }

    private func setTimeout(seconds: Int) {
        var timeout = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    }

    private static func withAddress(
        _ host: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
