import CommandOutput
import ControlAPI
import FanOut
import HLSTransport
import HTTPTransport
import Hummingbird
import Logging
import MediaCore
import NIOCore
import NIOPosix
import RTMPTransport
import ServerConfig
import UnixSignals

/// The server: streams, fan-out, listeners, and their end.
struct Server: Sendable {
    private let configuration: ServerConfiguration
    private let logger: Logger
    private let demo: Bool

    /// - Parameters:
    ///   - configuration: all that an operator can set.
    ///   - logger: gets a line for what happens.
    ///   - demo: whether to publish the bundled clip as "live/demo".
    init(configuration: ServerConfiguration, logger: Logger, demo: Bool) {
        self.configuration = configuration
        self.logger = logger
        self.demo = demo
    }

    /// Serves until SIGTERM or SIGINT, then drains.
    ///
    /// - Throws: ``StartupError`` when an address cannot be listened at.
    func run() async throws {
        FileDescriptors.raiseLimit()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.loops ?? System.coreCount)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let running: RunningServer
        do {
            running = try await RunningServer(configuration: configuration, group: group, logger: logger)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        if demo || Terminal.output.isTerminal {
            Terminal.output.write(running.welcome(demoStream: demo ? DemoPublisher.streamName : nil).text)
        }
        let publisher = demo ? running.startDemo() : nil
        for await signal in signals {
            guard signal != .sighup else {
                running.reloadCertificates()
                continue
            }
            logger.info("shutting down", metadata: ["signal": "\(signal)"])
            break
        }
        await running.drain()
        publisher?.cancel()
        try await group.shutdownGracefully()
    }
}

/// A server that listens.
final class RunningServer: Sendable {
    private let configuration: ServerConfiguration
    private let group: MultiThreadedEventLoopGroup
    private let logger: Logger
    private let rtmp: RTMPService
    private let http: HTTPService
    private let hls: HLSService
    private let status: ServerStatus
    private let rtmpListeners: [ConnectionListener]
    private let httpListeners: [ConnectionListener]
    private let httpsListeners: [ConnectionListener]
    private let certificates: Certificates?
    private let certificateWatch: Task<Void, Never>?
    private let sweeper: RepeatedTask

