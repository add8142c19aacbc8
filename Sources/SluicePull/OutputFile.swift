import CommandOutput
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is written from beginning to end, on threads that may block; what stands in it is always whole.
package final class OutputFile: Sendable {
    /// For messages.
    let name: String
    private let descriptor: CInt
    private let isOwned: Bool

    /// Creates a file.
    ///
    /// - Parameters:
    ///   - path: its name; "-" is standard output.
    ///   - overwrites: whether one that is there is begun anew.
    init(path: String, overwrites: Bool) throws(PullError) {
        guard path != "-" else {
            (name, descriptor, isOwned) = ("standard output", STDOUT_FILENO, false)
            return
        }
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (overwrites ? O_TRUNC : O_EXCL)
        descriptor = open(path, flags, 0o644)
        guard descriptor >= 0 else {
            let remedy = errno == EEXIST ? "; name another file, or give --force" : ""
            throw PullError("\(path): \(Self.reason(errno))\(remedy)")
        }
        name = path
        isOwned = true
    }

    /// A pipe or file that is open.
    ///
    /// - Parameters:
    ///   - descriptor: closed with the object.
    ///   - name: for messages.
    package init(owning descriptor: CInt, name: String) {
        self.name = name
        self.descriptor = descriptor
        isOwned = true
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// Whether what was written can be written over: a file, and not a pipe.
    var isSeekable: Bool {
        lseek(descriptor, 0, SEEK_CUR) >= 0
    }

    /// Appends whole elements.
    ///
    /// - Parameter offset: how long the file is.
    /// - Throws: ``PullError``; then what there is of the last elements is cut off again.
    package func append(_ bytes: ByteBuffer, at offset: Int) async throws(PullError) {
        let code = try await onThread { [descriptor] in
            bytes.withUnsafeReadableBytes { writeWhole($0, to: descriptor) }
        }
        guard code != 0 else { return }
        // A part of a fragment or tag would spoil what stands before it for some players.
        if isOwned {
            _ = try await onThread { [descriptor] in
                ftruncate(descriptor, off_t(offset)) == 0 && lseek(descriptor, off_t(offset), SEEK_SET) >= 0
            }
        }
        switch code {
        case ENOSPC, EDQUOT:
            throw PullError("\(name): the disk is full; what was written up to then can be played")
        case EPIPE: throw PullError("nobody reads \(name) any more")
        default: throw PullError("\(name): \(Self.reason(code))")
        }
    }

    /// Writes over what stands there.
    func patch(_ bytes: ByteBuffer, at offset: Int) async throws(PullError) {
        let code = try await onThread { [descriptor] in
            bytes.withUnsafeReadableBytes { space in
                pwrite(descriptor, space.baseAddress, space.count, off_t(offset)) == space.count ? 0 : errno
            }
        }
        guard code == 0 else { throw PullError("\(name): \(Self.reason(code))") }
    }

    private func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async throws(PullError) -> Result
    {
        do {
            // A cancelled recording finishes its files all the same.
            return try await NIOThreadPool.singleton.runIfActive(
                eventLoop: NIOSingletons.posixEventLoopGroup.next(), body
            )
            .get()
        } catch {
            throw PullError("\(name): \(error)")
        }
    }

    private static func reason(_ code: CInt) -> String {
        String(cString: strerror(code)).lowercased()
    }
}
