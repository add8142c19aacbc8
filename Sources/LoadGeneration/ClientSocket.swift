import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A TCP connection's descriptor, which does not block. Closed by its owner.
struct ClientSocket {
    let descriptor: Int32

    /// What a read came to.
    enum Received {
        case bytes(Int)
        case nothing
        case closed
        case failed(String)
    }

    /// Ports per source address; the system has 28 000 by default.
    private static let connectionsPerSource = 20_000
    /// The kernel's buffer of a viewer that reads slowly, so that the server feels it soon.
    private static let slowReceiveBytes: Int32 = 16_384

    /// Begins to connect.
    ///
    /// - Parameter ordinal: counts this process's connections: on loopback each 20 000 have a source address of their own.
    init(to address: ServerAddress, ordinal: Int, isSlow: Bool) throws(ScanError) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw ScanError("no socket: \(Self.errorText())") }
        Self.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if isSlow { Self.set(descriptor, SOL_SOCKET, SO_RCVBUF, Self.slowReceiveBytes) }
        if address.family == AF_INET, address.isLoopback { bindSource(UInt32(ordinal / Self.connectionsPerSource)) }
        let outcome = address.bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { connect(descriptor, $0.baseAddress, socklen_t(bytes.count)) }
        }
        guard outcome == 0 || errno == EINPROGRESS else {
            let text = Self.errorText()
            close()
            throw ScanError("connecting: \(text)")
        }
    }

    /// 127.0.0.2 and following.
    private func bindSource(_ index: UInt32) {
        var source = sockaddr_in()
        source.sin_family = sa_family_t(AF_INET)
        source.sin_addr.s_addr = (0x7F00_0002 + index % 250).bigEndian
        // Without it the system chooses the source; that is as good for the first 28 000.
        _ = withUnsafeBytes(of: &source) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { bind(descriptor, $0.baseAddress, socklen_t(bytes.count)) }
        }
    }

    /// Why connecting failed; nil when it did not.
    var connectError: String? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code == 0 ? nil : String(cString: strerror(code))
    }

    /// Reads what is there, behind what the buffer holds.
    func receive(into buffer: inout ByteBuffer, max: Int) -> Received {
        var outcome = Received.nothing
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: max) { target in
            let count = recv(descriptor, target.baseAddress, min(target.count, max), 0)
            if count > 0 {
                outcome = .bytes(count)
                return count
            }
            if count == 0 {
                outcome = .closed
            } else if errno != EAGAIN, errno != EINTR {
                outcome = errno == ECONNRESET ? .closed : .failed(Self.errorText())
            }
            return 0
        }
        return outcome
    }

    /// Sends as much as the kernel takes from the front of a buffer; false when the connection is gone.
    func send(from buffer: inout ByteBuffer) -> Bool {
        while buffer.readableBytes > 0 {
            let count = buffer.withUnsafeReadableBytes {
                sendBytes(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN
            }
            buffer.moveReaderIndex(forwardBy: count)
        }
        return true
    }

    func close() {
        closeDescriptor(descriptor)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func errorText() -> String {
        String(cString: strerror(errno))
    }
}

private func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
    send(descriptor, bytes, count, flags)
}

private func closeDescriptor(_ descriptor: Int32) {
    close(descriptor)
}
