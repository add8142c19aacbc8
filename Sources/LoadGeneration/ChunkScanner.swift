import NIOCore
import RTMP

/// Notes the frames in what an RTMP server sends, from the end of the handshake on. Specification: RTMP 1.0, 5.3.
///
/// It runs beside the session while that talks, and alone from then on: it reads chunk headers, looks at the beginnings
/// of messages, and passes over all else.
package final class ChunkScanner: StreamScanner {
    /// The most chunk streams; servers use four to six.
    package static let chunkStreamsMax = 64
    /// The longest control message that is looked at.
    private static let controlBytesMax = 32

    /// One chunk stream's message at hand, and what shorter headers refer to.
    private struct ChunkStream {
        let id: UInt32
        var timestamp: UInt32 = 0
        var delta: UInt32 = 0
        var length = 0
        var type: UInt8 = 0
        var isExtended = false
        /// Bytes of the message still to come; 0 between messages.
        var remaining = 0
        var pending: ScannedFrame?
    }

    private var streams: [ChunkStream] = []
    private var chunkSize = 128
    /// Bytes of the chunk at hand still to come, and whose they are.
    private var skip = 0
    private var current = 0

    /// A scanner behind S2.
    package init() {}

    package func beginResource() {}

    package func scan(_ buffer: inout ByteBuffer, into output: inout ScanOutput) throws(ScanError) {
        while true {
            if skip > 0 {
                let count = min(skip, buffer.readableBytes)
                buffer.moveReaderIndex(forwardBy: count)
                skip -= count
                streams[current].remaining -= count
                guard skip == 0 else { return }
                if streams[current].remaining == 0, let frame = streams[current].pending {
                    output.frames.append(frame)
                    streams[current].pending = nil
                }
            }
            guard try readChunk(&buffer, &output) else { return }
        }
    }

    /// Reads a chunk's header and looks at its message's beginning; false, with nothing consumed, until enough is there.
    private func readChunk(_ buffer: inout ByteBuffer, _ output: inout ScanOutput) throws(ScanError) -> Bool {
        var rest = buffer.readerIndex
        guard let (format, id) = Self.basicHeader(buffer, &rest) else { return false }
        let index = try index(of: id)
        var stream = streams[index]
        guard readMessageHeader(format, buffer, &rest, &stream) else { return false }
        let payload = min(stream.remaining, chunkSize)
        if stream.remaining == stream.length {
            let needed = min(payload, Self.bytesNeeded(stream.type))
            guard buffer.writerIndex - rest >= needed else { return false }
            stream.pending = TagHead.frame(
                type: stream.type, milliseconds: Int64(stream.timestamp), in: buffer, at: rest, count: needed)
            streams[index] = stream
            try readControl(stream, buffer, at: rest, count: needed, &output)
        } else {
            streams[index] = stream
        }
        buffer.moveReaderIndex(to: rest)
        current = index
        skip = payload
        return true
    }

    /// How much of a message must be seen at once.
    private static func bytesNeeded(_ type: UInt8) -> Int {
        switch type {
        case 1...6: controlBytesMax
        case 8: 2
        case 9: TagHead.bytes
        default: 0
        }
    }

    /// Chunk basic header. Specification: RTMP 1.0, 5.3.1.1.
    private static func basicHeader(_ buffer: ByteBuffer, _ rest: inout Int) -> (format: UInt8, id: UInt32)? {
        guard let first = buffer.getInteger(at: rest, as: UInt8.self) else { return nil }
        rest += 1
        switch first & 0x3F {
        case 0:
            guard let low = buffer.getInteger(at: rest, as: UInt8.self) else { return nil }
            rest += 1
            return (first >> 6, 64 + UInt32(low))
        case 1:
            guard let number = buffer.getInteger(at: rest, endianness: .little, as: UInt16.self) else { return nil }
            rest += 2
            return (first >> 6, 64 + UInt32(number))
        case let id: return (first >> 6, UInt32(id))
        }
    }

    /// Chunk message header and extended timestamp. Specification: RTMP 1.0, 5.3.1.2 and 5.3.1.3.
    private func readMessageHeader(
        _ format: UInt8, _ buffer: ByteBuffer, _ rest: inout Int, _ stream: inout ChunkStream
    ) -> Bool {
        let begins = stream.remaining == 0
        let length = format == 0 ? 11 : format == 1 ? 7 : format == 2 ? 3 : 0
        guard buffer.writerIndex - rest >= length else { return false }
        if format < 3 {
            guard let high = buffer.getInteger(at: rest, as: UInt16.self),
                let low = buffer.getInteger(at: rest + 2, as: UInt8.self)
            else { return false }
            stream.delta = UInt32(high) << 8 | UInt32(low)
            stream.isExtended = stream.delta == 0xFF_FFFF
        }
        if format < 2, let word = buffer.getInteger(at: rest + 3, as: UInt32.self) {
            stream.length = Int(word >> 8)
            stream.type = UInt8(truncatingIfNeeded: word)
        }
        rest += length
        if stream.isExtended {
            guard let extended = buffer.getInteger(at: rest, as: UInt32.self) else { return false }
            if format < 3 { stream.delta = extended }
            rest += 4
        }
        guard begins || format < 3 else { return true }
        stream.timestamp = format == 0 ? stream.delta : stream.timestamp &+ stream.delta
        stream.remaining = stream.length
        return true
    }

    private func index(of id: UInt32) throws(ScanError) -> Int {
        if let index = streams.firstIndex(where: { $0.id == id }) { return index }
        guard streams.count < Self.chunkStreamsMax else {
            throw ScanError("more than \(Self.chunkStreamsMax) chunk streams: the server does not speak RTMP")
        }
        streams.append(ChunkStream(id: id))
        return streams.count - 1
    }

    /// Protocol control and user control messages. Specification: RTMP 1.0, 5.4 and 7.1.7.
    private func readControl(
        _ own: ChunkStream, _ buffer: ByteBuffer, at index: Int, count: Int, _ output: inout ScanOutput
    ) throws(ScanError) {
        guard own.type < 8, count >= 4, let word = buffer.getInteger(at: index, as: UInt32.self) else { return }
        switch MessageTypeID(rawValue: own.type) {
        case .setChunkSize:
            guard (1...0xFF_FFFF).contains(word & 0x7FFF_FFFF) else { throw ScanError("a chunk size of \(word)") }
            chunkSize = Int(word & 0x7FFF_FFFF)
        case .abort:
            if let stream = streams.firstIndex(where: { $0.id == word && $0.id != own.id }) {
                streams[stream].remaining = 0
                streams[stream].pending = nil
            }
        case .windowAcknowledgementSize: output.requests.append(.acknowledgements(windowBytes: word))
        case .userControl:
            guard word >> 16 == 6, count >= 6, let time = buffer.getInteger(at: index + 2, as: UInt32.self) else {
                return
            }
            output.requests.append(.pong(time: time))
        default: return
        }
    }
}
