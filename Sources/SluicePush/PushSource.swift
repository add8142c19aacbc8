import FLV
import MediaFiles

/// What is pushed.
package enum PushSource: Sendable {
    /// A file or pipe that needs no change.
    case native(MediaFile)
    /// What FFmpeg reads and encodes.
    case ffmpeg(FFmpegProcess)

    /// Hands out the tags of one round, in order.
    ///
    /// - Throws: ``PushError`` when it cannot be read, and what `take` throws.
    package func read(_ take: (FLVTag) async throws -> Void) async throws {
        switch self {
        case .native(let file):
            var tags = file.makeAsyncIterator()
            while let tag = try await Self.next(&tags) { try await take(tag) }
        case .ffmpeg(let process): try await process.run(take)
        }
    }

    private static func next(_ tags: inout MediaFile.Iterator) async throws(PushError) -> FLVTag? {
        do {
            return try await tags.next()
        } catch {
            throw PushError(error.description)
        }
    }
}

/// Chooses how to read what the command line names.
package struct SourceChoice: Sendable {
    /// SOURCE, as given.
    package var source: String
    /// What FFmpeg is to make of it, if it is needed.
    package var encoding: Encoding
    /// Whether encoder settings were given: then a file is not taken as it is.
    package var wantsEncoding: Bool
    /// The FFmpeg program.
    package var program: String

    /// Makes a choice; see the properties.
    package init(source: String, encoding: Encoding, wantsEncoding: Bool, program: String) {
        self.source = source
        self.encoding = encoding
        self.wantsEncoding = wantsEncoding
        self.program = program
    }

    /// - Throws: ``PushError`` when there is no such file, or it cannot be read.
    package func open() async throws(PushError) -> PushSource {
        if source == "-" { return .native(try await Self.standardInput()) }
        let isFile = InputName(source).isFile
        guard isFile, !wantsEncoding else { return .ffmpeg(process()) }
        do {
            return .native(try await MediaFile.open(source))
        } catch {
            switch error.code {
            case .unknownFormat, .unsupported: return .ffmpeg(process())
            case .unreadable, .damaged, .cancelled: throw PushError(error.description)
            }
        }
    }

    /// Whether the source has no time of its own that must be kept: a file, or a pattern that is made as fast as one
    /// likes. Cameras and streams come at their own pace.
    package var needsPacing: Bool {
        source == "-" || InputName(source).isMadeAtAnyPace
    }

    private func process() -> FFmpegProcess {
        FFmpegProcess(program: program, arguments: encoding.arguments(for: InputName(source)), source: source)
    }

    private static func standardInput() async throws(PushError) -> MediaFile {
        do {
            return try await MediaFile.standardInput()
        } catch {
            throw PushError("\(error); it takes FLV or MPEG-TS: for other formats give the file's name")
        }
    }
}
