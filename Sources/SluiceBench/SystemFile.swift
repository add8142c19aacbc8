import CommandOutput
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Files, as far as a report needs them.
enum SystemFile {
    /// The largest file that is published: it is held in memory.
    static let readBytesMax = 1 << 30

    /// Where "-" is written to.
    static let standardOutput: Int32 = STDOUT_FILENO

    /// Makes a file, or empties one; "-" is standard output.
    static func create(_ path: String) throws(BenchError) -> Int32 {
        guard path != "-" else { return standardOutput }
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
        let code = writeWhole(text, to: descriptor)
        guard code == 0 else { throw BenchError("writing the results: \(String(cString: strerror(code)))") }
    }
}

private func readSome(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, bytes.baseAddress, bytes.count)
}
