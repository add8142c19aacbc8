import NIOCore

/// The first metadata block of FLAC, its decoder configuration. Specification: RFC 9639, 8.2.
public struct FLACStreamInfo: Sendable, Hashable {
    /// Samples of a channel in the shortest block but the last, 16 to 65535.
    public var blockSizeMin: Int
    /// Samples of a channel in the longest block, 16 to 65535.
    public var blockSizeMax: Int
    /// Bytes of the shortest frame; 0 is unknown.
    public var frameSizeMin: Int
    /// Bytes of the longest frame; 0 is unknown.
    public var frameSizeMax: Int
    /// Samples a second, 1 to 1 048 575.
    public var sampleRate: Int
    /// 1 to 8.
    public var channels: Int
    /// 4 to 32.
    public var bitsPerSample: Int
    /// Samples of a channel in all; 0 is unknown, as it is of live streams.
    public var totalSamples: UInt64

    /// Reads a block.
    ///
    /// - Parameter bytes: the block, with its header or without, with "fLaC" in front of that or without.
    /// - Throws: ``CodecError`` when it is cut short or a number is out of its range.
    public init(_ bytes: ByteBuffer) throws(CodecError) {
        var bytes = bytes
        if bytes.getInteger(at: bytes.readerIndex, as: UInt32.self) == 0x664C_6143 {
            bytes.moveReaderIndex(forwardBy: 4)
        }
        // A block header: type 0 (with or without the mark of the last block) and 34 bytes. The block itself cannot
        // begin like this: it would have blocks of 0 samples, or of 32768 at least and 34 at most.
        if let head = bytes.getInteger(at: bytes.readerIndex, as: UInt32.self), head & 0x7FFF_FFFF == 34 {
            bytes.moveReaderIndex(forwardBy: 4)
        }
        var reader = SyntaxReader(Array(bytes.readableBytesView.prefix(34)))
        blockSizeMin = try reader.u(16)
        blockSizeMax = try reader.u(16)
        frameSizeMin = try reader.u(24)
        frameSizeMax = try reader.u(24)
        sampleRate = try reader.u(20)
        channels = try reader.u(3) + 1
        bitsPerSample = try reader.u(5) + 1
        totalSamples = try reader.u64(36)
        try reader.skip(128)  // MD5 of the samples
        guard sampleRate > 0, blockSizeMin >= 16, blockSizeMax >= blockSizeMin, bitsPerSample >= 4 else {
            throw CodecError(.malformed, "STREAMINFO")
        }
    }

    /// Samples of a channel in every frame; nil where frames differ.
    public var samplesPerFrame: Int? {
        blockSizeMin == blockSizeMax ? blockSizeMin : nil
    }
}
