import CZlib
import NIOCore

/// What others read gzip with.
enum Gunzip {
    struct Failed: Error {
        let code: CInt
    }

    static func text(_ bytes: ByteBuffer) throws -> String {
        var stream = z_stream()
        let start = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        guard start == Z_OK else { throw Failed(code: start) }
        defer { inflateEnd(&stream) }
        var input = Array(bytes.readableBytesView)
        var output = [UInt8](repeating: 0, count: 1 << 20)
        let end = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        guard end == Z_STREAM_END else { throw Failed(code: end) }
        return String(decoding: output[..<Int(stream.total_out)], as: UTF8.self)
    }
}
