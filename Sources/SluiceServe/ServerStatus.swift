import ControlAPI
import FanOut
import MediaCore
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the control API tells of the server as a whole.
final class ServerStatus: Sendable {
    let readiness = Locked(Readiness.starting)
    private let ports = Locked<(rtmp: Int?, http: Int?, https: Int?)>((nil, nil, nil))

    /// Notes where the server listens: the first address of each kind.
    func note(rtmp: ConnectionListener?, http: ConnectionListener?, https: ConnectionListener?) {
        let found = (rtmp?.localAddress?.port, http?.localAddress?.port, https?.localAddress?.port)
        ports.withLock { $0 = found }
    }

    /// The server at this moment.
    func report(since started: NIODeadline) -> ServerReport {
        let ports = ports.withLock { $0 }
        return ServerReport(
            version: SluiceVersion.current, rtmpPort: ports.rtmp, httpPort: ports.http, httpsPort: ports.https,
            uptimeSeconds: (NIODeadline.now() - started).seconds,
            time: (Date().timeIntervalSince1970 * 1000).rounded())
    }
}
