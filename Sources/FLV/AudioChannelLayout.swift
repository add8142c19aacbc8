import NIOCore

/// Which channel is which loudspeaker: the payload of ``AudioPacketKind/multichannelConfig``.
/// Source: Enhanced RTMP v2, ExAudioTagBody.
public enum AudioChannelLayout: Sendable, Equatable {
    /// Only the number of channels is known.
    case unspecified(channelCount: UInt8)
    /// The channels are those in the mask, from the lowest bit up (AudioChannelMask).
    case native(channelCount: UInt8, mask: UInt32)
    /// Each channel's loudspeaker (AudioChannel), 0xFE for none and 0xFF for an unknown one.
    case custom([UInt8])
    /// An order that is not defined yet.
    case unknown(order: UInt8, channelCount: UInt8)

    /// Reads a payload: audioChannelOrder UI8, channelCount UI8, then what the order asks for.
    ///
    /// - Throws: ``FLVError`` with ``FLVError/Code/truncatedBody``.
    public init(parsing payload: ByteBuffer) throws(FLVError) {
        var payload = payload
        guard let (order, count) = payload.readMultipleIntegers(as: (UInt8, UInt8).self) else {
            throw EnhancedHeader.truncated("channel order and count")
        }
        switch order {
        case 0: self = .unspecified(channelCount: count)
        case 1:
            guard let mask: UInt32 = payload.readInteger() else { throw EnhancedHeader.truncated("channel mask") }
            self = .native(channelCount: count, mask: mask)
        case 2:
            guard let channels = payload.readBytes(length: Int(count)) else {
                throw EnhancedHeader.truncated("\(count) channels")
            }
            self = .custom(channels)
        default: self = .unknown(order: order, channelCount: count)
        }
    }

    /// Writes the payload; of more than 255 custom channels, the first 255.
    public func write(into buffer: inout ByteBuffer) {
        switch self {
        case .unspecified(let count): buffer.writeMultipleIntegers(UInt8(0), count)
        case .native(let count, let mask): buffer.writeMultipleIntegers(UInt8(1), count, mask)
        case .custom(let channels):
            let channels = channels.prefix(255)
            buffer.writeMultipleIntegers(UInt8(2), UInt8(truncatingIfNeeded: channels.count))
            buffer.writeBytes(channels)
        case .unknown(let order, let count): buffer.writeMultipleIntegers(order, count)
        }
    }
}
