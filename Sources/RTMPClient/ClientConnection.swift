import FLV
import NIOCore
import NIOPosix
import NIOSSL
import RTMP

/// One connection to a server, for one stream; what publisher and player have in common.
struct ClientConnection: Sendable {
    let channel: any Channel
    private let handler: NIOLoopBound<ClientChannelHandler>
    /// Fulfilled at the end; fails with why, unless this end closed.
    let ended: EventLoopFuture<Void>

    /// Connects, and waits until the server has accepted the stream.
    ///
    /// - Throws: ``RTMPClientError``; then nothing is left open.
    static func open(
        _ url: RTMPURL, _ purpose: RTMPClientSession.Purpose, options: RTMPClientOptions, on group: any EventLoopGroup,
        onEvent: @escaping @Sendable (RTMPClientEvent) -> Void = { _ in },
        onMedia: @escaping @Sendable (FLVTag) -> Bool = { _ in false }
    ) async throws(RTMPClientError) -> ClientConnection {
        guard !url.streamName.isEmpty else {
            throw RTMPClientError(
                .refused(.publishBadName), "\(url.redacted) names no stream: write rtmp://HOST/APP/STREAM")
        }
        let encryption = try encryption(for: url, trust: options.trust)
        let configuration = RTMPClientSession.Configuration(
            url: url, purpose: purpose, flashVersion: options.flashVersion, capabilities: options.capabilities,
            usesDigest: options.usesDigest)
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(options.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .writeBufferWaterMark,
                value: .init(low: options.sendBufferBytesMax / 2, high: options.sendBufferBytesMax))
        do {
            let connection = try await bootstrap.connect(host: url.host, port: url.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let encryption { try channel.pipeline.syncOperations.addHandler(encryption.makeHandler()) }
                    let session = RTMPClientSession(
                        configuration: configuration,
                        randomBytes: randomBytes(RTMPClientSession.handshakeRandomBytes),
                        now: .now())
                    let handler = ClientChannelHandler(
                        session: session, options: options, eventLoop: channel.eventLoop, onEvent: onEvent,
                        onMedia: onMedia)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return ClientConnection(channel: channel, handler: handler)
                }
            }
            try await connection.awaitAcceptance()
            return connection
        } catch let error as RTMPClientError {
            throw error
        } catch {
            throw RTMPClientError(connection: error, to: url)
        }
    }

    /// Eight at a time, since each draw asks the system.
    private static func randomBytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            withUnsafeBytes(of: UInt64.random(in: .min ... .max)) { bytes.append(contentsOf: $0) }
        }
        return Array(bytes.prefix(count))
    }

    private init(channel: any Channel, handler: ClientChannelHandler) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        ended = handler.ended.futureResult
        ready = handler.ready.futureResult
    }

    private let ready: EventLoopFuture<Void>

    private func awaitAcceptance() async throws {
        try await withTaskCancellationHandler {
            try await ready.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    // MARK: Asking the handler

    /// Sends tags; waits while more is written than the server takes.
    func send(_ tags: some Sequence<FLVTag> & Sendable) async throws(RTMPClientError) {
        do {
            if channel.eventLoop.inEventLoop {
                try await handler.value.send(tags)?.result().get()
            } else {
                try await channel.eventLoop.flatSubmit { [handler, channel] in
                    do {
                        return try handler.value.send(tags) ?? channel.eventLoop.makeSucceededVoidFuture()
                    } catch {
                        return channel.eventLoop.makeFailedFuture(error)
                    }
                }.result().get()
            }
        } catch let error as RTMPClientError {
            throw error
        } catch {
            throw RTMPClientError(.connectionLost, "the connection is closed (\(error))")
        }
    }

    /// Asks the handler something on its loop.
    func ask<Answer: Sendable>(_ question: @escaping @Sendable (ClientChannelHandler) -> Answer) async -> Answer? {
        do {
            if channel.eventLoop.inEventLoop { return question(handler.value) }
            return try await channel.eventLoop.submit { [handler] in question(handler.value) }.result().get()
        } catch {
            // The loop is shut down, and the connection with it.
            return nil
        }
    }

    /// Ends the stream in good order, and waits for the connection's end.
    func close() async {
        _ = await ask { $0.stop() }
        do { try await ended.get() } catch {
            // It had ended by itself before.
        }
    }

    // MARK: TLS

    /// What an rtmps connection begins with.
    private struct Encryption: Sendable {
        let context: NIOSSLContext
        let serverName: String?

        func makeHandler() throws -> NIOSSLClientHandler {
            try NIOSSLClientHandler(context: context, serverHostname: serverName)
        }
    }

    private static func encryption(
        for url: RTMPURL, trust: RTMPClientOptions.Trust
    ) throws(RTMPClientError) -> Encryption? {
        guard url.scheme == .rtmps else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        switch trust {
        case .system: break
        case .authorities(let path): configuration.trustRoots = .file(path)
        case .anyone: configuration.certificateVerification = .none
        }
        // An address is no name that a client may ask for. Specification: RFC 6066, 3.
        let isAddress = url.host.contains(":") || url.host.allSatisfy { $0.isNumber || $0 == "." }
        do {
            return Encryption(
                context: try NIOSSLContext(configuration: configuration), serverName: isAddress ? nil : url.host)
        } catch {
            throw RTMPClientError(.tlsFailed, "TLS cannot be set up: \(error)")
        }
    }
}

extension RTMPClientError {
    /// What connecting threw, or what the connection failed with.
    init(connection error: any Error, to url: RTMPURL) {
        let server = url.authority
        if let failure = TLSFailure(error, host: url.host, server: server, scheme: "rtmps") {
            self.init(.tlsFailed, failure.description)
            return
        }
        switch error {
        case let error as RTMPClientError: self = error
        case let error as NIOConnectionError: self.init(failures: error, to: url)
        case ChannelError.connectTimeout(let amount):
            self.init(
                .timedOut, "\(server) does not answer within \(amount.nanoseconds / 1_000_000_000) s; check the address"
            )
        case is CancellationError: self.init(.cancelled, "cancelled")
        default: self.init(.connectionLost, "the connection to \(server) broke: \(error)")
        }
    }

    private init(failures: NIOConnectionError, to url: RTMPURL) {
        guard let first = failures.connectionErrors.first?.error else {
            self.init(.hostNotFound, "there is no host named \(url.host); check the name, and the network")
            return
        }
        switch first {
        case ChannelError.connectTimeout: self.init(connection: first, to: url)
        case let error as IOError where error.errnoCode == connectionRefused:
            self.init(.unreachable, "nobody listens at \(url.authority); check the port, and whether the server runs")
        default:
            self.init(.unreachable, "\(url.authority) cannot be reached: \(first)")
        }
    }
}
