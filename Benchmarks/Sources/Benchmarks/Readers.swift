import CBenchmarkSupport
import Glibc

/// Viewers' ends of connections: a thread that takes whatever comes, and throws it away.
///
/// Safety: the pointer is to C's own state, which may be asked for its count by any thread. Connections are made, and
/// the end is, by one.
final class Readers: @unchecked Sendable {
    private let readers: OpaquePointer

    init() {
        guard let readers = readers_start() else { fatalError("no thread for readers") }
        self.readers = readers
    }

    deinit {
        readers_stop(readers)
    }

    /// Makes a connection to the port, and reads from it.
    func connect(port: UInt16) {
        let error = readers_connect(readers, port)
        guard error == 0 else { fatalError("connect: \(String(cString: strerror(error)))") }
    }

    /// Waits until that many bytes have come.
    func wait(for count: Int) {
        while readers_bytes(readers) < UInt64(count) { usleep(50) }
    }
}
