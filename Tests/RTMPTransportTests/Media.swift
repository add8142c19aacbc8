import AMF
import NIOCore
import RTMP

/// A media message that a test can tell from all others: it carries a number.
struct Media: Equatable, CustomStringConvertible {
    let typeID: MessageTypeID
    let timestamp: UInt32
    let payload: ByteBuffer

    init(_ typeID: MessageTypeID, _ timestamp: UInt32, _ payload: ByteBuffer) {
        self.typeID = typeID
        self.timestamp = timestamp
        self.payload = payload
    }

    /// Nil for a message that is no media, and for the |RtmpSampleAccess that precedes it.
    init?(_ message: RTMPMessage) {
        guard [.audio, .video, .dataAMF0].contains(message.typeID) else { return nil }
        guard message.typeID != .dataAMF0 || String(buffer: message.payload).contains("onMetaData") else { return nil }
        self.init(message.typeID, message.timestamp, message.payload)
    }

    /// The number of a coded frame; nil for a header.
    var sequence: UInt32? {
        let start = payload.readerIndex
        switch typeID {
        case .video where payload.getInteger(at: start + 1, as: UInt8.self) == 1:
            return payload.getInteger(at: start + 5)
        case .audio where payload.getInteger(at: start + 1, as: UInt8.self) == 1:
            return payload.getInteger(at: start + 2)
        default: return nil
        }
    }

    /// The times of audio and video, their headers among them; metadata has none.
    static func times(_ media: [Media]) -> [UInt32] {
        media.filter { $0.typeID != .dataAMF0 }.map(\.timestamp)
    }

    var isKeyframe: Bool { typeID == .video && payload.getInteger(at: payload.readerIndex, as: UInt8.self) == 0x17 }
    var description: String { "\(typeID.rawValue)@\(timestamp)#\(sequence.map(String.init) ?? "-")" }

    /// A frame of AVC; its body is the number and filler. Source: Adobe FLV 10.1, E.4.3.1.
    static func video(_ sequence: UInt32, at timestamp: UInt32, key: Bool, count: Int = 400) -> Media {
        var payload = ByteBuffer(bytes: [key ? 0x17 : 0x27, 1, 0, 0, 0])
        payload.writeInteger(sequence)
        payload.writeRepeatingByte(UInt8(truncatingIfNeeded: sequence), count: count)
        return Media(.video, timestamp, payload)
    }

    /// A frame of AAC. Source: Adobe FLV 10.1, E.4.2.1.
    static func audio(_ sequence: UInt32, at timestamp: UInt32) -> Media {
        var payload = ByteBuffer(bytes: [0xAF, 1])
        payload.writeInteger(sequence)
        payload.writeRepeatingByte(0x55, count: 90)
        return Media(.audio, timestamp, payload)
    }

    /// Metadata, which has no time, and both codecs' configurations. `variant` makes those of another encoder.
    static func headers(variant: UInt8 = 0, at timestamp: UInt32 = 0) -> [Media] {
        var metadata = ByteBuffer()
        AMF0Value.string("onMetaData").write(into: &metadata)
        AMF0Value.object(["width": .number(640 + Double(variant)), "height": .number(360)]).write(into: &metadata)
        let avc: [UInt8] = [
            0x17, 0, 0, 0, 0, 1, 0x42, 0xC0, 0x1E, 0xFF, 0xE1, 0, 4, 0x67, 0x42, 0xC0, variant, 1, 0, 1,
        ]
        return [
            Media(.dataAMF0, 0, metadata), Media(.video, timestamp, ByteBuffer(bytes: avc)),
            Media(.audio, timestamp, ByteBuffer(bytes: [0xAF, 0, 0x12, 0x10])),
        ]
    }

    /// 40 ms of video and then audio for each number from `first`; numbers count messages. Every 20th is a keyframe.
    static func frames(_ numbers: Range<UInt32>, count: Int = 400, startTime: UInt32 = 0) -> [Media] {
        numbers.map { number in
            let time = startTime + (number - numbers.lowerBound) * 20
            return number % 2 == 0
                ? .video(number, at: time, key: number % 20 == 0, count: count) : .audio(number, at: time)
        }
    }
}
