import Codecs
import FLV
import MediaCore
import NIOCore
import Testing

/// Writes down what it hears.
private final class Witness: StreamObserver {
    private let heard = Locked<[String]>([])

    /// What has been heard since the last call.
    func take() -> [String] {
        heard.withLock { heard in
            defer { heard = [] }
            return heard
        }
    }

    private func note(_ line: String) { heard.withLock { $0.append(line) } }

    func publicationBegan(_ publisher: PublisherInfo, isReturn: Bool, at now: NIODeadline) {
        note(isReturn ? "return of \(publisher.address)" : "begin of \(publisher.address)")
    }

    func received(_ frame: MediaFrame, _ notes: FrameNotes) {
        var words = ["\(frame.kind) \(frame.role) \(frame.decodeTime.milliseconds)"]
        words.append("came \(notes.arrival.uptimeNanoseconds / 1_000_000)")
        if let wire = notes.wireTimestamp { words.append("wire \(wire)") }
        if notes.isEntry { words.append("entry") }
        if let repair = notes.repair { words.append("\(repair)") }
        if notes.isPast { words.append("past") }
        note(words.joined(separator: ", "))
    }

    func publicationInterrupted(at now: NIODeadline) { note("interrupted") }
    func publicationEnded(at now: NIODeadline) { note("end") }
}

@Suite("observers of a stream")
struct StreamObserverTests {
    private let name: StreamName

    init() throws {
        name = try StreamName(urlPath: "live/x")
    }

    private static func at(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(UInt64(milliseconds) * 1_000_000)
    }

    private static func video(_ header: [UInt8]) -> ByteBuffer { ByteBuffer(bytes: header + [0, 0, 0, 0, 0, 1, 9]) }
    private static let key = video([0x17, 1])
    private static let delta = video([0x27, 1])

    @Test func hearPublicationsFramesAndTheirEnd() throws {
        let hub = StreamHub(name: name)
        let witness = Witness()
        let observation = try #require(hub.observe(witness))
        let publication = try hub.publish(.first, at: Self.at(0))
        publication.receive(.video, timestamp: 40, body: Self.key, at: Self.at(1000))
        publication.receive(.video, timestamp: 80, body: Self.delta, at: Self.at(1041))
        publication.end(clean: true, at: Self.at(1050))
        #expect(
            witness.take() == [
                "begin of 10.0.0.1:1000", "video key 40, came 1000, wire 40, entry",
                "video delta 80, came 1041, wire 80", "end",
            ])
        observation.leave()
        let second = try hub.publish(.second, at: Self.at(2000))
        second.receive(.video, timestamp: 0, body: Self.key, at: Self.at(2000))
        #expect(witness.take().isEmpty)
    }

    @Test func hearOfInterruptionsReturnsAndRepairs() throws {
        let hub = StreamHub(name: name)
        let witness = Witness()
        let observation = try #require(hub.observe(witness))
        let publication = try hub.publish(.first, at: Self.at(0))
        publication.receive(.video, timestamp: 50_000, body: Self.key, at: Self.at(1000))
        publication.receive(.video, timestamp: 1_000, body: Self.delta, at: Self.at(1040))
        publication.end(clean: false, at: Self.at(1050))
        let second = try hub.publish(.second, at: Self.at(1090))
        second.receive(.video, timestamp: 7, body: Self.key, at: Self.at(1100))
        let heard = witness.take()
        #expect(heard.filter { $0.hasPrefix("video") }.map { $0.contains("backwardJump") } == [false, true, false])
        #expect(heard.filter { !$0.hasPrefix("video") }.count == 3)
        #expect(heard.contains("interrupted"))
        #expect(heard.contains("return of 10.0.0.2:2000"))
        #expect(heard.last?.hasSuffix("entry, publisherReturn") == true)
        observation.leave()
    }

    @Test func lateOnesHearTheNewestGroupOfPicturesFirst() throws {
        let hub = StreamHub(name: name)
        let publication = try hub.publish(.first, at: Self.at(0))
        publication.receive(.video, timestamp: 0, body: Self.key, at: Self.at(1000))
        publication.receive(.video, timestamp: 40, body: Self.key, at: Self.at(1040))
        publication.receive(.video, timestamp: 80, body: Self.delta, at: Self.at(1085))
        let witness = Witness()
        let observation = try #require(hub.observe(witness))
        publication.receive(.video, timestamp: 120, body: Self.delta, at: Self.at(1120))
        #expect(
            witness.take() == [
                "begin of 10.0.0.1:1000", "video key 40, came 1045, entry, past", "video delta 80, came 1085, past",
                "video delta 120, came 1120, wire 120",
            ])
        observation.leave()
    }

    @Test func countAsAnAudience() throws {
        let hub = StreamHub(name: name)
        let publication = try hub.publish(.first, at: Self.at(0))
        let changes = Locked(0)
        publication.onAudienceChange { changes.withLock { $0 += 1 } }
        let observation = try #require(hub.observe(Witness()))
        #expect(publication.isWatched)
        observation.leave()
        observation.leave()
        #expect(!publication.isWatched)
        #expect(changes.withLock { $0 } == 2)
    }

    @Test func keepTheStreamInItsRegistry() throws {
        let registry = StreamRegistry()
        let told = Locked<[StreamName]>([])
        registry.onPublication { hub in told.withLock { $0.append(hub.name) } }
        let publication = try registry.publish(name, by: .first, at: Self.at(0))
        #expect(told.withLock { $0 } == [name])
        let observation = try #require(publication.hub.observe(Witness()))
        publication.end(clean: true, at: Self.at(10))
        registry.sweep(at: Self.at(20))
        #expect(registry.stream(named: name) === publication.hub)
        observation.leave()
        registry.sweep(at: Self.at(30))
        #expect(registry.stream(named: name) == nil)
    }
}
