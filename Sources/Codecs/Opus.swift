import NIOCore

/// The identification header of Opus, its decoder configuration in RTMP and Ogg. Specification: RFC 7845, 5.1.
public struct OpusHead: Sendable, Hashable {
    /// Channels that come out, 1 to 255.
    public var channels: Int
    /// Samples to throw away at the start, at 48 kHz.
    public var preSkip: UInt16
    /// Sample rate of the encoder's input, for information; the decoder always runs at 48 kHz. 0 is unspecified.
    public var inputSampleRate: UInt32
    /// Gain to apply, in decibels times 256.
    public var outputGain: Int16
    /// 0 is mono or stereo, 1 the surround layouts of Vorbis, 255 no layout.
    public var mappingFamily: UInt8
    /// Streams in a packet, 1 to 255.
    public var streams: UInt8
    /// How many of them are stereo.
    public var coupledStreams: UInt8
    /// The stream channel of each output channel; 255 is silence. Empty with family 0.
    public var mapping: [UInt8]

    private static let magic = Array("OpusHead".utf8)

    /// A header for mono or stereo.
    public init(channels: Int, preSkip: UInt16 = 312, inputSampleRate: UInt32 = 48000) {
        self.channels = channels
        self.preSkip = preSkip
        self.inputSampleRate = inputSampleRate
        outputGain = 0
        mappingFamily = 0
        streams = 1
        coupledStreams = channels > 1 ? 1 : 0
        mapping = []
    }

    /// Reads a header.
    ///
    /// - Throws: ``CodecError`` when it is cut short, not a header, or of an unknown major version.
    public init(_ bytes: ByteBuffer) throws(CodecError) {
        var bytes = bytes
        guard let magic = bytes.readBytes(length: 8),
            let (version, count) = bytes.readMultipleIntegers(as: (UInt8, UInt8).self),
            let preSkip = bytes.readInteger(endianness: .little, as: UInt16.self),
            let rate = bytes.readInteger(endianness: .little, as: UInt32.self),
            let gain = bytes.readInteger(endianness: .little, as: Int16.self),
            let family = bytes.readInteger(as: UInt8.self)
        else { throw CodecError(.truncated, "OpusHead") }
        guard magic == Self.magic else { throw CodecError(.malformed, "not OpusHead") }
        guard version < 16 else { throw CodecError(.unsupported, "OpusHead version \(version)") }
        guard count > 0, family > 0 || count <= 2 else { throw CodecError(.malformed, "\(count) channels") }
        self.init(channels: Int(count), preSkip: preSkip, inputSampleRate: rate)
        outputGain = gain
        mappingFamily = family
        guard family > 0 else { return }
        guard let (streams, coupled) = bytes.readMultipleIntegers(as: (UInt8, UInt8).self),
            let mapping = bytes.readBytes(length: Int(count))
        else { throw CodecError(.truncated, "channel mapping table") }
        guard streams > 0, coupled <= streams, Int(streams) + Int(coupled) <= 255 else {
            throw CodecError(.malformed, "\(streams) streams, \(coupled) coupled")
        }
        self.streams = streams
        coupledStreams = coupled
        self.mapping = mapping
    }

    /// Appends the header to a buffer.
    public func write(to buffer: inout ByteBuffer) {
        buffer.writeBytes(Self.magic)
        buffer.writeMultipleIntegers(UInt8(1), UInt8(truncatingIfNeeded: channels))
        buffer.writeInteger(preSkip, endianness: .little)
        buffer.writeInteger(inputSampleRate, endianness: .little)
        buffer.writeInteger(outputGain, endianness: .little)
        buffer.writeInteger(mappingFamily)
        if mappingFamily > 0 {
            buffer.writeMultipleIntegers(streams, coupledStreams)
            buffer.writeBytes(mapping)
        }
    }
}

/// One Opus packet's first bytes. Specification: RFC 6716, 3.
public enum OpusPacket {
    /// Samples of a channel that come out of a packet, at 48 kHz; nil when the packet is empty or not valid.
    public static func sampleCount(_ packet: ByteBuffer) -> Int? {
        guard let toc = packet.getInteger(at: packet.readerIndex, as: UInt8.self) else { return nil }
        let frames: Int
        switch toc & 3 {
        case 0: frames = 1
        case 1, 2: frames = 2
        default:
            guard let count = packet.getInteger(at: packet.readerIndex + 1, as: UInt8.self) else { return nil }
            frames = Int(count & 0x3F)
        }
        let samples = frames * frameSamples(configuration: Int(toc >> 3))
        // A packet lasts 120 ms at most.
        return frames > 0 && samples <= 5760 ? samples : nil
    }

    /// Table 2.
    private static func frameSamples(configuration: Int) -> Int {
        switch configuration {
        case 0..<12: [480, 960, 1920, 2880][configuration & 3]
        case 12..<16: [480, 960][configuration & 1]
        default: [120, 240, 480, 960][configuration & 3]
        }
    }
}
