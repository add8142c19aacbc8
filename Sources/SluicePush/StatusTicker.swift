import NIOCore
import RTMPClient

/// Tells every second, or less often where lines stay, how the uplinks stand.
struct StatusTicker {
    private let uplinks: [Uplink]
    private let console: Console
    private let loop: any EventLoop

    init(_ uplinks: [Uplink], _ console: Console, on loop: any EventLoop) {
        self.uplinks = uplinks
        self.console = console
        self.loop = loop
    }

    private var interval: TimeAmount {
        switch console.style {
        case .terminal, .json: .seconds(1)
        case .lines: .seconds(10)
        case .quiet: .hours(24)
        }
    }

    /// Tells until the task is cancelled, and then once more: the last word holds the totals.
    func run() async {
        let start = NIODeadline.now()
        var last: [Uplink.Report] = []
        var lastTime = start
        while true {
            if !Task.isCancelled { await loop.sleep(for: interval) }
            let now = NIODeadline.now()
            var reports: [Uplink.Report] = []
            for uplink in uplinks { reports.append(await uplink.report()) }
            let statuses = reports.enumerated().map { index, report in
                UplinkStatus(
                    report, after: last.indices.contains(index) ? last[index] : nil, interval: now - lastTime,
                    elapsed: now - start)
            }
            console.progress(statuses.map { console.style == .json ? $0.json : $0.line })
            if Task.isCancelled { return }
            last = reports
            lastTime = now
        }
    }
}
