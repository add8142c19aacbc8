import FLV
import FanOut
import HTTPTransport
import HTTPTypes
import Hummingbird
import Logging
import MediaCore
import MediaTesting
import NIOCore
import NIOPosix
import Testing

/// A server of HTTP alone, on a free port of this process, with an application of two resources behind it.
final class HTTPServerHarness: Sendable {
    let registry: StreamRegistry
    let admission = ConnectionAdmission(connectionsMax: 1000, connectionsPerAddressMax: 1000)
    let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let listener: ConnectionListener

    init(
        http: HTTPConfiguration = HTTPConfiguration(), registry: StreamRegistry.Configuration = .init(),
        resources: [any HTTPResourceProvider] = [], pieces: EndlessBody? = nil
    ) async throws {
        self.registry = StreamRegistry(configuration: registry)
        group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("number/:number") { _, context in try context.parameters.require("number") }
        router.post("length") { request, _ in
            var request = request
            return "\(try await request.collectBody(upTo: 1 << 20).readableBytes)"
        }
        router.get("words") { _, _ in TestBody.words() }
        router.get("short") { _, _ in TestBody.tooShort() }
        router.get("endless") { _, _ in try pieces.map { try $0.response() } ?? Response(status: .notFound) }
        let service = HTTPService(
            configuration: http, registry: self.registry, fanOut: FanOutLoops(group: group), admission: admission,
            group: group, logger: logger, resources: resources, responder: router.buildResponder())
        listener = try await HTTPListener.bind(
            to: SocketAddress(ipAddress: "127.0.0.1", port: 0), group: group, service: service)
        port = listener.localAddress?.port ?? 0
    }

    func shutDown() async throws {
        await listener.close()
        try await group.shutdownGracefully()
    }

    func connect(receiveBytes: CInt? = nil) throws -> HTTPTestClient {
        HTTPTestClient(try TestSocket(port: port, receiveBytes: receiveBytes))
    }

    /// Asks on a connection of its own and reads the whole answer.
    func answer(_ method: String, _ target: String, _ fields: String...) throws -> HTTPTestClient.Answer {
        let client = try connect()
        try client.ask(method, target, fields: fields + ["Connection: close"])
        return try client.answer(isHead: method == "HEAD")
    }

    func publish(_ stream: String = "a") throws -> TestPublication {
        let name = try StreamName(application: "live", stream: stream)
        let publisher = PublisherInfo(address: "192.0.2.1:5000", transport: "test")
        return TestPublication(publication: try registry.publish(name, by: publisher, at: .now()))
    }

    /// Waits until something that another thread brings about is so.
    func eventually(_ condition: () throws -> Bool) async throws -> Bool {
        for _ in 0..<500 {
            if try condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try condition()
    }
}

/// A publisher inside the process, of tags that can be told apart.
struct TestPublication {
    let publication: Publication

    func send(_ tags: [FLVTag]) {
        for tag in tags { publication.receive(tag.type, timestamp: tag.timestamp, body: tag.body, at: .now()) }
    }

    func end() {
        publication.end(clean: true, at: .now())
    }
}

extension FLVTag {
    static let headers: [FLVTag] = [
        FLVTag(
            type: .video, timestamp: 0,
            body: ByteBuffer(bytes: [
                0x17, 0, 0, 0, 0, 1, 0x42, 0xC0, 0x1E, 0xFF, 0xE1, 0, 4, 0x67, 0x42, 0xC0, 0, 1, 0, 1,
            ])),
        FLVTag(type: .audio, timestamp: 0, body: ByteBuffer(bytes: [0xAF, 0, 0x12, 0x10])),
    ]

    /// Video and audio in turn, 20 ms apart; every 20th is a keyframe. The body tells the number.
    static func frames(_ numbers: Range<UInt32>, count: Int = 300) -> [FLVTag] {
        numbers.map { number in
            let isVideo = number % 2 == 0
            var body = ByteBuffer(bytes: isVideo ? [number % 20 == 0 ? 0x17 : 0x27, 1, 0, 0, 0] : [0xAF, 1])
            body.writeInteger(number)
            body.writeRepeatingByte(UInt8(truncatingIfNeeded: number), count: count)
            return FLVTag(type: isVideo ? .video : .audio, timestamp: number * 20, body: body)
        }
    }
}

/// Runs each test on a thread of its own: clients here block.
struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(BlockingExecutor()) { try await body() }
    }
}

extension Trait where Self == OwnThread {
    static var ownThread: OwnThread { OwnThread() }
}
