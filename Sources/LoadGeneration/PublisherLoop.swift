import FLV
import NIOCore
import RTMP

/// All publishers, on a thread of their own, so that viewers do not make them late.
final class PublisherLoop {
    private let board: RunBoard
    private let poller: Poller
    private let publishers: [Publisher]
    private var counters = RunBoard.PublisherCounters()
    private var nextReport: UInt64 = 0

    private static let reportNanoseconds: UInt64 = 200_000_000
    private static let lateNanoseconds: UInt64 = 20_000_000
    private static let receiveBytes = 16 << 10

    init(_ plan: LoadPlan, _ board: RunBoard) throws(ScanError) {
        self.board = board
        poller = try Poller()
        let now = ViewerLoop.now()
        publishers = plan.publications.enumerated().map { number, publication in
            Publisher(publication, number: number, at: now)
        }
    }

    /// Runs; returns when the board says that it is over.
    func run() {
        for (index, publisher) in publishers.enumerated() { connect(publisher, index) }
        while board.phase != .over {
            let now = ViewerLoop.now()
            var next = now + 5_000_000
            for publisher in publishers where publisher.isPublishing { next = min(next, publish(publisher, at: now)) }
            if now >= nextReport {
                nextReport = now + Self.reportNanoseconds
                counters.publishing = publishers.count(where: \.isPublishing)
                board.report(counters)
            }
            // A millisecond late is no harm, because the clock is read at sending; less would be a spin.
            let wait = next > now ? Int((next - now) / 1_000_000) : 0
            poller.wait(milliseconds: min(max(wait, 1), 5)) { index, ready in handle(publishers[index], index, ready) }
        }
        for publisher in publishers { finish(publisher) }
    }

    private func connect(_ publisher: Publisher, _ index: Int) {
        do throws(ScanError) {
            let socket = try ClientSocket(to: publisher.address, ordinal: 0, isSlow: false)
            publisher.socket = socket
            poller.add(socket.descriptor, token: index, .writing)
        } catch {
            fail(publisher, error.description)
        }
    }

    private func fail(_ publisher: Publisher, _ reason: String) {
        publisher.socket?.close()
        publisher.socket = nil
        publisher.isPublishing = false
        counters.failures[counters.failures.count < LoadCounters.reasonsMax ? reason : "other reasons", default: 0] += 1
    }

    private func handle(_ publisher: Publisher, _ index: Int, _ ready: Poller.Interest) {
        guard let socket = publisher.socket else { return }
        if publisher.isConnecting {
            if let error = socket.connectError { return fail(publisher, "connecting: \(error)") }
            publisher.isConnecting = false
            publisher.session.start()
            poller.change(socket.descriptor, token: index, .reading)
        } else if ready != .writing {
            var bytes = ByteBuffer()
            switch socket.receive(into: &bytes, max: Self.receiveBytes) {
            case .nothing: break
            case .closed: return fail(publisher, "the server closed the publisher's connection")
            case .failed(let reason): return fail(publisher, reason)
            case .bytes: publisher.session.receive(bytes, at: .now())
            }
        }
        advance(publisher)
    }

    /// Sends what is due. - Returns: when the next tag is due.
    private func publish(_ publisher: Publisher, at now: UInt64) -> UInt64 {
        while publisher.nextTime <= now {
            let tag = publisher.nextTag
            var body = tag.body
            if tag.type == .script { body = ScriptData.settingDataFrame(body) }
            let stamp = FrameStamp(nanoseconds: ViewerLoop.now(), number: publisher.frames)
            if let stamped = PublishedStream.stamped(tag, stamp) {
                body = stamped
                publisher.frames &+= 1
                counters.frames += 1
                if now - publisher.nextTime > Self.lateNanoseconds { counters.late += 1 }
            }
            counters.bytes += body.readableBytes
            publisher.session.write(
                MessageTypeID(rawValue: tag.type.rawValue), timestamp: tag.timestamp, payload: body)
            advance(publisher)
            publisher.takeNextTag()
        }
        return publisher.nextTime
    }

