import LoadGeneration
import NIOCore

/// Makes a plan of what was asked for, and sees that it may be carried out.
struct PlanMaker {
    let urls: [String]
    let viewers: ViewerOptions
    let publishers: PublisherOptions
    let output: OutputOptions
    let ownsServer: Bool

    /// The URL to publish to; nil when none is known.
    private var publishURL: String? {
        publishers.publishTo ?? urls.first { $0.lowercased().hasPrefix("rtmp://") }
    }

    private var streams: Int {
        publishers.publishers ?? (publishURL == nil ? 0 : 1)
    }

    /// Whether all URLs can be understood.
    func checkURLs() throws(BenchError) {
        for url in urls { _ = try Self.target(url, number: 1, of: 1) }
        if streams > 0 {
            guard let publishURL else { throw BenchError("--publishers needs --publish-to rtmp://HOST/APP/STREAM") }
            guard case .rtmp = try Self.target(publishURL, number: 1, of: 1).transport else {
                throw BenchError("--publish-to takes an rtmp:// URL")
            }
        }
    }

    /// The plan, with addresses looked up and descriptors raised.
    func plan() throws -> LoadPlan {
        var publications: [LoadPlan.Publication] = []
        if streams > 0, let publishURL {
            let source = try source()
            for number in 1...streams {
                let target = try Self.target(publishURL, number: number, of: streams)
                publications.append(LoadPlan.Publication(target: target, address: try address(target), source: source))
            }
        }
        let groups = try urls.map { url in
            let targets = try (1...max(1, streams)).map { try Self.target(url, number: $0, of: streams) }
            return LoadPlan.Group(url: url, targets: targets, addresses: try targets.map(address))
        }
        try raiseDescriptors(publications.count)
        return LoadPlan(
            groups: groups, viewers: viewers.viewers, viewersPerSecond: viewers.ramp, churnPerSecond: viewers.churn,
            slowViewers: viewers.slow, seconds: output.duration, threads: min(viewers.threads, viewers.viewers),
            publications: publications, serverProcesses: output.serverProcesses)
    }

    private static func target(_ url: String, number: Int, of streams: Int) throws(BenchError) -> LoadTarget {
        let hasPlaceholder = url.contains(LoadTarget.placeholder)
        let text = hasPlaceholder || streams > 1 ? LoadTarget.text(url, number: number) : url
        do throws(LoadTarget.ParseError) {
            return try LoadTarget(parsing: text)
        } catch {
            throw BenchError(error.description)
        }
    }

    private func address(_ target: LoadTarget) throws(BenchError) -> ServerAddress {
        let address: ServerAddress
        do throws(ServerAddress.Failure) {
            address = try ServerAddress(host: target.host, port: target.port)
        } catch {
            throw BenchError(error.description)
        }
        guard address.isLoopback || ownsServer else {
            throw BenchError(
                "\(target.host) (\(address.text)) is not this machine. \(viewers.viewers) viewers at once look like an "
                    + "attack to whoever runs it, and may take it down. If the server is yours, or its owner wants this, "
                    + "say so with --i-own-this-server.")
        }
        return address
    }

    private func source() throws -> PublishedStream {
        guard let path = publishers.file else {
            return PublishedStream(
                framesPerSecond: publishers.rate, keyframeSeconds: publishers.gop,
                bitsPerSecond: publishers.bitrate.bitsPerSecond)
        }
        let bytes = try SystemFile.read(path)
        do throws(ScanError) {
            return try PublishedStream(flv: bytes)
        } catch {
            throw BenchError("\(path): \(error)")
        }
    }

    private func raiseDescriptors(_ publications: Int) throws(BenchError) {
        let needed = viewers.viewers + publications + DescriptorLimit.reserve
        let limit = DescriptorLimit.raise()
        guard limit >= needed else {
            throw BenchError(
                "\(viewers.viewers) viewers need \(needed) open files, and the limit is \(limit): raise it with "
                    + "\"ulimit -n \(needed)\", or take fewer viewers")
        }
    }
}
