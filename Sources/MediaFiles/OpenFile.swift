import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open file or pipe, read on threads that may block.
final class OpenFile: Sendable {
    /// What is read at once: half a second of 4 Mbit/s.
    static let pieceBytes = 256 << 10

    /// For messages.
    let name: String
    private let descriptor: CInt
    private let isOwned: Bool

    /// Opens a file for reading.
    init(path: String) throws(MediaFileError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw MediaFileError(.unreadable, "\(path): \(Self.reason(errno))") }
        name = path
        isOwned = true
    }

    private init(standardInput: Void) {
        descriptor = STDIN_FILENO
        name = "standard input"
        isOwned = false
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// The program's standard input; stays open.
    static var standardInput: OpenFile {
        OpenFile(standardInput: ())
    }

    /// Whether it can be read from any place: a file, and not a pipe or a device.
    var isSeekable: Bool {
        lseek(descriptor, 0, SEEK_CUR) >= 0
    }

    /// The next bytes; empty at the end. Waits where a pipe has none yet.
    func readNext() async throws(MediaFileError) -> ByteBuffer {
        while try await !hasBytes() {
            if Task.isCancelled { throw MediaFileError(.cancelled, "\(name): cancelled") }
        }
        return try await blocking { [descriptor] space in readSome(descriptor, space) }
    }

    /// Up to `count` bytes from an offset on; fewer only at the end of the file.
    func read(at offset: UInt64, count: Int) async throws(MediaFileError) -> ByteBuffer {
        guard let start = off_t(exactly: offset) else { return ByteBuffer() }
        return try await blocking(count: count) { [descriptor] space in
            var filled = 0
            while filled < space.count {
                let rest = space.baseAddress?.advanced(by: filled)
                let taken = pread(descriptor, rest, space.count - filled, start + filled)
                if taken < 0 { return taken }
                if taken == 0 { break }
                filled += taken
            }
            return filled
        }
    }

    private func blocking(
        count: Int = pieceBytes, _ body: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Int
    ) async throws(MediaFileError) -> ByteBuffer {
        let (bytes, code) = try await onThread {
            var bytes = ByteBuffer()
            var code: CInt = 0
            bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                let taken = body(UnsafeMutableRawBufferPointer(rebasing: space[..<count]))
                if taken < 0 { code = errno }
                return max(0, taken)
            }
            return (bytes, code)
        }
        guard code == 0 else { throw MediaFileError(.unreadable, "\(name): \(Self.reason(code))") }
        return bytes
    }

    /// How long one waits for a pipe before looking whether the task is cancelled.
    private static let pollMilliseconds: CInt = 200

    private func hasBytes() async throws(MediaFileError) -> Bool {
        try await onThread { [descriptor] in
            var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // An error is told by the read that follows.
            return poll(&question, 1, Self.pollMilliseconds) != 0
        }
    }

    private func onThread<Result: Sendable>(
        _ body: @escaping @Sendable () -> Result
    ) async throws(MediaFileError) -> Result {
        do {
            return try await NIOThreadPool.singleton.runIfActive(body)
        } catch {
            throw MediaFileError(.cancelled, "\(name): \(error)")
        }
    }

    private static func reason(_ code: CInt) -> String {
        String(cString: strerror(code)).lowercased()
    }
}

/// What a pipe has, as read(2) tells.
private func readSome(_ descriptor: CInt, _ space: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, space.baseAddress, space.count)
}

/// Bytes of a stream that come piece by piece and are read in elements, which stay slices of the pieces.
struct PieceReader: Sendable {
    /// Where pieces come from.
    private enum Origin: Sendable {
        case file(OpenFile)
        case stream(@Sendable () async throws(MediaFileError) -> ByteBuffer)
    }

    private let origin: Origin
    /// Where the next piece of a file lies; nil in a pipe and in a stream.
    private var offset: UInt64?
    /// Whether tags keep the stream's own times; else they begin at 0.
    private(set) var keepsTimes = false
    /// What has been read and not been consumed; a parser consumes what it can.
    var bytes: ByteBuffer
    /// Whether elements have been cut out of ``bytes``, so that appending would copy all of it.
    private var isShared = true
    /// Whether the file is at its end.
    private(set) var isAtEnd = false

    /// - Parameters:
    ///   - file: what to read from.
    ///   - offset: where to begin in a file; nil for a pipe.
    ///   - first: what has been read of it already.
    init(_ file: OpenFile, offset: UInt64? = nil, first: ByteBuffer = ByteBuffer()) {
        origin = .file(file)
        self.offset = offset
        bytes = first
    }

    /// A stream whose tags keep their times.
    ///
    /// - Parameters:
    ///   - first: what has come of it already.
    ///   - next: the next bytes; empty at the end.
    init(first: ByteBuffer, next: @escaping @Sendable () async throws(MediaFileError) -> ByteBuffer) {
        origin = .stream(next)
        bytes = first
        keepsTimes = true
    }

    /// Cuts an element out of the bytes with a parser; nil when it is not there whole.
    mutating func cut<Element>(
        _ read: (inout ByteBuffer) throws -> Element?
    ) throws(MediaFileError) -> Element? {
        do {
            guard let element = try read(&bytes) else { return nil }
            isShared = true
            return element
        } catch {
            throw MediaFileError(.damaged, "\(error)")
        }
    }

    /// Reads on; false at the end.
    mutating func readMore() async throws(MediaFileError) -> Bool {
        guard !isAtEnd else { return false }
        let piece = try await readPiece()
        guard piece.readableBytes > 0 else {
            isAtEnd = true
            return false
        }
        if bytes.readableBytes == 0 {
            bytes = piece
            isShared = true
        } else if isShared {
            var joined = ByteBuffer()
            joined.reserveCapacity(bytes.readableBytes + 2 * OpenFile.pieceBytes)
            joined.writeImmutableBuffer(bytes)
            joined.writeImmutableBuffer(piece)
            bytes = joined
            isShared = false
        } else {
            bytes.writeImmutableBuffer(piece)
        }
        return true
    }

    private mutating func readPiece() async throws(MediaFileError) -> ByteBuffer {
        switch origin {
        case .stream(let next): return try await next()
        case .file(let file):
            guard let place = offset else { return try await file.readNext() }
            let piece = try await file.read(at: place, count: OpenFile.pieceBytes)
            offset = place + UInt64(piece.readableBytes)
            return piece
        }
    }
}
