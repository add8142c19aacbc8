import BitStream
import NIOCore

/// The header in front of each AAC frame in MPEG-TS and .aac files.
/// Specification: ISO/IEC 14496-3, 1.A.2.2 (adts_fixed_header, adts_variable_header).
public struct ADTSHeader: Sendable, Hashable {
    /// ID: MPEG-2 AAC, and not MPEG-4.
    public var isMPEG2: Bool
    /// The object type, 1 to 4.
    public var objectType: AudioObjectType
    /// Samples a second.
    public var sampleRate: Int
    /// channel_configuration, 0 to 7; 0 where a program_config_element in the frame tells.
    public var channelConfiguration: UInt8
    /// Bytes of the frame behind the header, and behind the checksum.
    public var payloadLength: Int
    /// Whether a checksum of two bytes follows the header; ``write(to:)`` writes none.
    public var hasChecksum: Bool
    /// Raw data blocks in the frame, 1 to 4.
    public var rawDataBlocks: Int

    /// Bytes of a header without its checksum.
    public static let length = 7
    /// Bytes of a frame at most, header included: what 13 bits can say.
    public static let frameLengthMax = 8191

    /// The header for one access unit; nil for object types, sample rates and lengths that ADTS cannot say.
    public init?(_ configuration: AudioSpecificConfig, payloadLength: Int) {
        guard (1...4).contains(configuration.objectType.rawValue), configuration.channelConfiguration <= 7,
            AACSampleRates.table.contains(configuration.sampleRate),
            (0...(Self.frameLengthMax - Self.length)).contains(payloadLength)
        else { return nil }
        isMPEG2 = false
        objectType = configuration.objectType
        sampleRate = configuration.sampleRate
        channelConfiguration = configuration.channelConfiguration
        self.payloadLength = payloadLength
        hasChecksum = false
        rawDataBlocks = 1
    }

    /// Reads a header, with its checksum where it has one.
    ///
    /// - Parameter buffer: begins with a header; is left alone when the header is not complete.
    /// - Returns: nil when more bytes are needed.
    /// - Throws: ``CodecError/Code/malformed`` where there is no header.
    public static func read(_ buffer: inout ByteBuffer) throws(CodecError) -> ADTSHeader? {
        guard let bytes = buffer.getBytes(at: buffer.readerIndex, length: length) else { return nil }
        var reader = SyntaxReader(bytes)
        let header = try ADTSHeader(&reader)
        let wholeLength = length + (header.hasChecksum ? 2 : 0)
        guard buffer.readableBytes >= wholeLength else { return nil }
        buffer.moveReaderIndex(forwardBy: wholeLength)
        return header
    }

    /// Reads a header and the frame behind it.
    ///
    /// - Parameter buffer: begins with a header; is left alone when the frame is not complete.
    /// - Returns: nil when more bytes are needed.
    /// - Throws: ``CodecError/Code/malformed`` where there is no header.
    public static func readFrame(
        _ buffer: inout ByteBuffer
    ) throws(CodecError) -> (header: ADTSHeader, payload: ByteBuffer)? {
        var rest = buffer
        guard let header = try read(&rest), let payload = rest.readSlice(length: header.payloadLength) else {
            return nil
        }
        buffer = rest
        return (header, payload)
    }

    private init(_ reader: inout SyntaxReader) throws(CodecError) {
        guard try reader.u(12) == 0xFFF else { throw CodecError(.malformed, "no ADTS syncword") }
        isMPEG2 = try reader.flag()
        guard try reader.u(2) == 0 else { throw CodecError(.malformed, "layer") }
        hasChecksum = try !reader.flag()
        objectType = AudioObjectType(rawValue: UInt8(truncatingIfNeeded: try reader.u(2) + 1))
        let index = try reader.u(4)
        guard index < AACSampleRates.table.count else { throw CodecError(.malformed, "sampling_frequency_index") }
        sampleRate = AACSampleRates.table[index]
        try reader.skip(1)  // private_bit
        channelConfiguration = UInt8(truncatingIfNeeded: try reader.u(3))
        try reader.skip(4)  // original_copy, home, copyright_identification_bit and _start
        payloadLength = try reader.u(13) - Self.length - (hasChecksum ? 2 : 0)
        guard payloadLength >= 0 else { throw CodecError(.malformed, "aac_frame_length") }
        try reader.skip(11)  // adts_buffer_fullness
        rawDataBlocks = try reader.u(2) + 1
    }

    /// Appends the header, without a checksum, to a buffer.
    public func write(to buffer: inout ByteBuffer) {
        var writer = BitWriter()
        writer.u(12, 0xFFF)
        writer.flag(isMPEG2)
        writer.u(2, 0)
        writer.flag(true)  // protection_absent
        writer.u(2, UInt64(objectType.rawValue &- 1))
        writer.u(4, UInt64(AACSampleRates.table.firstIndex(of: sampleRate) ?? 15))
        writer.u(1, 0)
        writer.u(3, UInt64(channelConfiguration))
        writer.u(4, 0)
        writer.u(13, UInt64(truncatingIfNeeded: payloadLength &+ Self.length))
        writer.u(11, 0x7FF)  // the buffer's fullness is not told
        writer.u(2, UInt64(truncatingIfNeeded: rawDataBlocks &- 1))
        buffer.writeBytes(writer.bytes)
    }

    /// The decoder configuration that the header stands for.
    public var configuration: AudioSpecificConfig {
        AudioSpecificConfig(objectType: objectType, sampleRate: sampleRate, channelConfiguration: channelConfiguration)
    }
}
