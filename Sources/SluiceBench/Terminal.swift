import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Standard output and standard error.
enum Terminal {
    enum Stream: Int32 {
        case output = 1
        case error = 2
    }

    /// Whether standard error is a terminal, which can be rewritten.
    static var isTerminal: Bool {
        isatty(STDERR_FILENO) == 1
    }

    /// Columns and rows.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Writes; what nobody reads any more is lost.
    static func write(_ text: String, to stream: Stream) {
        _ = SystemFile.writeAll(text, to: stream.rawValue)
    }
}

/// Files, as far as a report needs them.
enum SystemFile {
    /// The largest file that is published: it is held in memory.
    static let readBytesMax = 1 << 30

    /// Makes a file, or empties one.
    static func create(_ path: String) throws(BenchError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw BenchError("\(path): \(String(cString: strerror(errno)))") }
        return descriptor
    }

    /// Reads a file.
    static func read(_ path: String) throws(BenchError) -> ByteBuffer {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BenchError("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var bytes = ByteBuffer()
        while true {
            let count = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: 1 << 20) {
                max(0, readSome(descriptor, $0))
            }
            if count == 0 { return bytes }
            guard bytes.readableBytes <= readBytesMax else { throw BenchError("\(path) is longer than 1 GiB") }
        }
    }

    /// Writes all of a text.
    static func write(_ text: String, to descriptor: Int32) throws(BenchError) {
        guard writeAll(text, to: descriptor) else {
            throw BenchError("writing the results: \(String(cString: strerror(errno)))")
        }
    }

    static func writeAll(_ text: String, to descriptor: Int32) -> Bool {
        var bytes = ByteBuffer(string: text)
        while bytes.readableBytes > 0 {
            let count = bytes.withUnsafeReadableBytes { writeSome(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            bytes.moveReaderIndex(forwardBy: count)
        }
        return true
    }
}

private func readSome(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, bytes.baseAddress, bytes.count)
}

private func writeSome(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
