import AMF
import Codecs
import FLV
import NIOCore
import StreamSources

/// Writes FLV: the tags as they came. Duration and size are filled in at the end.
struct FLVRecording: RecordingWriter {
    private var durationOffset: Int?
    private var sizeOffset: Int?
    private var hasVideo: Bool
    private var hasAudio: Bool
    private var last: Int64 = 0
    /// What the last picture lasted: the file ends behind it.
    private var interval: Int64 = 0

    /// Where the header says whether there are sound and pictures. Source: Adobe FLV 10.1, E.2.
    private static let flagsOffset = 4

    init(_ tracks: RecordingTracks, into bytes: inout ByteBuffer) {
        hasVideo = tracks.video != nil
        hasAudio = tracks.audio != nil
        let start = bytes.writerIndex
        FLVWriter.writeHeader(hasAudio: hasAudio, hasVideo: hasVideo, into: &bytes)
        var metadata = tracks.metadata ?? StreamMetadata()
        metadata.durationSeconds = 0
        metadata.object["filesize"] = .number(0)
        if let video = tracks.video?.video, metadata.width == nil, video.width > 0 {
            metadata.width = video.width
            metadata.height = video.height
        }
        var body = ByteBuffer()
        metadata.scriptData.write(into: &body)
        let bodyStart = bytes.writerIndex - start + FLVWriter.tagHeaderBytes
        durationOffset = Self.valueOffset(of: "duration", in: body).map { bodyStart + $0 }
        sizeOffset = Self.valueOffset(of: "filesize", in: body).map { bodyStart + $0 }
        FLVWriter.writeTag(.script, timestamp: 0, body: body, into: &bytes)
        for tag in [tracks.video?.tag, tracks.audio?.tag].compactMap({ $0 }) {
            FLVWriter.writeTag(tag.type, timestamp: 0, body: tag.body, into: &bytes)
        }
    }

    /// Where the eight bytes of a number stand behind its name. Source: AMF 0, 2.2 and 2.5.
    private static func valueOffset(of name: String, in body: ByteBuffer) -> Int? {
        let mark = [0, UInt8(name.utf8.count)] + Array(name.utf8) + [0]
        let view = body.readableBytesView
        let start = view.indices.first { view[$0...].starts(with: mark) }
        return start.map { $0 - view.startIndex + mark.count }
    }

    mutating func write(_ tag: LiveTag, at milliseconds: Int64, into bytes: inout ByteBuffer) {
        if tag.isPicture || tag.isSound {
            if milliseconds > last { interval = milliseconds - last }
            last = max(last, milliseconds)
        }
        FLVWriter.writeTag(
            tag.tag.type, timestamp: UInt32(truncatingIfNeeded: milliseconds), body: tag.tag.body, into: &bytes)
    }

    mutating func change(to tracks: RecordingTracks, at milliseconds: Int64, into bytes: inout ByteBuffer) -> Bool {
        hasVideo = hasVideo || tracks.video != nil
        hasAudio = hasAudio || tracks.audio != nil
        for tag in [tracks.video?.tag, tracks.audio?.tag].compactMap({ $0 }) {
            FLVWriter.writeTag(
                tag.type, timestamp: UInt32(truncatingIfNeeded: milliseconds), body: tag.body, into: &bytes)
        }
        return true
    }

    mutating func finish(into bytes: inout ByteBuffer) {}

    func patches(fileBytes: Int) -> [(offset: Int, bytes: ByteBuffer)] {
        var patches = [(Self.flagsOffset, ByteBuffer(bytes: [(hasAudio ? 0x04 : 0) | (hasVideo ? 0x01 : 0)]))]
        let seconds = Double(last + interval) / 1000
        if let durationOffset { patches.append((durationOffset, ByteBuffer(integer: seconds.bitPattern))) }
        if let sizeOffset { patches.append((sizeOffset, ByteBuffer(integer: Double(fileBytes).bitPattern))) }
        return patches
    }
}
