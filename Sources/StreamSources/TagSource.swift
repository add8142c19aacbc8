import FLV
import HLS
import MediaFiles
import NIOConcurrencyHelpers
import NIOCore
import RTMP
import RTMPClient

/// One connection to a stream, or the few that one protocol needs: tags until it ends or breaks.
protocol TagSource: Sendable {
    /// What a multivariant playlist claims of the stream; nil where there was none.
    var variant: Variant? { get }
    /// The next tag; nil when the stream has ended in good order.
    func next() async throws(SourceError) -> FLVTag?
    /// Ends it.
    func close() async
}

extension TagSource {
    var variant: Variant? { nil }
}

/// A stream over RTMP.
struct RTMPSource: TagSource {
    private let player: RTMPPlayer
    private let lifeline: Lifeline

    init(_ url: RTMPURL, options: SourceOptions, lifeline: Lifeline, on loop: any EventLoop) async throws(SourceError) {
        let client = RTMPClientOptions(
            connectTimeout: options.stallTimeout, acceptTimeout: options.stallTimeout,
            stallTimeout: options.stallTimeout, receiveBufferBytesMax: SourceOptions.receiveBufferBytesMax,
            trust: options.trust)
        do {
            player = try await RTMPPlayer.connect(to: url, options: client, on: loop)
        } catch {
            throw SourceError(error)
        }
        self.lifeline = lifeline
        lifeline.onClose { [player] in Task { await player.close() } }
    }

    func next() async throws(SourceError) -> FLVTag? {
        do {
            var tags = player.makeAsyncIterator()
            guard let tag = try await tags.next() else {
                if lifeline.isStalled {
                    throw SourceError("nothing came any more; the connection is given up", isTransient: true)
                }
                return nil
            }
            lifeline.touch(at: .now())
            return tag
        } catch let error as RTMPClientError {
            throw SourceError(error)
        } catch let error as SourceError {
            throw error
        } catch {
            throw SourceError("\(error)", isTransient: false)
        }
    }

    func close() async {
        await player.close()
    }
}

/// A stream of bytes whose container is recognised: a body without an end, messages, or segments one after another.
actor ByteSource: TagSource {
    nonisolated let unownedExecutor: UnownedSerialExecutor
    private var tags: LiveTags
    private let bytes: FailingBytes
    private let ending: @Sendable () async -> Void

    /// - Parameters:
    ///   - loop: where to run.
    ///   - next: the next bytes; nil at the end.
    ///   - close: ends it.
    init(
        on loop: any EventLoop, next: @escaping @Sendable () async throws(SourceError) -> ByteBuffer?,
        close: @escaping @Sendable () async -> Void
    ) {
        unownedExecutor = loop.executor.asUnownedSerialExecutor()
        let bytes = FailingBytes(next)
        self.bytes = bytes
        tags = LiveTags { () async throws(MediaFileError) in try await bytes.next() }
        ending = close
    }

    func next() async throws(SourceError) -> FLVTag? {
        var reader = tags
        defer { tags = reader }
        do {
            return try await reader.next()
        } catch {
            throw bytes.failure ?? SourceError(error)
        }
    }

    func close() async {
        await ending()
    }
}

/// Bytes for a reader of media, which has no errors of networks: why they ended is kept beside it.
private final class FailingBytes: Sendable {
    private let source: @Sendable () async throws(SourceError) -> ByteBuffer?
    private let kept = NIOLockedValueBox<SourceError?>(nil)

    init(_ source: @escaping @Sendable () async throws(SourceError) -> ByteBuffer?) {
        self.source = source
    }

    var failure: SourceError? { kept.withLockedValue { $0 } }

    func next() async throws(MediaFileError) -> ByteBuffer {
        do {
            return try await source() ?? ByteBuffer()
        } catch {
            kept.withLockedValue { $0 = error }
            throw MediaFileError(.unreadable, error.description)
        }
    }
}
