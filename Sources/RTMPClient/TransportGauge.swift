import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the kernel knows of a connection. Nothing, on systems other than Linux.
struct TransportGauge: Sendable {
    private let descriptor: CInt?

    /// - Parameter channel: a channel that has a descriptor.
    init(_ channel: any Channel) {
        do {
            descriptor = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { $0 }
        } catch {
            descriptor = nil
        }
    }

    /// Keeps what the kernel takes and does not send small, so that what waits is still ours to drop.
    ///
    /// - Parameter bytes: how much may wait.
    func limitUnsent(toBytes bytes: Int) {
        #if os(Linux)
            guard let descriptor else { return }
            var limit = CInt(clamping: bytes)
            setsockopt(
                descriptor, CInt(IPPROTO_TCP), Self.notSentLowWaterMark, &limit, socklen_t(MemoryLayout<CInt>.size))
        #endif
    }

    /// Bytes written that the peer's kernel has not acknowledged. Source: tcp(7), SIOCOUTQ.
    var unacknowledgedBytes: Int? {
        #if os(Linux)
            guard let descriptor else { return nil }
            var bytes: CInt = 0
            return ioctl(descriptor, UInt(TIOCOUTQ), &bytes) == 0 ? Int(bytes) : nil
        #else
            return nil
        #endif
    }

    /// Source: tcp(7), TCP_INFO; linux/tcp.h: tcpi_rtt is the field at byte 68, in microseconds.
    var roundTripMicroseconds: UInt32? {
        #if os(Linux)
            guard let descriptor else { return nil }
            var fields = [UInt32](repeating: 0, count: 26)
            var size = socklen_t(fields.count * MemoryLayout<UInt32>.size)
            guard getsockopt(descriptor, CInt(IPPROTO_TCP), Self.information, &fields, &size) == 0, size >= 72 else {
                return nil
            }
            return fields[17]
        #else
            return nil
        #endif
    }

    /// TCP_NOTSENT_LOWAT and TCP_INFO. Source: linux/tcp.h.
    private static let notSentLowWaterMark: CInt = 25
    private static let information: CInt = 11
}
