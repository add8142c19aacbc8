import Codecs
import FLV
import ISOBMFF
import LoadGeneration
import MPEGTS
import MediaTesting
import NIOCore
import RTMP
import Testing

/// Two pictures with clocks and one frame of sound, as tags.
private func madeTags() -> [FLVTag] {
    var stream = PublishedStream(framesPerSecond: 50, keyframeSeconds: 0.02, bitsPerSecond: 50_000)
    var tags: [FLVTag] = []
    var number: UInt32 = 0
    while number < 2 || tags.last?.type != .audio {
        var tag = stream.next()
        if let body = PublishedStream.stamped(tag, FrameStamp(nanoseconds: 0x1234_5678_9ABC_DEF0, number: number)) {
            // The rest of a picture is passed over: a little of it will do.
            tag.body = body.getSlice(at: body.readerIndex, length: 200) ?? body
            number += 1
        }
        tags.append(tag)
    }
    return tags
}

private func stamp(_ number: UInt32) -> FrameStamp {
    FrameStamp(nanoseconds: 0x1234_5678_9ABC_DEF0, number: number)
}

private let frames = [
    ScannedFrame(kind: .video, isKey: true, milliseconds: 0, stamp: stamp(0)),
    ScannedFrame(kind: .audio, milliseconds: 0),
    ScannedFrame(kind: .video, isKey: true, milliseconds: 20, stamp: stamp(1)),
    ScannedFrame(kind: .audio, milliseconds: 23),
]

private func verify(
    _ bytes: ByteBuffer, _ expected: [ScannedFrame], _ makeScanner: @escaping () -> any StreamScanner
) throws {
    let verifier = ParserVerifier<ScannedFrame> {
        let scanner = makeScanner()
        return { buffer in
            var output = ScanOutput()
            try scanner.scan(&buffer, into: &output)
            return output.frames
        }
    }
    try verifier.verify(Array(bytes.readableBytesView), expecting: expected, flips: [0xFF])
}

@Suite("Scanners note the frames of a stream")
struct ScannerTests {
    @Test func ofFLV() throws {
        var bytes = ByteBuffer()
        FLVWriter.writeHeader(hasAudio: true, hasVideo: true, into: &bytes)
        for tag in madeTags() {
            FLVWriter.writeTag(tag.type, timestamp: tag.timestamp, body: tag.body, into: &bytes)
        }
        try verify(bytes, frames) { FLVScanner() }
    }

    @Test("of RTMP", arguments: [128, 300, 60_000])
    func ofRTMP(chunkSize: Int) throws {
        var writer = ChunkWriter()
        var bytes = ByteBuffer()
        _ = writer.setChunkSize(chunkSize, into: &bytes)
        for tag in madeTags() {
            let message = RTMPMessage(
                typeID: MessageTypeID(rawValue: tag.type.rawValue), streamID: MessageStreamID(rawValue: 1),
                timestamp: tag.timestamp, payload: tag.body)
            _ = writer.write(message, on: tag.type == .video ? .video : .audio, into: &bytes)
        }
        // A stamp is looked for in a message's first chunk.
        try verify(bytes, frames) { ChunkScanner() }
    }

    @Test func ofFragmentedMP4() throws {
        let tags = madeTags()
        var bytes = try initialization(tags)
        let pictures = tags.filter { $0.type == .video }.dropFirst().map { tag in
            Sample(
                duration: 1800, payload: tag.body.getSlice(at: tag.body.readerIndex + 5, length: 195) ?? ByteBuffer())
        }
        let sound = Sample(duration: 1024, payload: ByteBuffer(bytes: [1, 2, 3]))
        Fragment(
            sequenceNumber: 1,
            tracks: [
                TrackFragment(trackID: 1, baseDecodeTime: 0, samples: Array(pictures)),
                TrackFragment(trackID: 2, baseDecodeTime: 0, samples: [sound]),
            ]
        ).write(into: &bytes)
        try verify(bytes, [frames[0], frames[2], frames[1]]) { FragmentScanner() }
    }

    /// An init segment of both tracks.
    private func initialization(_ tags: [FLVTag]) throws -> ByteBuffer {
        let avc = try #require(
            tags[1].body.getSlice(at: tags[1].body.readerIndex + 5, length: tags[1].body.readableBytes - 5))
        let video = try #require(VideoFormat(codec: .avc1, configuration: avc))
        #expect(video.width == 1280)
        #expect(video.height == 720)
        let asc = ByteBuffer(bytes: [0x12, 0x10])
        let audio = try #require(AudioFormat(codec: .mp4a, configuration: asc))
        let videoTrack = Track(id: 1, video: video, configuration: avc)
        let audioTrack = Track(id: 2, audio: audio, configuration: asc)
        var bytes = ByteBuffer()
        try InitSegment(tracks: [videoTrack, audioTrack]).write(into: &bytes)
        return bytes
    }

    @Test func ofMPEGTS() throws {
        let tags = madeTags()
        let avc = try #require(
            tags[1].body.getSlice(at: tags[1].body.readerIndex + 5, length: tags[1].body.readableBytes - 5))
        var writer = try TSWriter(tracks: [TSTrack(.video(.avc1), configuration: avc)])
        var bytes = ByteBuffer()
        writer.beginSegment(into: &bytes)
        for tag in tags where tag.type == .video && tag.body.readableBytes == 200 {
            var payload = tag.body
            payload.moveReaderIndex(forwardBy: 5)
            // The clock alone, and a picture that is as short as its length says.
            var unit = ByteBuffer()
            unit.writeImmutableBuffer(payload.getSlice(at: payload.readerIndex, length: 48) ?? ByteBuffer())
            unit.writeInteger(UInt32(100))
            unit.writeInteger(UInt8(0x65))
            unit.writeRepeatingByte(0x88, count: 99)
            let time = TSTime(milliseconds: Int64(tag.timestamp))
            try writer.write(TSAccessUnit(decodeTime: time, payload: unit), track: 0, into: &bytes)
        }
        let verifier = ParserVerifier<FrameStamp?> {
            let scanner = TransportStreamScanner()
            return { buffer in
                var output = ScanOutput()
                try scanner.scan(&buffer, into: &output)
                return output.frames.map(\.stamp)
            }
        }
        try verifier.verify(Array(bytes.readableBytesView), expecting: [stamp(0), stamp(1)], flips: [0xFF])
    }
}
