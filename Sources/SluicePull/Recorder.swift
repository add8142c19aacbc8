import FLV
import NIOCore
import StreamSources

/// Where and how a stream is recorded.
package struct RecordingPlan: Sendable {
    /// The files' names.
    package var names: FileNames
    /// Whether it goes to standard output.
    package var isPipe = false
    /// What the files are.
    package var format: RecordingFormat
    /// Whether files that are there are written over.
    package var overwrites = false
    /// From which length on a file ends with the next keyframe.
    package var splitMilliseconds: Int64?
    /// From which size on a file ends with the next keyframe.
    package var splitBytes: Int?
    /// How much is recorded in all.
    package var durationMilliseconds: Int64?

    /// Makes a plan; see the properties.
    package init(names: FileNames, format: RecordingFormat) {
        self.names = names
        self.format = format
    }
}

/// How a recording stands.
package struct RecordingReport: Sendable, Equatable {
    /// The file that is being written; nil before the first.
    package var file: String?
    /// Files so far.
    package var fileCount = 0
    /// Bytes in all files.
    package var bytes = 0
    /// Pictures in all files.
    package var pictures = 0
    /// What has been recorded, in milliseconds.
    package var milliseconds: Int64 = 0
}

/// Writes the tags of a stream into files.
package struct Recorder: Sendable {
    private struct OpenRecording {
        let file: OutputFile
        var writer: any RecordingWriter
        /// The time of the stream at which the file begins.
        let start: Int64
        var bytes: Int
    }

    private let plan: RecordingPlan
    private let wallClock: @Sendable () -> Int
    private var tracks = RecordingTracks()
    private var current: OpenRecording?
    /// What came before the tracks were known.
    private var held: [LiveTag] = []
    private var heldBytes = 0
    /// The tracks have changed and the file cannot hold them: the next keyframe begins another.
    private var needsFile = false
    private var firstTime: Int64?
    private var pending = ByteBuffer()
    /// When it was written last, on the stream's timeline; nil at a file's beginning.
    private var lastFlush: Int64?
    /// Whether writing has failed: the file is ended as it stands.
    private var hasFailed = false
    /// How it stands.
    package private(set) var report = RecordingReport()
    /// Whether all that was to be recorded has been.
    package private(set) var isDone = false

    /// How long, at the beginning, one waits for the second of pictures and sound.
    static let holdMilliseconds: Int64 = 1500
    /// How much may come in that time.
    static let heldBytesMax = 32 << 20
    /// How much is written at once, and how old it may become before it is.
    private static let flushBytes = 256 << 10
    private static let flushMilliseconds: Int64 = 500

    /// - Parameters:
    ///   - plan: where and how.
    ///   - wallClock: seconds since 1970, for files' names.
    package init(_ plan: RecordingPlan, wallClock: @escaping @Sendable () -> Int) {
        self.plan = plan
        self.wallClock = wallClock
    }

    /// Takes the next tag of the stream.
    ///
    /// - Throws: ``PullError`` when it cannot be written; call ``finish()`` then, too.
    package mutating func take(_ tag: LiveTag) async throws(PullError) {
        guard !isDone else { return }
        let change = tracks.note(tag)
        if tag.isConfiguration || tag.tag.type == .script { return try noteChange(change, tag) }
        guard tag.isPicture || tag.isSound else { return }
        if current == nil, firstTime == nil {
            hold(tag)
            guard isSettled(tag) else { return }
            let tags = held
            held = []
            for tag in tags { try await record(tag) }
        } else {
            try noteChange(change, tag)
            try await record(tag)
        }
    }

    /// Ends the file that is open.
    package mutating func finish() async throws(PullError) {
        if current == nil, !held.isEmpty {
            let tags = held
            held = []
            for tag in tags { try await record(tag) }
        }
        try await endFile()
    }

    // MARK: A stream's beginning

    private mutating func hold(_ tag: LiveTag) {
        // Nothing can be shown before the first keyframe.
        if tag.isPicture, !tag.isKeyframe, !held.contains(where: \.isKeyframe) { return }
        held.append(tag)
        heldBytes += tag.tag.body.readableBytes
    }

    private func isSettled(_ tag: LiveTag) -> Bool {
        let hasPicture = held.contains(where: \.isKeyframe)
        let hasSound = tracks.audio != nil
        guard !(hasPicture && tracks.video != nil && hasSound) else { return true }
        guard let first = held.first else { return false }
        return tag.milliseconds - first.milliseconds >= Self.holdMilliseconds || heldBytes >= Self.heldBytesMax
    }

    // MARK: Recording

    /// The tracks have changed within a recording.
    private mutating func noteChange(_ change: RecordingTracks.Change, _ tag: LiveTag) throws(PullError) {
        guard var recording = current else { return }
        switch change {
        case .nothing, .metadata: return
        case .video, .audio: break
        }
        let time = max(0, report.milliseconds + (firstTime ?? 0) - recording.start)
        if !recording.writer.change(to: tracks, at: time, into: &pending) { needsFile = true }
        current = recording
    }

    private mutating func record(_ tag: LiveTag) async throws(PullError) {
        let isEntry = tracks.video == nil ? tag.isSound : tag.isKeyframe
        if let firstTime, let duration = plan.durationMilliseconds, tag.milliseconds - firstTime >= duration {
            isDone = true
            return
        }
        if isEntry, current == nil || needsFile || isSplitDue(tag) {
            try await endFile()
            try await beginFile(tag)
        }
        guard var recording = current, !needsFile else { return }
        let time = max(0, tag.milliseconds - recording.start)
        try recording.writer.write(tag, at: time, into: &pending)
        current = recording
        if tag.isPicture { report.pictures += 1 }
        report.milliseconds = max(report.milliseconds, tag.milliseconds - (firstTime ?? tag.milliseconds))
        let isOld = lastFlush.map { tag.milliseconds - $0 >= Self.flushMilliseconds } ?? true
        if plan.isPipe || pending.readableBytes >= Self.flushBytes || isOld { try await flush(tag.milliseconds) }
    }

    private func isSplitDue(_ tag: LiveTag) -> Bool {
        guard let current else { return false }
        if let split = plan.splitMilliseconds, tag.milliseconds - current.start >= split { return true }
        if let split = plan.splitBytes, current.bytes + pending.readableBytes >= split { return true }
        return false
    }

    private mutating func beginFile(_ tag: LiveTag) async throws(PullError) {
        let number = report.fileCount + 1
        let path = plan.isPipe ? "-" : plan.names.name(number, at: wallClock())
        // What a format cannot carry is told before a file is made.
        let writer = try plan.format.writer(tracks, into: &pending)
        let file = try OutputFile(path: path, overwrites: plan.overwrites)
        current = OpenRecording(file: file, writer: writer, start: tag.milliseconds, bytes: 0)
        firstTime = firstTime ?? tag.milliseconds
        needsFile = false
        report.file = file.name
        report.fileCount = number
        lastFlush = nil
        hasFailed = false
    }

    private mutating func flush(_ now: Int64) async throws(PullError) {
        lastFlush = now
        guard let recording = current, pending.readableBytes > 0 else { return }
        let bytes = pending
        pending = ByteBuffer()
        do {
            try await recording.file.append(bytes, at: recording.bytes)
        } catch {
            hasFailed = true
            throw error
        }
        current?.bytes += bytes.readableBytes
        report.bytes += bytes.readableBytes
    }

    private mutating func endFile() async throws(PullError) {
        guard var recording = current else { return }
        var failure: PullError?
        if !hasFailed {
            recording.writer.finish(into: &pending)
            current = recording
            do { try await flush(lastFlush ?? 0) } catch { failure = error }
            recording.bytes = current?.bytes ?? recording.bytes
        }
        current = nil
        pending = ByteBuffer()
        if recording.file.isSeekable {
            for patch in recording.writer.patches(fileBytes: recording.bytes) {
                try await recording.file.patch(patch.bytes, at: patch.offset)
            }
        }
        if let failure { throw failure }
    }
}
