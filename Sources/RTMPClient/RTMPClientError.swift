import RTMP

/// Why a client could not connect, publish or play, or why that ended: the cause, and what to do about it.
public struct RTMPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: Sendable, Hashable {
        /// The host's name is not known.
        case hostNotFound
        /// There is no connection to be had: nobody listens there, or no way leads there.
        case unreachable
        /// The connection, the TLS or the RTMP handshake, or the answer to publish or play took too long.
        case timedOut
        /// TLS failed; most often the certificate is not one that we trust.
        case tlsFailed
        /// The server said no, with this code.
        case refused(StatusCode)
        /// The server says what cannot be understood.
        case protocolViolated
        /// The connection broke, or the server closed it.
        case connectionLost
        /// The server takes nothing any more.
        case stalled
        /// A tag is too long for a message.
        case tagTooLong
        /// Nothing is wrong: this end has closed, or the task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    public var code: Code
    /// Cause and remedy in one line.
    public var description: String

    /// Makes an error; see the properties.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// Whether the same attempt may succeed later without anybody changing the request: the network, or a server that
    /// restarts or still holds on to our last connection.
    public var isTransient: Bool {
        switch code {
        case .hostNotFound, .unreachable, .timedOut, .connectionLost, .stalled: true
        case .refused(let status): status == .publishBadName || status == .connectAppShutdown
        case .tlsFailed, .protocolViolated, .tagTooLong, .cancelled: false
        }
    }
}

extension RTMPClientError {
    /// - Parameters:
    ///   - status: what the server answered.
    ///   - description: what it said besides; may be empty.
    ///   - url: what was asked for.
    static func refused(_ status: StatusCode, _ description: String, _ url: RTMPURL) -> RTMPClientError {
        let said = description.isEmpty ? "" : ": \(description)"
        return RTMPClientError(.refused(status), "refused: \(status.rawValue)\(said)\(remedy(status, url))")
    }

    private static func remedy(_ status: StatusCode, _ url: RTMPURL) -> String {
        switch status {
        case .publishBadName:
            "; publish under another name, or end the other publisher"
        case .publishDenied, .playDenied, .connectRejected:
            "; check the stream key behind the stream's name"
        case .connectInvalidApp:
            "; \"\(url.app)\" must be an application that the server knows"
        case .playStreamNotFound, .playFailed:
            "; check the stream's name, and whether it is being published"
        default: ""
        }
    }

    /// A session's error.
    init(_ error: RTMPError) {
        self.init(
            .protocolViolated, "the server does not speak RTMP as it should: \(error); is this an RTMP server?")
    }
}
