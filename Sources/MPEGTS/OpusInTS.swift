import Codecs
import NIOCore

/// How Opus travels in a transport stream. Source: OpusTS of the Xiph wiki, 0.1.3 draft.
enum OpusInTS {
    /// What stands in front of each packet.
    struct ControlHeader: Sendable, Hashable {
        /// Bytes of the packet.
        var packetBytes: Int
        /// Samples to throw away at the beginning, at 48 kHz.
        var startTrim: UInt16 = 0

        /// control_header_prefix, 11 bits, and five flags that are all 0.
        static let prefix: UInt16 = 0x7FE0

        /// - Returns: nil where there is no header, or it is cut short.
        static func read(_ bytes: inout ByteBuffer) -> ControlHeader? {
            guard let field = bytes.readInteger(as: UInt16.self), field & 0xFFE0 == prefix else { return nil }
            var header = ControlHeader(packetBytes: 0)
            var byte: UInt8
            repeat {
                guard let next = bytes.readInteger(as: UInt8.self) else { return nil }
                header.packetBytes += Int(next)
                byte = next
            } while byte == 255
            if field & 0x10 != 0 {
                guard let trim = bytes.readInteger(as: UInt16.self) else { return nil }
                header.startTrim = trim & 0x1FFF
            }
            if field & 0x08 != 0 {
                guard bytes.readInteger(as: UInt16.self) != nil else { return nil }
            }
            if field & 0x04 != 0 {
                guard let length = bytes.readInteger(as: UInt8.self), bytes.readSlice(length: Int(length)) != nil
                else { return nil }
            }
            return header
        }

        /// Bytes of a header without trims.
        static func byteCount(packetBytes: Int) -> Int {
            3 + packetBytes / 255
        }
    }

    /// Streams, coupled streams and mapping of the layouts of 1 to 8 channels. Specification: RFC 7845, 5.1.1.2.
    private static let layouts: [(streams: UInt8, coupled: UInt8, mapping: [UInt8])] = [
        (1, 0, [0]), (1, 1, [0, 1]), (2, 1, [0, 2, 1]), (2, 2, [0, 1, 2, 3]), (3, 2, [0, 4, 1, 2, 3]),
        (4, 2, [0, 4, 1, 2, 3, 5]), (4, 3, [0, 4, 1, 2, 3, 5, 6]), (5, 3, [0, 6, 1, 2, 3, 4, 5, 7]),
    ]

    /// channel_config_code: the channel count of a common layout, 0 for two independent channels.
    ///
    /// - Returns: nil for layouts that only the extended form can say.
    static func channelConfiguration(_ head: OpusHead) -> UInt8? {
        switch head.mappingFamily {
        case 0: return (1...2).contains(head.channels) ? UInt8(head.channels) : nil
        case 1:
            guard (1...8).contains(head.channels) else { return nil }
            let layout = layouts[head.channels - 1]
            let isCommon =
                layout.streams == head.streams && layout.coupled == head.coupledStreams
                && layout.mapping == head.mapping
            return isCommon ? UInt8(head.channels) : nil
        case 255:
            let isDual = head.channels == 2 && head.streams == 2 && head.coupledStreams == 0 && head.mapping == [0, 1]
            return isDual ? 0 : nil
        default: return nil
        }
    }

    /// The opposite of ``channelConfiguration(_:)``.
    ///
    /// - Returns: nil for codes of the extended form.
    static func head(channelConfiguration code: UInt8, preSkip: UInt16) -> OpusHead? {
        guard code <= 8 else { return nil }
        if code == 0 {
            var head = OpusHead(channels: 2, preSkip: preSkip)
            (head.mappingFamily, head.streams, head.coupledStreams, head.mapping) = (255, 2, 0, [0, 1])
            return head
        }
        var head = OpusHead(channels: Int(code), preSkip: preSkip)
        guard code > 2 else { return head }
        let layout = layouts[Int(code) - 1]
        head.mappingFamily = 1
        (head.streams, head.coupledStreams, head.mapping) = (layout.streams, layout.coupled, layout.mapping)
        return head
    }
}
