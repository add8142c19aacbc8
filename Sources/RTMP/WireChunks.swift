import NIOCore

/// One chunk as it was on the wire. Specification: RTMP 1.0, 5.3.1.
public struct WireChunk: Sendable, Hashable {
    /// The header's type, 0 to 3: how much of it is left out.
    public var type: UInt8
    /// The chunk stream.
    public var chunkStreamID: ChunkStreamID
    /// Bytes of basic header, message header and extended timestamp together.
    public var headerBytes: Int
    /// Bytes of the message in this chunk.
    public var payloadBytes: Int
    /// The extended timestamp, where the header has one. 5.3.1.3.
    public var extendedTimestamp: UInt32?

    /// Makes a chunk; see the properties.
    public init(
        type: UInt8, chunkStreamID: ChunkStreamID, headerBytes: Int, payloadBytes: Int,
        extendedTimestamp: UInt32? = nil
    ) {
        self.type = type
        self.chunkStreamID = chunkStreamID
        self.headerBytes = headerBytes
        self.payloadBytes = payloadBytes
        self.extendedTimestamp = extendedTimestamp
    }
}

/// The chunks of one message.
public struct WireChunks: Sendable, Hashable {
    /// The most chunks listed. A keyframe of 200 KB has 1600 chunks of 128 bytes, all alike but the first and the last.
    public static let listedMax = 64

    /// The first chunks, in order.
    public private(set) var listed: [WireChunk] = []
    /// How many more there were.
    public private(set) var more = 0

    /// No chunks.
    public init() {}

    mutating func append(_ chunk: WireChunk) {
        if listed.count < Self.listedMax { listed.append(chunk) } else { more += 1 }
    }
}

/// How a writer cut one message; the chunks follow from it.
public struct ChunkLayout: Sendable, Hashable {
    /// The first header's type.
    let type: UInt8
    let chunkStreamID: ChunkStreamID
    let extendedTimestamp: UInt32?
    let messageBytes: Int
    let chunkSize: Int

    /// The chunks.
    public var chunks: WireChunks {
        let id = min(max(chunkStreamID.rawValue, 2), 65_599)
        let basicBytes = id < 64 ? 1 : id < 320 ? 2 : 3
        let extendedBytes = extendedTimestamp == nil ? 0 : 4
        var chunks = WireChunks()
        var left = messageBytes
        var type = type
        repeat {
            let bytes = min(left, max(chunkSize, 1))
            chunks.append(
                WireChunk(
                    type: type, chunkStreamID: ChunkStreamID(rawValue: id),
                    headerBytes: basicBytes + ChunkHeader.messageHeaderBytes(ofType: type) + extendedBytes,
                    payloadBytes: bytes, extendedTimestamp: extendedTimestamp))
            left -= bytes
            type = 3
        } while left > 0
        return chunks
    }
}

/// The chunks that a reader has seen of messages it has not handed out yet; one list for each chunk stream.
struct ChunkLog: Sendable {
    private var open: [(id: UInt32, chunks: WireChunks)] = []

    mutating func append(_ chunk: WireChunk) {
        if let index = open.firstIndex(where: { $0.id == chunk.chunkStreamID.rawValue }) {
            open[index].chunks.append(chunk)
        } else {
            var chunks = WireChunks()
            chunks.append(chunk)
            open.append((chunk.chunkStreamID.rawValue, chunks))
        }
    }

    /// The chunks of the message that has ended, or was given up, on a chunk stream.
    mutating func take(_ id: UInt32) -> WireChunks {
        guard let index = open.firstIndex(where: { $0.id == id }) else { return WireChunks() }
        return open.remove(at: index).chunks
    }
}
