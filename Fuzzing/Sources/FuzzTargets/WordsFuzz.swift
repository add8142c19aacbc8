import Codecs
import NIOCore
import RTMP

/// In front: the message's type, and how much longer the payload was. Whatever is described has few and printable words.
func fuzzWords(_ input: inout FuzzInput) {
    let typeID = MessageTypeID(rawValue: input.byte())
    let missing = Int(input.byte())
    let message = RTMPMessage(
        typeID: typeID, streamID: MessageStreamID(rawValue: 1), timestamp: 0, payload: input.rest)
    let words = WireWords.words(for: message, payloadBytes: message.payload.readableBytes + missing)
    promise(words.utf8.count <= WireWords.bytesMax, "\(words.utf8.count) bytes of words")
    promise(words.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }, "no controls in words")
    for codec in [FourCC.avc1, .hvc1, .av01, .vp09, .vp08] {
        let summary = AccessUnitSummary(codec: codec, lengthSize: 1 << (missing % 3), accessUnit: input.rest)
        promise(summary.runs.count <= AccessUnitSummary.runsMax, "few runs")
        promise(summary.words.utf8.count < 1024, "few words for a picture")
    }
}
