import SluicePull
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A pipe to another program. When that ends, nobody holds the reading end any more, and writing fails.
enum PlayerPipe {
    /// - Returns: the end for the program, closed here when that has been started; and the end that we write to, which
    ///   must be gone for the program to see the end.
    static func open() throws(PlayError) -> (readingEnd: FileDescriptor, writingEnd: OutputFile) {
        var ends: [CInt] = [0, 0]
        guard pipe(&ends) == 0 else { throw PlayError("no pipe can be made: \(String(cString: strerror(errno)))") }
        // The program must not hold our end open itself.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (FileDescriptor(rawValue: ends[0]), OutputFile(owning: ends[1], name: "the player"))
    }
}
