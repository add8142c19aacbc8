import FLV
import NIOCore
import RTMPClient
import SluicePull
import StreamSources

/// A stream on its way into a player. It runs on the stream's event loop.
actor PlayRun {
    nonisolated let unownedExecutor: UnownedSerialExecutor
    private let stream: LiveStream
    private let notice: @Sendable (String) -> Void
    private var meter = JoinMeter(at: .now())
    private var recorder = FLVPipe()

    init(_ stream: LiveStream, on loop: any EventLoop, notice: @escaping @Sendable (String) -> Void) {
        self.stream = stream
        self.notice = notice
        unownedExecutor = loop.executor.asUnownedSerialExecutor()
    }

    /// Shows the stream until it ends, the player does, or the task is cancelled.
    func play(_ program: PlayerProgram) async throws {
        let first = try await firstBytes { $0.isKeyframe || $0.isSound }
        try await PlayerProcess(program: program).run { writer in
            try await self.feed(writer, first)
        }
        await stream.close()
    }

    /// Writes the first picture to a file.
    func takeSnapshot(_ program: PlayerProgram) async throws {
        // The decoder shows a picture when the next ones have come.
        var pictures = 0
        let bytes = try await firstBytes { tag in
            if tag.isPicture { pictures += 1 }
            return pictures > Self.snapshotPictures
        }
        await stream.close()
        try await PlayerProcess(program: program).run { writer in
            await Self.write(bytes, to: writer)
        }
    }

    /// More than any decoder holds back.
    private static let snapshotPictures = 4

    /// Everything up to a tag.
    private func firstBytes(until isEnough: (LiveTag) -> Bool) async throws -> ByteBuffer {
        var bytes = ByteBuffer()
        while let tag = try await stream.next() {
            note(tag)
            recorder.write(tag, into: &bytes)
            if isEnough(tag) { return bytes }
        }
        if Task.isCancelled { throw CancellationError() }
        guard recorder.hasKeyframe else {
            throw PlayError("\(stream.url.redacted) ended before a keyframe came")
        }
        return bytes
    }

    private func feed(_ writer: OutputFile, _ first: ByteBuffer) async throws {
        guard await Self.write(first, to: writer) else { return }
        while let tag = try await stream.next() {
            note(tag)
            var bytes = ByteBuffer()
            recorder.write(tag, into: &bytes)
            guard await Self.write(bytes, to: writer) else { return }
        }
    }

    private func note(_ tag: LiveTag) {
        if let words = meter.note(tag, at: .now()) { notice(words) }
    }

    /// - Returns: false when the player has ended.
    @discardableResult
    private static func write(_ bytes: ByteBuffer, to writer: OutputFile) async -> Bool {
        guard bytes.readableBytes > 0 else { return true }
        do {
            try await writer.append(bytes, at: 0)
            return true
        } catch {
            return false
        }
    }
}

/// FLV for a pipe: from the first keyframe on.
struct FLVPipe: Sendable {
    private var hasHeader = false
    private(set) var hasKeyframe = false

    mutating func write(_ tag: LiveTag, into bytes: inout ByteBuffer) {
        if !hasHeader {
            hasHeader = true
            FLVWriter.writeHeader(hasAudio: true, hasVideo: true, into: &bytes)
        }
        if tag.isKeyframe { hasKeyframe = true }
        FLVWriter.writeTag(
            tag.tag.type, timestamp: UInt32(truncatingIfNeeded: max(0, tag.milliseconds)), body: tag.tag.body,
            into: &bytes)
    }
}
