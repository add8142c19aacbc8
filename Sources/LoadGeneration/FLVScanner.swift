import FLV
import NIOCore

/// Notes the frames of an FLV stream. Specification: FLV 10.1, Annex E.
package final class FLVScanner: StreamScanner {
    private static let fileHeaderBytes = 9
    private static let previousTagSizeBytes = 4

    private var hasHeader = false
    /// Bytes of the body at hand still to come, with the size behind them.
    private var skip = 0
    /// The frame that is whole when they have come.
    private var pending: ScannedFrame?

    /// A scanner at the beginning of a stream.
    package init() {}

    package func beginResource() {
        hasHeader = false
        skip = 0
        pending = nil
    }

    package func scan(_ buffer: inout ByteBuffer, into output: inout ScanOutput) throws(ScanError) {
        guard try readHeader(&buffer) else { return }
        while true {
            if skip > 0 {
                let count = min(skip, buffer.readableBytes)
                buffer.moveReaderIndex(forwardBy: count)
                skip -= count
                guard skip == 0 else { return }
            }
            if let frame = pending {
                output.frames.append(frame)
                pending = nil
            }
            guard try readTagHeader(&buffer) else { return }
        }
    }

    private func readHeader(_ buffer: inout ByteBuffer) throws(ScanError) -> Bool {
        guard !hasHeader else { return true }
        guard buffer.readableBytes >= Self.fileHeaderBytes + Self.previousTagSizeBytes else { return false }
        let start = buffer.readerIndex
        guard let head = buffer.getInteger(at: start, as: UInt32.self), head >> 8 == 0x46_4C56,
            let offset = buffer.getInteger(at: start + 5, as: UInt32.self), offset == Self.fileHeaderBytes
        else { throw ScanError("what the server sends is no FLV") }
        buffer.moveReaderIndex(forwardBy: Self.fileHeaderBytes + Self.previousTagSizeBytes)
        hasHeader = true
        return true
    }

    /// Reads a tag's header and looks at its body; false, with nothing consumed, until enough is there.
    private func readTagHeader(_ buffer: inout ByteBuffer) throws(ScanError) -> Bool {
        let start = buffer.readerIndex
        guard buffer.readableBytes >= FLVWriter.tagHeaderBytes,
            let head = buffer.getInteger(at: start, as: UInt32.self),
            let time = buffer.getInteger(at: start + 4, as: UInt32.self)
        else { return false }
        let type = UInt8(truncatingIfNeeded: head >> 24) & 0x1F
        guard type == 8 || type == 9 || type == 18 else { throw ScanError("an FLV tag of type \(type)") }
        let bodyBytes = Int(head & 0xFF_FFFF)
        let needed = type == 9 ? min(bodyBytes, TagHead.bytes) : min(bodyBytes, 2)
        let body = start + FLVWriter.tagHeaderBytes
        guard buffer.writerIndex - body >= needed else { return false }
        // The fourth byte of the time is its highest. Specification: FLV 10.1, E.4.1.
        pending = TagHead.frame(
            type: type, milliseconds: Int64(time >> 8 | time << 24), in: buffer, at: body, count: needed)
        buffer.moveReaderIndex(to: body)
        skip = bodyBytes + Self.previousTagSizeBytes
        return true
    }
}
