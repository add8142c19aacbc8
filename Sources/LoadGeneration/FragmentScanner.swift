import NIOCore

/// Notes the frames of fragmented MP4, live or in segments. Specification: ISO/IEC 14496-12, 8.8.
///
/// Of each fragment it reads the head, and then of each picture the beginning; the rest goes by.
package final class FragmentScanner: StreamScanner {
    /// The longest `moov` or `moof`, which are gathered: a segment of a minute has 60 KB.
    package static let headBytesMax = 1 << 20

    private let stampBytes = FrameStamp.searchBytes
    /// Bytes to pass over.
    private var skip = 0
    /// Where the reader is, from the beginning of the last `moof` on.
    private var position = 0
    /// The end of the `mdat` that the reader is in, from there on; nil outside.
    private var mediaEnd: Int?
    private var tracks: [FragmentTrack] = []
    /// The samples of the last `moof` that have not come, in the order of the bytes.
    private var samples: [FragmentSample] = []
    private var nextSample = 0
    private var pending: ScannedFrame?

    /// A scanner in front of an initialization segment.
    package init() {}

    package func beginResource() {
        skip = 0
        mediaEnd = nil
        pending = nil
        samples.removeAll(keepingCapacity: true)
        nextSample = 0
    }

    package func scan(_ buffer: inout ByteBuffer, into output: inout ScanOutput) throws(ScanError) {
        while true {
            if skip > 0 {
                let count = min(skip, buffer.readableBytes)
                buffer.moveReaderIndex(forwardBy: count)
                skip -= count
                position += count
                guard skip == 0 else { return }
            }
            if let frame = pending {
                output.frames.append(frame)
                pending = nil
            }
            if let end = mediaEnd {
                guard readMedia(&buffer, until: end, &output) else { return }
            } else {
                guard try readBox(&buffer) else { return }
            }
        }
    }

    /// Goes to the next sample, or to the end of the box; false until more bytes are there.
    private func readMedia(_ buffer: inout ByteBuffer, until end: Int, _ output: inout ScanOutput) -> Bool {
        while nextSample < samples.count, samples[nextSample].offset < position { nextSample += 1 }
        guard nextSample < samples.count, samples[nextSample].offset < end else {
            skip = end - position
            mediaEnd = nil
            return true
        }
        let sample = samples[nextSample]
        guard sample.offset == position else {
            skip = sample.offset - position
            return true
        }
        let needed = sample.frame.kind == .video ? min(sample.size, stampBytes) : 0
        guard buffer.readableBytes >= needed else { return false }
        var frame = sample.frame
        if needed > 0 { frame.stamp = FrameStamp.find(in: buffer, at: buffer.readerIndex, count: needed) }
        pending = frame
        skip = min(sample.size, end - position)
        nextSample += 1
        return true
    }

    /// Reads a box's header, and all of the boxes that tell of samples; false, with nothing consumed, until enough is
    /// there. Specification: ISO/IEC 14496-12, 4.2.
    private func readBox(_ buffer: inout ByteBuffer) throws(ScanError) -> Bool {
        let start = buffer.readerIndex
        guard let box = try BoxHead(buffer, at: start, end: buffer.writerIndex) else { return false }
        switch box.type {
        case BoxHead.moov, BoxHead.moof:
            guard box.size <= Self.headBytesMax else {
                throw ScanError("a box of \(box.size) bytes in front of the media")
            }
            guard buffer.readableBytes >= box.size else { return false }
            if box.type == BoxHead.moov {
                tracks = FragmentTrack.all(in: buffer, at: start + box.headBytes, end: start + box.size)
            } else {
                readFragment(buffer, box, at: start)
            }
            skip = box.size
        case BoxHead.mdat:
            buffer.moveReaderIndex(forwardBy: box.headBytes)
            position += box.headBytes
            mediaEnd = position + box.size - box.headBytes
        default: skip = box.size
        }
        return true
    }

    private func readFragment(_ buffer: ByteBuffer, _ box: BoxHead, at start: Int) {
        position = 0
        samples.removeAll(keepingCapacity: true)
        nextSample = 0
        FragmentSample.append(in: buffer, at: start + box.headBytes, end: start + box.size, tracks, to: &samples)
        if samples.count > 1 { samples.sort { $0.offset < $1.offset } }
    }
}
