import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What segments need of a file system. Every call may take long, and is made on a thread of its own.
package protocol SegmentFileSystem: Sendable {
    /// Makes a folder, and those it is in, where they are not there.
    func makeFolder(_ path: String) throws
    /// The names of the files in a folder.
    func list(_ path: String) throws -> [String]
    /// Writes a file as a whole.
    func write(_ bytes: ByteBuffer, to path: String) throws
    /// A file's bytes, that many.
    func read(_ path: String, bytes: Int) throws -> ByteBuffer
    /// Removes a file; one that is not there is no error.
    func remove(_ path: String) throws
}

/// What the system says of a file.
struct FileError: Error, CustomStringConvertible {
    var call: String
    var code: Int32

    /// The error of the call that has just failed.
    init(_ call: String) {
        self.call = call
        code = errno
    }

    /// A call that failed for a reason of its own.
    init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// The system's files.
package struct SystemFiles: SegmentFileSystem {
    package init() {}

    package func makeFolder(_ path: String) throws {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o755) != 0, errno != EEXIST else { continue }
            // A folder that is there but not ours to write in says other things.
            if access(made, X_OK) != 0 { throw FileError("mkdir \(made)") }
        }
        guard access(path, W_OK | X_OK) == 0 else { throw FileError("access \(path)") }
    }

    package func list(_ path: String) throws -> [String] {
        guard let folder = opendir(path) else { throw FileError("opendir \(path)") }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            names.append(String(cString: name))
        }
        return names
    }

    package func write(_ bytes: ByteBuffer, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("open \(path)") }
        defer { close(descriptor) }
        var rest = bytes
        while rest.readableBytes > 0 {
            let count = rest.withUnsafeReadableBytes { Self.write(descriptor, $0) }
            guard count >= 0 || errno == EINTR else { throw FileError("write \(path)") }
            rest.moveReaderIndex(forwardBy: max(0, count))
        }
    }

    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Darwin)
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    package func read(_ path: String, bytes: Int) throws -> ByteBuffer {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open \(path)") }
        defer { close(descriptor) }
        var buffer = ByteBufferAllocator().buffer(capacity: bytes)
        while buffer.readableBytes < bytes {
            let start = buffer.readableBytes
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes - start) { space in
                max(0, pread(descriptor, space.baseAddress, bytes - start, off_t(start)))
            }
            guard count > 0 else { throw FileError("read \(path)", code: EIO) }
        }
        return buffer
    }

    package func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError("unlink \(path)") }
    }
}
