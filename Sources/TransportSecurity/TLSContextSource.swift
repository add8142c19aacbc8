import MediaCore
import NIOCore
import NIOSSL

/// What new connections are secured with. Certificates that are replaced on disk are taken up without a restart;
/// connections that are open keep what they began with.
public final class TLSContextSource: Sendable {
    private struct State {
        var context: NIOSSLContext
        var credentials: TLSCredentials
        /// What the files held when they were last looked at, whether it could be used or not.
        var contents: TLSFiles.Contents?
    }

    private let files: TLSFiles?
    private let applicationProtocols: [String]
    private let state: Locked<State>

    /// Reads a certificate.
    ///
    /// - Parameters:
    ///   - files: where it is.
    ///   - applicationProtocols: what may be spoken, the best first, such as "h2" and "http/1.1".
    /// - Throws: what is wrong with the files.
    public init(files: TLSFiles, applicationProtocols: [String]) throws(TLSProblem) {
        self.files = files
        self.applicationProtocols = applicationProtocols
        let contents = try files.read()
        let credentials = try TLSCredentials(contents, from: files)
        let context = try Self.context(credentials, applicationProtocols)
        state = Locked(State(context: context, credentials: credentials, contents: contents))
    }

    /// Uses credentials that do not change.
    ///
    /// - Parameters:
    ///   - credentials: a certificate and its key.
    ///   - applicationProtocols: what may be spoken, the best first.
    public init(_ credentials: TLSCredentials, applicationProtocols: [String]) throws(TLSProblem) {
        files = nil
        self.applicationProtocols = applicationProtocols
        state = Locked(
            State(
                context: try Self.context(credentials, applicationProtocols), credentials: credentials, contents: nil))
    }

    private static func context(
        _ credentials: TLSCredentials, _ applicationProtocols: [String]
    ) throws(TLSProblem) -> NIOSSLContext {
        do {
            return try credentials.context(applicationProtocols: applicationProtocols)
        } catch {
            throw TLSProblem("the certificate cannot be used: \(error)")
        }
    }

    /// The certificate in use.
    public var credentials: TLSCredentials {
        state.withLock { $0.credentials }
    }

    /// A handler that secures one connection.
    public func makeHandler() -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: state.withLock { $0.context })
    }

    /// Reads the files again. Reads from disk: not for an event loop.
    ///
    /// - Returns: whether they held something new, which is in use from now on.
    /// - Throws: why what they hold cannot be used, once for each content; what was in use stays.
    public func reload() throws(TLSProblem) -> Bool {
        guard let files else { return false }
        let contents = try files.read()
        let isNew = state.withLock { state in
            defer { state.contents = contents }
            return state.contents != contents
        }
        guard isNew else { return false }
        let credentials = try TLSCredentials(contents, from: files)
        let context = try Self.context(credentials, applicationProtocols)
        state.withLock { state in
            state.context = context
            state.credentials = credentials
        }
        return true
    }
}
