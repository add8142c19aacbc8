/// What a peer may make a ``ChunkReader`` hold. Memory follows the bytes that have arrived, never a length that was
/// only announced, so these bound a peer that really sends.
public struct ChunkLimits: Sendable, Hashable {
    /// The longest message accepted, in bytes, at most 0xFFFFFF (the length field's end). A keyframe of 2160p video
    /// at 100 Mbit/s has 2 to 4 MB; 8 MiB leaves room for that and stops what no encoder sends.
    public var messageBytesMax: Int
    /// The most chunk streams in use at once. Encoders use fewer than 10; each costs about 100 bytes for the
    /// connection's life, and looking one up takes longer the more there are.
    public var chunkStreamsMax: Int
    /// The most bytes gathered in unfinished messages of all chunk streams together. Without it a peer could leave
    /// one message just short of its end on each chunk stream. Two messages of the longest kind, one on audio's and one
    /// on video's chunk stream, still fit. Buffers grow by doubling, so up to twice as much may be allocated.
    public var partialBytesMax: Int

    /// Makes limits; see the properties. A length above 0xFFFFFF means 0xFFFFFF, a number below 1 means 1.
    public init(
        messageBytesMax: Int = 8 * 1024 * 1024, chunkStreamsMax: Int = 64, partialBytesMax: Int = 16 * 1024 * 1024
    ) {
        self.messageBytesMax = min(max(messageBytesMax, 1), 0xFF_FFFF)
        self.chunkStreamsMax = max(chunkStreamsMax, 1)
        self.partialBytesMax = max(partialBytesMax, 1)
    }
}
