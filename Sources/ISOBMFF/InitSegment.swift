import Codecs
import NIOCore

/// What stands in front of fragments: the tracks and what a decoder must know of them, without samples.
/// Specification: ISO/IEC 14496-12, 8.2 and 8.8.1; ISO/IEC 23000-19, 7.3.2.1.
public struct InitSegment: Sendable, Equatable {
    /// What the file conforms to.
    public var fileType: FileType
    /// Ticks a second of ``duration`` and of the durations of edits; not 0.
    public var movieTimescale: UInt32
    /// In ticks of ``movieTimescale``; 0 where unknown, as of a live stream.
    public var duration: UInt64
    /// The tracks.
    public var tracks: [Track]

    /// Makes an init segment; see the properties.
    public init(
        fileType: FileType = .initSegment, movieTimescale: UInt32 = 1000, duration: UInt64 = 0, tracks: [Track]
    ) {
        self.fileType = fileType
        self.movieTimescale = movieTimescale
        self.duration = duration
        self.tracks = tracks
    }

    /// The track of an id.
    public func track(_ id: UInt32) -> Track? {
        tracks.first { $0.id == id }
    }

    /// Writes `ftyp` and `moov`.
    ///
    /// - Throws: ``ISOBMFFError`` when a codec has no place in the format, or a configuration is not its codec's; then
    ///   the buffer is as it was.
    public func write(into buffer: inout ByteBuffer) throws(ISOBMFFError) {
        var descriptions: [ByteBuffer] = []
        for track in tracks {
            var bytes = ByteBuffer()
            try track.description.write(into: &bytes)
            descriptions.append(bytes)
        }
        fileType.write(as: .ftyp, into: &buffer)
        buffer.writeBox(.moov) { buffer in
            writeMovieHeader(into: &buffer)
            for (track, description) in zip(tracks, descriptions) {
                track.write(description: description, into: &buffer)
            }
            buffer.writeBox(.mvex) { buffer in
                for track in tracks { track.writeExtends(into: &buffer) }
            }
        }
    }

    /// MovieHeaderBox, 8.2.2.
    private func writeMovieHeader(into buffer: inout ByteBuffer) {
        buffer.writeFullBox(.mvhd, version: 1) { buffer in
            buffer.writeMultipleIntegers(UInt64(0), UInt64(0), movieTimescale, duration)
            buffer.writeMultipleIntegers(UInt32(0x0001_0000), UInt16(0x0100))  // rate, volume
            buffer.writeZeros(10)
            Track.writeMatrix(into: &buffer)
            buffer.writeZeros(24)
            let lastID = tracks.map(\.id).max() ?? 0
            buffer.writeInteger(lastID == .max ? lastID : lastID + 1)  // next_track_ID
        }
    }
}

extension Track {
    /// TrackBox, 8.3.1.
    ///
    /// - Parameter description: the written `stsd` box.
    fileprivate func write(description stsd: ByteBuffer, into buffer: inout ByteBuffer) {
        buffer.writeBox(.trak) { buffer in
            writeHeader(into: &buffer)
            if !edits.isEmpty { writeEdits(into: &buffer) }
            buffer.writeBox(.mdia) { buffer in
                buffer.writeFullBox(.mdhd, version: 1) { buffer in
                    buffer.writeMultipleIntegers(UInt64(0), UInt64(0), timescale, UInt64(0))
                    buffer.writeMultipleIntegers(Self.packed(language), UInt16(0))
                }
                buffer.writeFullBox(.hdlr) { buffer in
                    buffer.writeMultipleIntegers(UInt32(0), description.handler.rawValue)
                    buffer.writeZeros(13)  // reserved, and a name of no letters
                }
                buffer.writeBox(.minf) { writeMediaInformation(stsd, into: &$0) }
            }
        }
    }

