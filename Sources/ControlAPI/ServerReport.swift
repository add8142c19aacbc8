/// The answer to `GET /api/v1/server`: what a page or a script needs to build addresses.
package struct ServerReport: Codable, Sendable, Equatable {
    /// "sluice".
    package var name: String
    /// "0.1.0".
    package var version: String
    /// Where RTMP is served; absent when it is off.
    package var rtmpPort: Int?
    /// Where HTTP is served; absent when it is off.
    package var httpPort: Int?
    /// Where HTTPS is served; absent when it is off.
    package var httpsPort: Int?
    /// Since the server started.
    package var uptimeSeconds: Double
    /// The server's wall clock in milliseconds since 1970. Players reckon their latency by it.
    package var time: Double

    /// Makes a report; see the properties.
    package init(
        name: String = "sluice", version: String, rtmpPort: Int?, httpPort: Int? = nil, httpsPort: Int? = nil,
        uptimeSeconds: Double, time: Double
    ) {
        self.name = name
        self.version = version
        self.rtmpPort = rtmpPort
        self.httpPort = httpPort
        self.httpsPort = httpsPort
        self.uptimeSeconds = uptimeSeconds
        self.time = time
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
