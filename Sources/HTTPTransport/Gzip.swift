import CZlib
import HTTPTypes
import MediaCore
import NIOCore

/// Compresses text: once for each content, however many ask for it. Specification: RFC 1952.
final class GzipCache: Sendable {
    /// What a body is known by: another of the same name has another tag.
    private struct Key: Hashable {
        let target: String
        let etag: String
    }

    private struct State {
        var bodies: [Key: ByteBuffer] = [:]
        /// The oldest first.
        var order = CircularBuffer<Key>()
        var byteCount = 0
    }

    /// Bodies that are kept, in bytes. A playlist has 2 KB, so these are those of thousands of streams.
    static let bytesMax = 8 << 20
    /// Shorter bodies hardly become smaller; longer ones would hold the event loop for several milliseconds.
    static let bodyBytes = 256...(256 << 10)

    private let state = Locked(State())

    /// Whether a resource is of a kind that becomes much smaller.
    static func isWorthwhile(_ resource: HTTPResource) -> Bool {
        guard resource.status == .ok, resource.etag != nil, bodyBytes.contains(resource.body.readableBytes) else {
            return false
        }
        let type = resource.contentType.prefix { $0 != ";" }
        return type.hasPrefix("text/") || type.hasSuffix("json") || type.hasSuffix("xml") || type.hasSuffix("mpegurl")
            || type.hasSuffix("javascript")
    }

    /// A resource's bytes, compressed.
    ///
    /// - Parameter target: the path and query that it was asked for with.
    func body(of resource: HTTPResource, target: String) -> ByteBuffer? {
        guard let etag = resource.etag else { return nil }
        let key = Key(target: target, etag: etag)
        if let body = state.withLock({ $0.bodies[key] }) { return body }
        guard let body = Self.compress(resource.body) else { return nil }
        state.withLock { state in
            guard state.bodies[key] == nil else { return }
            state.bodies[key] = body
            state.order.append(key)
            state.byteCount += body.readableBytes
            while state.byteCount > Self.bytesMax, let oldest = state.order.popFirst() {
                state.byteCount -= state.bodies.removeValue(forKey: oldest)?.readableBytes ?? 0
            }
        }
        return body
    }

    /// - Returns: nil when zlib fails, which only happens for want of memory.
    static func compress(_ bytes: ByteBuffer) -> ByteBuffer? {
        var stream = z_stream()
        // 15 bits of window, and 16 for gzip's head and tail. Level 1: half the bytes more than the best, a tenth of
        // the time.
        let size = CInt(MemoryLayout<z_stream>.size)
        guard deflateInit2_(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK else {
            return nil
        }
        defer { deflateEnd(&stream) }
        var output = ByteBuffer()
        let capacity = Int(deflateBound(&stream, UInt(bytes.readableBytes)))
        var isWhole = false
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { target in
            bytes.withUnsafeReadableBytes { source in
                stream.next_in = UnsafeMutablePointer(
                    mutating: source.baseAddress?.assumingMemoryBound(to: Bytef.self))
                stream.avail_in = UInt32(clamping: source.count)
                stream.next_out = target.baseAddress?.assumingMemoryBound(to: Bytef.self)
                stream.avail_out = UInt32(clamping: target.count)
                isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END
                return Int(stream.total_out)
            }
        }
        return isWhole ? output : nil
    }
}
