import NIOCore
import NIOPosix

/// Receive buffers that live no longer than their bytes are needed.
///
/// NIO keeps the buffers it reads into for each channel's next read: with the usual 2 KB that is a third of what a
/// viewer costs, and a viewer sends nothing. Here each read has a buffer of its own, sized by what came before; only
/// the first, which is small, stays with the channel. Use it with ``apply(to:)``.
public struct TransientReceiveAllocator: RecvByteBufferAllocator {
    private static let firstBytes = 64
    private static let bytesMin = 512
    private static let bytesMax = 64 << 10

    private var nextBytes = 2048
    private var hasRead = false

    private init() {}

    /// Sets the options that make a server's connections use it.
    public static func apply(to bootstrap: ServerBootstrap) -> ServerBootstrap {
        // One message a read keeps NIO's pool at the first buffer.
        bootstrap
            .childChannelOption(.recvAllocator, value: TransientReceiveAllocator())
            .childChannelOption(.maxMessagesPerRead, value: 1)
    }

    /// A new buffer for the next read.
    public func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: hasRead ? nextBytes : Self.firstBytes)
    }

    /// Adapts the size of the next buffer. - Returns: true, which keeps NIO from using an old buffer again.
    public mutating func record(actualReadBytes: Int) -> Bool {
        defer { hasRead = true }
        guard hasRead else { return true }
        if actualReadBytes >= nextBytes {
            nextBytes = min(nextBytes * 2, Self.bytesMax)
        } else if actualReadBytes < nextBytes / 4 {
            nextBytes = max(nextBytes / 2, Self.bytesMin)
        }
        return true
    }

    /// Nil: NIO's own reuse of buffers is not wanted.
    public func nextBufferSize() -> Int? { nil }
}
