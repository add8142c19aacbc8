#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes all of the bytes, however long the reader takes.
///
/// - Returns: 0, or the system's number for what went wrong.
package func writeWhole(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> CInt {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
        let count = write(descriptor, start, rest.count)
        if count > 0 {
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if count == 0 {
            return EIO
        } else if errno == EAGAIN {
            // Whoever shares the pipe or terminal made it one that does not block.
            var question = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&question, 1, -1)
        } else if errno != EINTR {
            return errno
        }
    }
    return 0
}

/// Writes all of a text, however long the reader takes.
///
/// - Returns: 0, or the system's number for what went wrong.
@discardableResult
package func writeWhole(_ text: String, to descriptor: CInt) -> CInt {
    var text = text
    return text.withUTF8 { writeWhole(UnsafeRawBufferPointer($0), to: descriptor) }
}
