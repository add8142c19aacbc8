import AMF
import FLV
import MediaCore
import NIOCore

/// In front: how the bytes arrive.
func fuzzFLV(_ input: inout FuzzInput) {
    let pattern = input.byte()
    let whole = readFLV(input.rest, 0)
    promise(whole == readFLV(input.rest, pattern), "cuts change nothing")
    var bytes = ByteBuffer()
    FLVWriter.writeHeader(hasAudio: true, hasVideo: true, into: &bytes)
    var tags: [FLVTag] = []
    for case .tag(let tag) in whole.elements {
        tags.append(tag)
        readTagBody(tag.type, tag.body)
        FLVWriter.writeTag(tag.type, timestamp: tag.timestamp, body: tag.body, into: &bytes)
    }
    let again = readFLV(bytes, 0)
    let tagsAgain = again.elements.compactMap { if case .tag(let tag) = $0 { tag } else { nil } }
    promise(again.error == nil && tagsAgain == tags, "tags survive")
}

private struct FLVResult: Equatable {
    var elements: [FLVReader.Element] = []
    var error: FLVError?
}

private func readFLV(_ bytes: ByteBuffer, _ pattern: UInt8) -> FLVResult {
    var reader = FLVReader()
    var result = FLVResult()
    var pending = ByteBuffer()
    for piece in Pieces(bytes, pattern: pattern) {
        pending.writeImmutableBuffer(piece)
        do throws(FLVError) {
            while let element = try reader.read(from: &pending) { result.elements.append(element) }
        } catch {
            result.error = error
            return result
        }
        pending.discardReadBytes()
    }
    return result
}

/// In front: the tag's type.
func fuzzFLVTag(_ input: inout FuzzInput) {
    let type: FLVTagType =
        switch input.byte() % 4 {
        case 0: .video
        case 1: .audio
        case 2: .script
        default: FLVTagType(rawValue: 7)
        }
    readTagBody(type, input.rest)
}

/// Reads a body by every way there is. What was understood can be written, and is then understood the same.
private func readTagBody(_ type: FLVTagType, _ body: ByteBuffer) {
    do throws(FLVError) {
        switch type {
        case .video:
            let tag = try VideoTag(parsing: body)
            promise(tag.packets.count <= FLVLimits().packetsPerTagMax, "packets within their limit")
            var written = ByteBuffer()
            tag.write(into: &written)
            var again = ByteBuffer()
            try VideoTag(parsing: written).write(into: &again)
            promise(again == written, "video tags survive")
        case .audio:
            let tag = try AudioTag(parsing: body)
            promise(tag.packets.count <= FLVLimits().packetsPerTagMax, "packets within their limit")
            var written = ByteBuffer()
            tag.write(into: &written)
            var again = ByteBuffer()
            try AudioTag(parsing: written).write(into: &again)
            promise(again == written, "audio tags survive")
            for packet in tag.packets where packet.kind == .multichannelConfig {
                var layout = ByteBuffer()
                try AudioChannelLayout(parsing: packet.payload).write(into: &layout)
            }
        default:
            if let metadata = StreamMetadata(try ScriptData(parsing: body)) { readMetadata(metadata) }
        }
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
    do throws(FLVError) {
        for frame in try MediaFrame.frames(type: type, time: .zero, body: body) {
            var frame = frame
            frame.tagBody = .none
            promise(frame.flvTagBody != nil, "a frame without a tag body gets one")
        }
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
}
