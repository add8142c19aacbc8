import NIOCore
import PlainText

/// How one server's publication stands, with rates over the time since the last look.
package struct UplinkStatus: Sendable {
    package var report: Uplink.Report
    /// Since the push began.
    package var elapsed: TimeAmount
    package var bitsPerSecond: Double
    package var picturesPerSecond: Double

    /// - Parameters:
    ///   - report: as it stands.
    ///   - last: the last one; nil the first time.
    ///   - interval: the time between them.
    ///   - elapsed: since the push began.
    package init(_ report: Uplink.Report, after last: Uplink.Report?, interval: TimeAmount, elapsed: TimeAmount) {
        self.report = report
        self.elapsed = elapsed
        let seconds = max(0.001, Double(interval.nanoseconds) / 1e9)
        bitsPerSecond = 8 * Double(report.sentBytes - min(report.sentBytes, last?.sentBytes ?? 0)) / seconds
        picturesPerSecond = Double(report.sentPictures - (last?.sentPictures ?? 0)) / seconds
    }

    /// A line for people.
    package var line: String {
        var parts = ["\(NumberText.clock(elapsed.nanoseconds / 1_000_000_000))  \(report.name)"]
        switch report.state {
        case .connecting: parts.append("connecting")
        case .waiting(let reason): parts.append("waiting to connect again: \(reason)")
        case .ended(nil): parts.append("ended")
        case .ended(let reason?): parts.append("ended: \(reason)")
        case .publishing:
            parts.append(NumberText.bitRate(bitsPerSecond))
            parts.append("\(NumberText.decimal(picturesPerSecond, digits: 1)) fps")
            parts.append("queue \(report.queueMilliseconds) ms")
            parts.append("dropped \(report.losses.dropped)")
            if let roundTrip = report.roundTripMicroseconds {
                parts.append("rtt \(NumberText.decimal(Double(roundTrip) / 1000, digits: 1)) ms")
            }
        }
        if report.reconnects > 0 {
            parts.append("reconnects \(report.reconnects) (\(report.losses.offline) frames lost)")
        }
        return parts.joined(separator: "  ")
    }

    /// A JSON document on one line. Times in milliseconds.
    package var json: String {
        let losses = report.losses
        return JSONValue.members([
            "elapsed": .integer(Int(elapsed.nanoseconds / 1_000_000)), "url": .string(report.name),
            "state": .string(report.state.name), "reason": report.state.reason.map(JSONValue.string) ?? .null,
            "bitsPerSecond": .decimal(bitsPerSecond, digits: 0),
            "framesPerSecond": .decimal(picturesPerSecond, digits: 2),
            "bytesSent": .integer(Int(clamping: report.sentBytes)),
            "queueMilliseconds": .integer(Int(report.queueMilliseconds)), "queueBytes": .integer(report.queueBytes),
            "droppedDisposable": .integer(losses.disposable), "droppedReference": .integer(losses.reference),
            "droppedKeyframes": .integer(losses.keyframes), "droppedAudio": .integer(losses.audio),
            "lostOffline": .integer(losses.offline), "reconnects": .integer(report.reconnects),
            "roundTripMilliseconds": .decimal(report.roundTripMicroseconds.map { Double($0) / 1000 }, digits: 3),
        ]).text
    }
}

extension Uplink.State {
    /// One word.
    package var name: String {
        switch self {
        case .connecting: "connecting"
        case .publishing: "publishing"
        case .waiting: "waiting"
        case .ended: "ended"
        }
    }

    /// Why it is not publishing, where there is a reason.
    package var reason: String? {
        switch self {
        case .connecting, .publishing: nil
        case .waiting(let reason): reason
        case .ended(let reason): reason
        }
    }

    /// Whether it is over.
    package var isEnded: Bool {
        if case .ended = self { true } else { false }
    }
}
