import MediaFiles
import RTMP
import RTMPClient

/// Why a live stream cannot be had, or is gone: the cause, and what to do about it, in one line.
package struct SourceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line.
    package let description: String
    /// Whether the same attempt may succeed later: the network, a server that restarts, a stream that nobody publishes
    /// yet.
    package let isTransient: Bool

    /// Makes an error; see the properties.
    package init(_ description: String, isTransient: Bool) {
        self.description = description
        self.isTransient = isTransient
    }

    /// The task was cancelled, or this end closed.
    package static let cancelled = SourceError("cancelled", isTransient: false)

    init(_ error: RTMPClientError) {
        // A stream that is not there may be there later; who may not play it may not later either.
        let isMissing =
            switch error.code {
            case .refused(let status): status == .playStreamNotFound || status == .playFailed
            default: false
            }
        self.init(error.description, isTransient: error.isTransient || isMissing)
    }

    init(_ error: MediaFileError) {
        // What was damaged on the way may come whole with the next connection.
        self.init(error.description, isTransient: error.code == .damaged)
    }
}
