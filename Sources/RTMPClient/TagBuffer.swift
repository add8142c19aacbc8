import FLV
import NIOConcurrencyHelpers
import NIOCore

/// Tags on their way from the event loop to one reader.
typealias TagBuffer = ArrivalBuffer<FLVTag, RTMPClientError>

extension TagBuffer {
    /// - Parameter bytesMax: from how many bytes on reading stops.
    convenience init(bytesMax: Int) {
        self.init(bytesMax: bytesMax, cancelled: RTMPClientError(.cancelled, "cancelled")) { $0.body.readableBytes }
    }
}

/// What has arrived, on its way from the event loop to one reader, bounded: when it holds too many bytes it asks for
/// reading to stop, and when half of them are gone, to go on.
package final class ArrivalBuffer<Element: Sendable, Failure: Error>: Sendable {
    private struct State {
        var elements = CircularBuffer<Element>()
        var bytes = 0
        var isPaused = false
        /// Set once; the reader hears of it behind the last element.
        var end: End?
        var reader: CheckedContinuation<Void, Never>?
    }

    private enum End {
        case finished
        case failed(Failure)
    }

    /// What is to happen with reading from the socket.
    package enum Reading: Sendable {
        case stays
        case stops
        case resumes
    }

    private let bytesMax: Int
    private let cancelled: Failure
    private let byteCount: @Sendable (Element) -> Int
    private let state = NIOLockedValueBox(State())
    /// What an element costs besides its bytes.
    private static var overheadBytes: Int { 64 }

    /// - Parameters:
    ///   - bytesMax: from how many bytes on reading stops.
    ///   - cancelled: what the reader gets when its task is cancelled.
    ///   - byteCount: the bytes that an element holds.
    package init(bytesMax: Int, cancelled: Failure, byteCount: @escaping @Sendable (Element) -> Int) {
        self.bytesMax = bytesMax
        self.cancelled = cancelled
        self.byteCount = byteCount
    }

    /// Adds an element behind the others; tells whether reading must stop. What is read nevertheless is kept.
    package func append(_ element: Element) -> Reading {
        let (reader, reading) = state.withLockedValue { state in
            guard state.end == nil else { return (CheckedContinuation<Void, Never>?.none, Reading.stays) }
            state.elements.append(element)
            state.bytes += byteCount(element) + Self.overheadBytes
            let stops = state.bytes >= bytesMax && !state.isPaused
            if stops { state.isPaused = true }
            defer { state.reader = nil }
            return (state.reader, stops ? .stops : .stays)
        }
        reader?.resume()
        return reading
    }

    /// There will be no more. The first call counts.
    package func finish(_ error: Failure?) {
        let reader = state.withLockedValue { state in
            if state.end == nil { state.end = error.map { .failed($0) } ?? .finished }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    /// The next element, nil at the end; waits for it. One reader at a time.
    ///
    /// - Throws: what ``finish(_:)`` was given, once, behind the last element; `cancelled` when the task is.
    package func next() async throws(Failure) -> (element: Element, reading: Reading)? {
        while true {
            if Task.isCancelled { throw cancelled }
            switch take() {
            case .element(let element, let reading): return (element, reading)
            case .end(nil): return nil
            case .end(let error?): throw error
            case .nothing: break
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let mustWait = state.withLockedValue { state in
                        guard state.elements.isEmpty, state.end == nil, !Task.isCancelled else { return false }
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
        case element(Element, Reading)
        case end(Failure?)
        case nothing
    }

    private func take() -> Taken {
        state.withLockedValue { state in
            if let element = state.elements.popFirst() {
                state.bytes -= byteCount(element) + Self.overheadBytes
                let resumes = state.isPaused && state.bytes <= bytesMax / 2
                if resumes { state.isPaused = false }
                return .element(element, resumes ? .resumes : .stays)
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
