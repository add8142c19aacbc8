import FLV
import NIOConcurrencyHelpers
import NIOCore

/// Tags on their way from the event loop to one reader, bounded: when it holds too many bytes it asks for reading to
/// stop, and when half of them are gone, to go on.
final class TagBuffer: Sendable {
    private struct State {
        var tags = CircularBuffer<FLVTag>()
        var bytes = 0
        var isPaused = false
        /// Set once; the reader hears of it behind the last tag.
        var end: End?
        var reader: CheckedContinuation<Void, Never>?
    }

    private enum End {
        case finished
        case failed(RTMPClientError)
    }

    /// What is to happen with reading from the socket.
    enum Reading: Sendable {
        case stays
        case stops
        case resumes
    }

    private let bytesMax: Int
    private let state = NIOLockedValueBox(State())
    /// What a tag costs besides its body.
    private static let overheadBytes = 64

    /// - Parameter bytesMax: from how many bytes on reading stops.
    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// Adds a tag behind the others; tells whether reading must stop. Those that are read nevertheless are kept.
    func append(_ tag: FLVTag) -> Reading {
        let (reader, reading) = state.withLockedValue { state in
            guard state.end == nil else { return (CheckedContinuation<Void, Never>?.none, Reading.stays) }
            state.tags.append(tag)
            state.bytes += tag.body.readableBytes + Self.overheadBytes
            let stops = state.bytes >= bytesMax && !state.isPaused
            if stops { state.isPaused = true }
            defer { state.reader = nil }
            return (state.reader, stops ? .stops : .stays)
        }
        reader?.resume()
        return reading
    }

    /// There will be no more. The first call counts.
    func finish(_ error: RTMPClientError?) {
        let reader = state.withLockedValue { state in
            if state.end == nil { state.end = error.map { .failed($0) } ?? .finished }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    /// The next tag, nil at the end; waits for it. One reader at a time.
    ///
    /// - Throws: what ``finish(_:)`` was given, once, behind the last tag; `cancelled` when the task is.
    func next() async throws(RTMPClientError) -> (tag: FLVTag, reading: Reading)? {
        while true {
            if Task.isCancelled { throw RTMPClientError(.cancelled, "cancelled") }
            switch take() {
            case .tag(let tag, let reading): return (tag, reading)
            case .end(nil): return nil
            case .end(let error?): throw error
            case .nothing: break
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let mustWait = state.withLockedValue { state in
                        guard state.tags.isEmpty, state.end == nil, !Task.isCancelled else { return false }
                        state.reader = continuation
                        return true
                    }
                    if !mustWait { continuation.resume() }
                }
            } onCancel: {
                wake()
            }
        }
    }

    /// What there is without waiting.
    private enum Taken {
        case tag(FLVTag, Reading)
        case end(RTMPClientError?)
        case nothing
    }

    private func take() -> Taken {
        state.withLockedValue { state in
            if let tag = state.tags.popFirst() {
                state.bytes -= tag.body.readableBytes + Self.overheadBytes
                let resumes = state.isPaused && state.bytes <= bytesMax / 2
                if resumes { state.isPaused = false }
                return .tag(tag, resumes ? .resumes : .stays)
            }
            switch state.end {
            case .failed(let error):
                state.end = .finished
                return .end(error)
            case .finished: return .end(nil)
            case nil: return .nothing
            }
        }
    }

    private func wake() {
        let reader = state.withLockedValue { state in
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }
}
