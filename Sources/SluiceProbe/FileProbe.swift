import ISOBMFF
import MediaFiles
import NIOCore
import StreamInspection

/// Looks at all of a file.
package enum FileProbe {
    /// - Parameters:
    ///   - path: FLV, MP4 or MPEG-TS.
    ///   - seconds: how much of it; nil for all.
    /// - Throws: ``ProbeError`` when the file cannot be read, or is none that is known here.
    package static func inspect(_ path: String, seconds: Double?) async throws(ProbeError) -> StreamReport {
        do {
            var file = try await ContainerFile.open(path)
            var inspection = Inspection()
            if let movie = file.movie {
                try await inspect(movie, in: &file, into: &inspection, seconds: seconds)
            } else {
                var events = ContainerEvents(SourceTrack.Container(file.format))
                while !reached(seconds, inspection), let piece = try await file.nextPiece() {
                    for event in events.receive(piece) { inspection.receive(event) }
                }
                for event in events.finish() where !reached(seconds, inspection) { inspection.receive(event) }
            }
            return inspection.soFar
        } catch let error as MediaFileError where error.code == .unknownFormat {
            throw ProbeError("\(error); captures are told with --pcap")
        } catch let error as MediaFileError {
            throw ProbeError(error.description.hasPrefix(path) ? error.description : "\(path): \(error)")
        } catch {
            throw ProbeError("\(path): \(error)")
        }
    }

    private static func reached(_ seconds: Double?, _ inspection: Inspection) -> Bool {
        guard let seconds, let duration = inspection.newestSeconds else { return false }
        return duration >= seconds
    }

    /// The samples of all tracks by their times, as a stream would carry them.
    private static func inspect(
        _ movie: Movie, in file: inout ContainerFile, into inspection: inout Inspection, seconds: Double?
    ) async throws {
        var events = MovieEvents(.mp4)
        for event in events.receive(movie.initSegment) { inspection.receive(event) }
        var missing = 0
        do {
            var cursor = try movie.makeCursor()
            while !reached(seconds, inspection), let (index, sample) = try cursor.next() {
                guard let payload = try await payload(of: sample, in: &file) else {
                    missing += 1
                    continue
                }
                let id = movie.initSegment.tracks[index].id
                if let event = events.event(sample, trackID: id, payload: payload) { inspection.receive(event) }
            }
        } catch let error as ISOBMFFError {
            inspection.receive(.damage("\(error)"))
        }
        if missing > 0 { inspection.receive(.cutShort("the file ends before \(missing) samples that its index names")) }
    }

    /// The bytes of a sample; nil where the file does not have them.
    private static func payload(
        of sample: IndexedSample, in file: inout ContainerFile
    ) async throws(MediaFileError) -> ByteBuffer? {
        do throws(MediaFileError) {
            return try await file.payload(of: sample)
        } catch  where error.code == .damaged {
            return nil
        }
    }
}

extension SourceTrack.Container {
    init(_ format: MediaFile.Format) {
        switch format {
        case .flv: self = .flv
        case .mp4: self = .mp4
        case .fragmentedMP4: self = .fragmentedMP4
        case .mpegTS: self = .mpegTS
        }
    }
}