    /// TrackHeaderBox, 8.3.2. The size is that of the presentation, with square pixels.
    private func writeHeader(into buffer: inout ByteBuffer) {
        // Enabled, in the movie.
        buffer.writeFullBox(.tkhd, version: 1, flags: 3) { buffer in
            buffer.writeMultipleIntegers(UInt64(0), UInt64(0), id, UInt32(0), UInt64(0))
            buffer.writeZeros(8)
            var volume: UInt16 = 0
            var (width, height): (UInt32, UInt32) = (0, 0)
            switch description.media {
            case .audio: volume = 0x0100
            case .video(let format): (width, height) = format.presentationSize
            case .other: break
            }
            buffer.writeMultipleIntegers(UInt16(0), UInt16(0), volume, UInt16(0))  // layer, alternate_group
            Self.writeMatrix(into: &buffer)
            buffer.writeMultipleIntegers(width, height)
        }
    }

    /// EditListBox, 8.6.6.
    private func writeEdits(into buffer: inout ByteBuffer) {
        buffer.writeBox(.edts) { buffer in
            buffer.writeFullBox(.elst, version: 1) { buffer in
                buffer.writeInteger(UInt32(truncatingIfNeeded: edits.count))
                for edit in edits {
                    buffer.writeMultipleIntegers(edit.segmentDuration, edit.mediaTime, UInt32(0x0001_0000))
                }
            }
        }
    }

    /// MediaInformationBox, 8.4.4, with a sample table of no samples.
    private func writeMediaInformation(_ stsd: ByteBuffer, into buffer: inout ByteBuffer) {
        switch description.media {
        case .video: buffer.writeFullBox(.vmhd, flags: 1) { $0.writeZeros(8) }
        case .audio: buffer.writeFullBox(.smhd) { $0.writeZeros(4) }
        case .other: buffer.writeFullBox(.nmhd) { _ in }
        }
        buffer.writeBox(.dinf) { buffer in
            buffer.writeFullBox(.dref) { buffer in
                buffer.writeInteger(UInt32(1))
                buffer.writeFullBox(.url, flags: 1) { _ in }  // The media is in this file.
            }
        }
        buffer.writeBox(.stbl) { buffer in
            buffer.writeImmutableBuffer(stsd)
            for type in [BoxType.stts, .stsc, .stco] { buffer.writeFullBox(type) { $0.writeZeros(4) } }
            buffer.writeFullBox(.stsz) { $0.writeZeros(8) }
        }
    }

    /// TrackExtendsBox, 8.8.3.
    fileprivate func writeExtends(into buffer: inout ByteBuffer) {
        buffer.writeFullBox(.trex) { buffer in
            buffer.writeMultipleIntegers(id, UInt32(1), defaults.duration, defaults.size, defaults.flags.rawValue)
        }
    }

    /// The unity matrix, 6.2.2.
    fileprivate static func writeMatrix(into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(UInt32(0x0001_0000), UInt32(0), UInt32(0))
        buffer.writeMultipleIntegers(UInt32(0), UInt32(0x0001_0000), UInt32(0))
        buffer.writeMultipleIntegers(UInt32(0), UInt32(0), UInt32(0x4000_0000))
    }

    /// Three letters of five bits each, 8.4.2.3; "und" for what is no language.
    static func packed(_ language: String) -> UInt16 {
        let letters = Array(language.utf8)
        guard letters.count == 3, letters.allSatisfy({ (0x61...0x7A).contains($0) }) else { return 0x55C4 }
        return letters.reduce(0) { $0 << 5 | UInt16($1 &- 0x60) }
    }
}

extension VideoSampleFormat {
    /// Width and height with square pixels, 16.16.
    fileprivate var presentationSize: (UInt32, UInt32) {
        var across = UInt64(UInt16(clamping: width)) << 16
        if let ratio = sampleAspectRatio, ratio.height > 0 {
            across = across &* UInt64(UInt32(clamping: ratio.width)) / UInt64(UInt32(clamping: ratio.height))
        }
        return (UInt32(clamping: across), UInt32(UInt16(clamping: height)) << 16)
    }
}