    private func advance(_ publisher: Publisher) {
        while publisher.socket != nil {
            do throws(RTMPError) {
                guard let action = try publisher.session.nextAction() else { return }
                perform(action, publisher)
            } catch  where error.scope != .connection {
                continue
            } catch {
                return fail(publisher, "RTMP: \(error)")
            }
        }
    }

    private func perform(_ action: RTMPClientAction, _ publisher: Publisher) {
        switch action {
        case .send(var bytes):
            if publisher.outbound.readableBytes == 0 {
                publisher.outbound = bytes
            } else {
                publisher.outbound.writeBuffer(&bytes)
            }
            guard let socket = publisher.socket, socket.send(from: &publisher.outbound) else {
                return fail(publisher, "the server closed the publisher's connection")
            }
            if publisher.outbound.readableBytes > Publisher.outboundBytesMax {
                fail(publisher, "the server takes the stream more slowly than it is published")
            }
        case .publishing: publisher.begin(at: ViewerLoop.now())
        case .rejected(let code, let description): fail(publisher, "refused: \(code): \(description)")
        case .close(let error):
            fail(publisher, error.map { "RTMP: \($0)" } ?? "the server ended the publication")
        case .connected, .playing, .media, .status, .streamEnded, .reconnectRequested: return
        }
    }

    /// Ends a publication in good order, so that the server need not wait for a return.
    private func finish(_ publisher: Publisher) {
        publisher.session.stop()
        do throws(RTMPError) {
            if case .send(let bytes)? = try publisher.session.nextAction() {
                publisher.outbound.writeImmutableBuffer(bytes)
            }
        } catch {
            publisher.outbound.clear()
        }
        // Best effort: the connection's end says the same.
        _ = publisher.socket?.send(from: &publisher.outbound)
        publisher.socket?.close()
        publisher.socket = nil
    }
}

/// One publisher.
private final class Publisher {
    let address: ServerAddress
    var session: RTMPClientSession
    var socket: ClientSocket?
    var outbound = ByteBuffer()
    var isConnecting = true
    var isPublishing = false
    var frames: UInt32 = 0
    private(set) var nextTag: FLVTag
    private(set) var nextTime: UInt64 = 0
    private var stream: PublishedStream
    private var start: UInt64 = 0
    private let delay: UInt64
    /// The tag's time without wrapping, in milliseconds.
    private var unwrapped: UInt64 = 0

    /// What may wait for a server that reads slowly.
    static let outboundBytesMax = 8 << 20
    /// Publishers begin one after the other, so that their pictures do not come all at once.
    private static let staggerNanoseconds: UInt64 = 1_700_000

    init(_ publication: LoadPlan.Publication, number: Int, at now: UInt64) {
        address = publication.address
        stream = publication.source
        delay = UInt64(number) * Self.staggerNanoseconds
        nextTag = stream.next()
        let url: RTMPURL =
            if case .rtmp(let url) = publication.target.transport { url } else {
                RTMPURL(host: publication.target.host, app: "", streamName: "")
            }
        let random = (0..<RTMPClientSession.handshakeRandomBytes).map { UInt8(truncatingIfNeeded: ($0 + number) * 167) }
        session = RTMPClientSession(
            configuration: RTMPClientSession.Configuration(url: url, purpose: .publish(.live)), randomBytes: random,
            now: .uptimeNanoseconds(now))
    }

    func begin(at now: UInt64) {
        start = now + delay
        nextTime = start
        isPublishing = true
    }

    func takeNextTag() {
        let last = nextTag.timestamp
        nextTag = stream.next()
        unwrapped += UInt64(max(0, Int32(bitPattern: nextTag.timestamp &- last)))
        nextTime = start + unwrapped * 1_000_000
    }
}
