import AMF
import FLV
import NIOCore

/// What a publisher sends, tag after tag, without an end.
package struct PublishedStream: Sendable {
    private enum Source: Sendable {
        case synthetic(SyntheticStream)
        case file(LoopedTags)
    }

    private var source: Source

    /// A made stream of H.264 1280×720 and silent AAC.
    ///
    /// - Parameters:
    ///   - framesPerSecond: 1 to 240.
    ///   - keyframeSeconds: between keyframes.
    ///   - bitsPerSecond: of the pictures, about.
    package init(framesPerSecond: Int, keyframeSeconds: Double, bitsPerSecond: Int) {
        source = .synthetic(
            SyntheticStream(
                framesPerSecond: framesPerSecond, keyframeSeconds: keyframeSeconds, bitsPerSecond: bitsPerSecond))
    }

    /// An FLV file, again and again, with continuous timestamps.
    ///
    /// - Parameter bytes: the file. - Throws: ``ScanError`` when it is no FLV, or holds no frames.
    package init(flv bytes: ByteBuffer) throws(ScanError) {
        source = .file(try LoopedTags(bytes))
    }

    /// The next tag. Timestamps count from 0, in order.
    package mutating func next() -> FLVTag {
        switch source {
        case .synthetic(var stream):
            defer { source = .synthetic(stream) }
            return stream.next()
        case .file(var tags):
            defer { source = .file(tags) }
            return tags.next()
        }
    }

    /// Puts the clock in front of a picture of H.264; nil for other tags.
    package static func stamped(_ tag: FLVTag, _ stamp: FrameStamp) -> ByteBuffer? {
        let start = tag.body.readerIndex
        guard tag.type == .video, let head = tag.body.getInteger(at: start, as: UInt16.self), head & 0x8FFF == 0x0701,
            let rest = tag.body.getSlice(at: start + 5, length: tag.body.readableBytes - 5)
        else { return nil }
        var body = ByteBuffer()
        body.reserveCapacity(tag.body.readableBytes + 64)
        body.writeImmutableBuffer(tag.body.getSlice(at: start, length: 5) ?? ByteBuffer())
        stamp.write(into: &body)
        body.writeImmutableBuffer(rest)
        return body
    }
}

/// Made pictures and silence, in the order of time.
private struct SyntheticStream: Sendable {
    private let pictures: SyntheticPictures
    private let framesPerSecond: Int
    private let framesPerKeyframe: Int
    private var preamble: [FLVTag]
    private var picture = 0
    private var sound = 0

    private static let sampleRate = 44_100
    private static let frameSamples = 1024
    /// A keyframe is as long as so many others.
    private static let keyWeight = 6
    /// A frame of stereo silence in AAC LC: two channels without coefficients.
    private static let silence: [UInt8] = [0xAF, 1, 0x21, 0x10, 0x04, 0x60, 0x8C, 0x1C]
    /// AAC LC, 44.1 kHz, two channels. Specification: ISO/IEC 14496-3, 1.6.2.1.
    private static let audioConfiguration: [UInt8] = [0xAF, 0, 0x12, 0x10]

    init(framesPerSecond: Int, keyframeSeconds: Double, bitsPerSecond: Int) {
        self.framesPerSecond = max(1, framesPerSecond)
        framesPerKeyframe = max(1, Int((keyframeSeconds * Double(framesPerSecond)).rounded()))
        let bytes = bitsPerSecond / 8 * framesPerKeyframe / self.framesPerSecond
        let delta = bytes / (framesPerKeyframe - 1 + Self.keyWeight)
        pictures = SyntheticPictures(keyBytes: delta * Self.keyWeight, deltaBytes: delta)
        preamble = [
            FLVTag(type: .script, timestamp: 0, body: Self.metadata(framesPerSecond, bitsPerSecond)),
            FLVTag(type: .video, timestamp: 0, body: SyntheticPictures.configuration),
            FLVTag(type: .audio, timestamp: 0, body: ByteBuffer(bytes: Self.audioConfiguration)),
        ]
    }

    private static func metadata(_ framesPerSecond: Int, _ bitsPerSecond: Int) -> ByteBuffer {
        var body = ByteBuffer()
        AMF0Value.string("onMetaData").write(into: &body)
        AMF0Value.ecmaArray([
            "width": .number(1280), "height": .number(720), "framerate": .number(Double(framesPerSecond)),
            "videocodecid": .number(7), "videodatarate": .number(Double(bitsPerSecond) / 1000),
            "audiocodecid": .number(10), "audiosamplerate": .number(Double(sampleRate)), "stereo": .boolean(true),
            "encoder": .string("sluice bench"),
        ]).write(into: &body)
        return body
    }

    mutating func next() -> FLVTag {
        if !preamble.isEmpty { return preamble.removeFirst() }
        let pictureTime = picture * 1000 / framesPerSecond
        let soundTime = sound * Self.frameSamples * 1000 / Self.sampleRate
        if pictureTime <= soundTime {
            defer { picture += 1 }
            return FLVTag(
                type: .video, timestamp: UInt32(truncatingIfNeeded: pictureTime),
                body: pictures.body(picture % framesPerKeyframe))
        }
        sound += 1
        return FLVTag(
            type: .audio, timestamp: UInt32(truncatingIfNeeded: soundTime), body: ByteBuffer(bytes: Self.silence))
    }
}

/// A file's tags in memory.
private struct LoopedTags: Sendable {
    /// What a round after the first leaves out: the metadata and the configurations, which have not changed.
    private let preamble: Int
    private let tags: [FLVTag]
    private var index = 0
    private var base: UInt32 = 0
    private var last: UInt32 = 0
    /// From a round's last tag to the next one's first.
    private static let seamMilliseconds: UInt32 = 33

    init(_ bytes: ByteBuffer) throws(ScanError) {
        var reader = FLVReader()
        var rest = bytes
        var tags: [FLVTag] = []
        do throws(FLVError) {
            while let element = try reader.read(from: &rest) {
                if case .tag(let tag) = element { tags.append(tag) }
            }
        } catch {
            throw ScanError("the file is no FLV that can be published: \(error)")
        }
        func isFrame(_ tag: FLVTag) -> Bool {
            TagHead.frame(
                type: tag.type.rawValue, milliseconds: 0, in: tag.body, at: tag.body.readerIndex,
                count: tag.body.readableBytes) != nil
        }
        guard let first = tags.firstIndex(where: isFrame) else { throw ScanError("the FLV file holds no frames") }
        preamble = first
        self.tags = tags[..<first] + tags[first...].filter(isFrame)
    }

    mutating func next() -> FLVTag {
        if index == tags.count {
            index = preamble
            base = last &+ Self.seamMilliseconds
        }
        var tag = tags[index]
        index += 1
        tag.timestamp &+= base
        last = tag.timestamp
        return tag
    }
}
