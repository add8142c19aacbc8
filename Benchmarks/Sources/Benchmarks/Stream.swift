import FLV
import NIOCore
import RTMP

/// One second of a stream of about 1 Mbit/s: 30 pictures and 44 frames of audio, as tag bodies.
enum Stream {
    struct Tag {
        let type: FLVTagType
        let timestamp: UInt32
        let body: ByteBuffer
    }

    static let tags: [Tag] = {
        var tags: [Tag] = []
        for index in 0..<30 {
            let isKey = index == 0
            var body = ByteBuffer(bytes: [isKey ? 0x17 : 0x27, 1, 0, 0, 0])
            body.writeInteger(UInt32(isKey ? 23_996 : 2_996))
            body.writeRepeatingByte(UInt8(truncatingIfNeeded: index), count: isKey ? 23_996 : 2_996)
            tags.append(Tag(type: .video, timestamp: UInt32(index * 1000 / 30), body: body))
        }
        for index in 0..<44 {
            var body = ByteBuffer(bytes: [0xAF, 1])
            body.writeRepeatingByte(UInt8(truncatingIfNeeded: index), count: 340)
            tags.append(Tag(type: .audio, timestamp: UInt32(index * 1000 / 44), body: body))
        }
        return tags.sorted { $0.timestamp < $1.timestamp }
    }()

    static let bodyBytes = tags.reduce(0) { $0 + $1.body.readableBytes }

    static let messages = tags.map {
        RTMPMessage(
            typeID: MessageTypeID(rawValue: $0.type.rawValue), streamID: MessageStreamID(rawValue: 1),
            timestamp: $0.timestamp, payload: $0.body)
    }

    /// The messages as a publisher sends them.
    static func chunks(of chunkSize: Int) -> ByteBuffer {
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        if chunkSize != 128 { writer.setChunkSize(chunkSize, into: &bytes) }
        for message in messages { writer.write(message, on: message.typeID == .video ? .video : .audio, into: &bytes) }
        return bytes
    }

    /// Bytes as reads of at most 64 KB bring them.
    static func reads(_ bytes: ByteBuffer) -> [ByteBuffer] {
        var rest = bytes
        var reads: [ByteBuffer] = []
        while rest.readableBytes > 0, let read = rest.readBytes(length: min(65_536, rest.readableBytes)) {
            reads.append(ByteBuffer(bytes: read))
        }
        return reads
    }
}
