import NIOCore
import StreamSources

/// Makes the bytes of one file of a recording.
protocol RecordingWriter: Sendable {
    /// Takes a frame of one of the tracks that the file was begun with.
    ///
    /// - Parameters:
    ///   - tag: a coded picture or frame of sound, or data.
    ///   - milliseconds: when it is decoded, from the file's beginning; not negative.
    ///   - bytes: what is to be appended to the file: whole tags, fragments or packets only.
    mutating func write(_ tag: LiveTag, at milliseconds: Int64, into bytes: inout ByteBuffer) throws(PullError)
    /// Takes other tracks; false when only another file can hold them.
    mutating func change(to tracks: RecordingTracks, at milliseconds: Int64, into bytes: inout ByteBuffer) -> Bool
    /// Nothing will follow.
    mutating func finish(into bytes: inout ByteBuffer)
    /// What is to be written over what was written before, at the end.
    ///
    /// - Parameter fileBytes: how long the file is.
    func patches(fileBytes: Int) -> [(offset: Int, bytes: ByteBuffer)]
}

extension RecordingWriter {
    func patches(fileBytes: Int) -> [(offset: Int, bytes: ByteBuffer)] { [] }
}

/// What a recording is written as.
package enum RecordingFormat: String, Sendable, Hashable, CaseIterable {
    /// Flash Video.
    case flv
    /// MP4 in fragments.
    case mp4
    /// An MPEG transport stream.
    case ts

    /// By a file's name; nil where that tells nothing.
    package init?(fileName: String) {
        guard let dot = fileName.lastIndex(of: "."), fileName.lastIndex(of: "/").map({ $0 < dot }) ?? true else {
            return nil
        }
        switch fileName[fileName.index(after: dot)...].lowercased() {
        case "flv": self = .flv
        case "mp4", "m4v", "m4a", "fmp4", "mov": self = .mp4
        case "ts", "mts", "m2ts": self = .ts
        default: return nil
        }
    }

    /// Begins a file.
    ///
    /// - Parameters:
    ///   - tracks: at least one.
    ///   - bytes: what the file begins with.
    /// - Throws: ``PullError`` when the format has no place for a codec.
    func writer(_ tracks: RecordingTracks, into bytes: inout ByteBuffer) throws(PullError) -> any RecordingWriter {
        switch self {
        case .flv: FLVRecording(tracks, into: &bytes)
        case .mp4: try MP4Recording(tracks, into: &bytes)
        case .ts: try TSRecording(tracks, into: &bytes)
        }
    }
}