    init(configuration: ServerConfiguration, group: MultiThreadedEventLoopGroup, logger: Logger) async throws {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        let registry = StreamRegistry(configuration: configuration.registry)
        let fanOut = FanOutLoops(group: group, configuration: configuration.fanOut)
        let limits = configuration.limits
        let admission = ConnectionAdmission(
            connectionsMax: min(limits.connectionsMax, FileDescriptors.limit - FileDescriptors.reserve),
            connectionsPerAddressMax: limits.connectionsPerAddressMax)
        rtmp = RTMPService(
            configuration: configuration.rtmpTransport, registry: registry, fanOut: fanOut, admission: admission,
            group: group, logger: logger.labelled("rtmp"))
        let started = NIODeadline.now()
        let status = ServerStatus()
        self.status = status
        let hls = HLSService(
            configuration: configuration.hls.transport, registry: registry, wallClock: WallClock.unixNanoseconds,
            logger: logger.labelled("hls"))
        self.hls = hls
        let routes = ControlRoutes(
            directory: RegistryDirectory(registry: registry, hls: hls),
            server: { status.report(since: started) }, readiness: { status.readiness.withLock { $0 } },
            xray: Xray(
                registry: registry, conversations: RTMPConversationDirectory(conversations: rtmp.conversations)))
        http = HTTPService(
            configuration: configuration.httpTransport, registry: registry, fanOut: fanOut, admission: admission,
            group: group, logger: logger.labelled("http"), resources: [SegmentResources(service: hls)],
            responder: routes.makeRouter(context: BasicRequestContext.self).buildResponder())
        let certificates = try Certificates(configuration.https, logger: logger.labelled("https"))
        self.certificates = certificates
        (rtmpListeners, httpListeners, httpsListeners) = try await Self.listen(
            configuration, group, rtmp, http, certificates)
        certificateWatch = certificates.map { certificates in Task { await certificates.watch() } }
        status.note(rtmp: rtmpListeners.first, http: httpListeners.first, https: httpsListeners.first)
        status.readiness.withLock { $0 = .ok }
        sweeper = group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            registry.sweep(at: .now())
            hls.sweep(at: .now())
        }
        for listener in rtmpListeners { announce("rtmp", listener.localAddress) }
        for listener in httpListeners { announce("http", listener.localAddress) }
        for listener in httpsListeners { announce("https", listener.localAddress) }
    }

    /// Opens every listener; closes those already open when one fails.
    private static func listen(
        _ configuration: ServerConfiguration, _ group: MultiThreadedEventLoopGroup, _ rtmp: RTMPService,
        _ http: HTTPService, _ certificates: Certificates?
    ) async throws -> ([ConnectionListener], [ConnectionListener], [ConnectionListener]) {
        var rtmpListeners: [ConnectionListener] = []
        var httpListeners: [ConnectionListener] = []
        var httpsListeners: [ConnectionListener] = []
        do {
            for address in configuration.rtmp.listen {
                rtmpListeners.append(
                    try await bind(address, flag: "--rtmp") {
                        try await RTMPListener.bind(to: $0, group: group, service: rtmp)
                    })
            }
            for address in configuration.http.listen {
                httpListeners.append(
                    try await bind(address, flag: "--http") {
                        try await HTTPListener.bind(to: $0, group: group, service: http)
                    })
            }
            for address in configuration.https.addresses {
                httpsListeners.append(
                    try await bind(address, flag: "--https") {
                        try await HTTPListener.bind(
                            to: $0, group: group, service: http, security: certificates?.contexts)
                    })
            }
        } catch {
            for listener in rtmpListeners + httpListeners + httpsListeners { await listener.close() }
            throw error
        }
        return (rtmpListeners, httpListeners, httpsListeners)
    }

    private static func bind<Listener>(
        _ address: ListenAddress, flag: String, _ open: (SocketAddress) async throws -> Listener
    ) async throws -> Listener {
        do {
            return try await open(try SocketAddress.makeAddressResolvingHost(address.host, port: address.port))
        } catch {
            throw StartupError(listeningAt: address, flag: flag, error: error)
        }
    }

    private func announce(_ scheme: String, _ address: SocketAddress?) {
        guard let address, let host = address.ipAddress, let port = address.port else { return }
        logger.info("listening", metadata: ["at": "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"])
    }

    /// Publishes the demonstration clip over loopback, for as long as the task is not cancelled.
    func startDemo() -> Task<Void, Never>? {
        guard let address = rtmpListeners.first?.localAddress else {
            logger.warning("no demo: RTMP is turned off")
            return nil
        }
        let demo = DemoPublisher(server: address.reachable, group: group, logger: logger.labelled("demo"))
        return Task { await demo.run() }
    }

    /// Tells a person where to publish and watch.
    func welcome(demoStream: String?) -> Welcome {
        Welcome(
            rtmpPort: rtmpListeners.first?.localAddress?.port, httpPort: httpListeners.first?.localAddress?.port,
            httpsPort: httpsListeners.first?.localAddress?.port,
            selfSignedFingerprint: configuration.https.certificate == nil ? certificates?.fingerprint : nil,
            demoStream: demoStream)
    }

    /// Takes up certificates that were replaced.
    func reloadCertificates() {
        certificates?.reload()
    }

    /// Takes nothing new, ends all streams, gives viewers the time to hear of it, and closes what is left.
    func drain() async {
        status.readiness.withLock { $0 = .draining }
        certificateWatch?.cancel()
        for listener in rtmpListeners + httpListeners + httpsListeners { await listener.close() }
        await rtmp.connections.endPublications()
        do {
            try await Task.sleep(for: .milliseconds(200) + configuration.mergeWindow.floor)
        } catch {
            logger.debug("draining cut short")
        }
        await rtmp.connections.shutDown()
        await http.connections.shutDown()
        hls.shutDown()
        sweeper.cancel()
    }
}

extension SocketAddress {
    /// Where a listener can be reached from this machine: loopback, where it listens everywhere.
    var reachable: SocketAddress {
        guard let host = ipAddress, let port else { return self }
        do {
            switch host {
            case "0.0.0.0": return try SocketAddress(ipAddress: "127.0.0.1", port: port)
            case "::": return try SocketAddress(ipAddress: "::1", port: port)
            default: return self
            }
        } catch {
            return self
        }
    }
}

extension TimeAmount {
    var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension Logger {
    /// The same logger under another label, which tells the part of the server.
    func labelled(_ label: String) -> Logger {
        var logger = Logger(label: label)
        logger.logLevel = logLevel
        return logger
    }
}
