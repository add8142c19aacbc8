import NIOCore
import NIOPosix
import NIOSSL
import RTMPClient

/// A TCP or TLS connection whose arrivals are read by one reader, at its pace.
struct WebConnection<Part: Sendable>: Sendable {
    let channel: any Channel
    private let buffer: ArrivalBuffer<Part, SourceError>
    private let lifeline: Lifeline

    /// Connects.
    ///
    /// - Parameters:
    ///   - url: host and port.
    ///   - options: times, and whom to trust.
    ///   - lifeline: hears of what comes, and can close the connection.
    ///   - loop: where the connection lives.
    ///   - byteCount: the bytes that a part holds.
    ///   - configure: adds what stands between bytes and parts.
    static func open(
        _ url: WebURL, options: SourceOptions, lifeline: Lifeline, on loop: any EventLoop,
        byteCount: @escaping @Sendable (Part) -> Int,
        configure: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) async throws(SourceError) -> WebConnection {
        let context = try url.isSecure ? tlsContext(options.trust) : nil
        let buffer = ArrivalBuffer<Part, SourceError>(
            bytesMax: SourceOptions.receiveBufferBytesMax, cancelled: .cancelled, byteCount: byteCount)
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(options.stallTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        do {
            let channel = try await bootstrap.connect(host: url.host, port: url.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context {
                        let name = url.isAddress ? nil : url.host
                        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
                    }
                    try configure(channel)
                    try pipeline.addHandler(ArrivalHandler(buffer: buffer, lifeline: lifeline, url: url))
                    return channel
                }
            }
            lifeline.add(channel)
            return WebConnection(channel: channel, buffer: buffer, lifeline: lifeline)
        } catch {
            throw SourceError(error, url)
        }
    }

    private static func tlsContext(_ trust: RTMPClientOptions.Trust) throws(SourceError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        switch trust {
        case .system: break
        case .authorities(let path): configuration.trustRoots = .file(path)
        case .anyone: configuration.certificateVerification = .none
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SourceError("TLS cannot be set up: \(error)", isTransient: false)
        }
    }

    /// The next part; nil when the connection has ended.
    func next() async throws(SourceError) -> Part? {
        do {
            guard let (part, reading) = try await buffer.next() else { return nil }
            if case .resumes = reading { channel.setOption(.autoRead, value: true).whenComplete { _ in } }
            return part
        } catch {
            throw lifeline.isStalled
                ? SourceError("nothing came any more; the connection is given up", isTransient: true) : error
        }
    }

    /// Sends. What cannot be sent any more is told by ``next()``.
    func send<Message: Sendable>(_ message: Message) {
        channel.writeAndFlush(message, promise: nil)
    }

    func close() {
        channel.close(promise: nil)
    }
}

/// Puts what arrives into the buffer, and stops reading when that is full.
private final class ArrivalHandler<Part: Sendable>: ChannelInboundHandler {
    typealias InboundIn = Part

    private let buffer: ArrivalBuffer<Part, SourceError>
    private let lifeline: Lifeline
    private let url: WebURL

    init(buffer: ArrivalBuffer<Part, SourceError>, lifeline: Lifeline, url: WebURL) {
        self.buffer = buffer
        self.lifeline = lifeline
        self.url = url
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lifeline.touch(at: .now())
        if case .stops = buffer.append(unwrapInboundIn(data)) {
            context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        buffer.finish(nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Many servers end without TLS's farewell; whether the body was whole, its length tells.
        if case NIOSSLError.uncleanShutdown = error {
            buffer.finish(nil)
        } else {
            buffer.finish(SourceError(error, url))
        }
        context.close(promise: nil)
    }
}

extension WebURL {
    /// An address is no name that a client may ask TLS for. Specification: RFC 6066, 3.
    fileprivate var isAddress: Bool {
        host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
    }
}

extension SourceError {
    /// What connecting threw, or what the connection failed with.
    init(_ error: any Error, _ url: WebURL) {
        if let failure = TLSFailure(error, host: url.host, server: url.authority, scheme: "https") {
            self.init(failure.description, isTransient: false)
            return
        }
        switch error {
        case let error as SourceError: self = error
        case let error as NIOConnectionError: self.init(failures: error, url)
        case ChannelError.connectTimeout:
            self.init("\(url.authority) does not answer; check the address", isTransient: true)
        case is CancellationError: self = .cancelled
        default: self.init("the connection to \(url.authority) broke: \(error)", isTransient: true)
        }
    }

    private init(failures: NIOConnectionError, _ url: WebURL) {
        guard let first = failures.connectionErrors.first?.error else {
            self.init("there is no host named \(url.host); check the name, and the network", isTransient: true)
            return
        }
        switch first {
        case let error as IOError where error.isRefusal:
            self.init(
                "nobody listens at \(url.authority); check the port, and whether the server runs", isTransient: true)
        default: self.init("\(url.authority) cannot be reached: \(first)", isTransient: true)
        }
    }
}
