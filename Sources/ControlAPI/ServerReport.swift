/// The answer to `GET /api/v1/server`: what a page or a script needs to build addresses.
package struct ServerReport: Codable, Sendable, Equatable {
    /// "sluice".
    package var name: String
    /// "0.1.0".
    package var version: String
    /// Where RTMP is served; absent when it is off.
    package var rtmpPort: Int?
    /// Since the server started.
    package var uptimeSeconds: Double

    /// Makes a report; see the properties.
    package init(name: String = "sluice", version: String, rtmpPort: Int?, uptimeSeconds: Double) {
        self.name = name
        self.version = version
        self.rtmpPort = rtmpPort
        self.uptimeSeconds = uptimeSeconds
    }
}

/// The answer to `GET /healthz` and `GET /readyz`.
package struct HealthReport: Codable, Sendable, Equatable {
    /// "ok", "starting" or "draining".
    package var status: String

    /// - Parameter status: "ok", "starting" or "draining".
    package init(status: String) {
        self.status = status
    }
}

/// How far the server is between start and end.
package enum Readiness: String, Sendable, CaseIterable {
    /// Not every listener is up.
    case starting
    /// At work.
    case ok
    /// Shutting down: no new publishers or viewers.
    case draining
}
