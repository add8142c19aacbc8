import AMF
import MediaTesting
import NIOCore
import RTMP
import Testing

private func named(_ name: String) -> [UInt8] {
    [0, UInt8(name.utf8.count)] + Array(name.utf8)
}

private func event(_ number: UInt8, _ data: [UInt8] = []) -> [UInt8] {
    [number, 0, 0, 0, UInt8(data.count)] + data
}

/// The object "so" at version 3 with two flags.
private func object(_ events: [UInt8], flags: [UInt8] = [0, 0, 0, 2, 0, 0, 0, 0]) -> [UInt8] {
    chunkBytes(named("so"), [0, 0, 0, 3], flags, events)
}

private let number1: [UInt8] = [0, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0]
private let stringHi: [UInt8] = [2, 0, 2, 0x68, 0x69]

private let vectors: [(SharedObjectMessage.Event, [UInt8])] = [
    (.use, event(1)),
    (.release, event(2)),
    (.requestChange([.init(name: "a", value: .number(1))]), event(3, named("a") + number1)),
    (
        .change([.init(name: "a", value: .number(1)), .init(name: "b", value: .string("hi"))]),
        event(4, chunkBytes(named("a"), number1, named("b"), stringHi))
    ),
    (.success(["a", "b"]), event(5, named("a") + named("b"))),
    (.sendMessage([.string("hi"), .number(1)]), event(6, stringHi + number1)),
    (
        .status(code: "SharedObject.BadPersistence", level: "error"),
        event(7, named("SharedObject.BadPersistence") + named("error"))
    ),
    (.clear, event(8)),
    (.remove(["a"]), event(9, named("a"))),
    (.requestRemove(["a"]), event(10, named("a"))),
    (.useSuccess, event(11)),
    (.unknown(12, ByteBuffer(bytes: [9])), event(12, [9])),
]

private func parse(_ bytes: [UInt8], _ typeID: MessageTypeID = .sharedObjectAMF0) throws -> SharedObjectMessage? {
    try SharedObjectMessage(message(typeID, 0, bytes))
}

@Suite("Shared object messages: RTMP 1.0, 7.1.3")
struct SharedObjectMessageTests {
    @Test("Every event is read, and survives what is cut or damaged", arguments: vectors)
    func events(_ expected: SharedObjectMessage.Event, _ bytes: [UInt8]) throws {
        let parsed = try verifyOneShot(object(bytes)) { buffer in
            try SharedObjectMessage(
                RTMPMessage(typeID: .sharedObjectAMF0, streamID: .connection, timestamp: 0, payload: buffer))
        }
        #expect(parsed?.events == [expected])
        #expect(parsed?.name == "so")
        #expect(parsed?.version == 3)
        #expect(parsed?.isPersistent == true)
    }

    @Test("Several events, or none, in one message")
    func severalEvents() throws {
        #expect(try parse(object(vectors.flatMap(\.1)))?.events == vectors.map(\.0))
        let none = try parse(object([], flags: [0, 0, 0, 0, 0, 0, 0, 7]))
        #expect(none?.events == [])
        #expect(none?.isPersistent == false)
        #expect(none?.flags == [0, 7])
    }

    @Test("The AMF 3 form has a byte in front and values behind the avmplus marker")
    func amf3() throws {
        let change = event(4, named("a") + [0x11, 0x04, 0x05])
        #expect(
            try parse([0] + object(change), .sharedObjectAMF3)?.events
                == [.change([.init(name: "a", value: .amf3(.integer(5)))])])
        let error = #expect(throws: RTMPError.self) { try parse([3] + object(change), .sharedObjectAMF3) }
        #expect(error?.code == .malformedMessage)
    }

    @Test("Messages of other types are none of these")
    func otherType() throws {
        #expect(try parse(object([]), .dataAMF0) == nil)
    }

    @Test(
        "Malformed messages harm nothing else",
        arguments: [
            [], Array(object([]).dropLast()), object([1, 0, 0, 0]), object([1, 0, 0, 0, 9]),
            object([1, 0xFF, 0xFF, 0xFF, 0xFF]), object(event(3, named("a"))), object(event(4, [0, 9, 1])),
            object(event(5, [0])), object(event(6, [0xFE])), object(event(7, named("code"))), object(event(9, [0, 1])),
        ] as [[UInt8]])
    func malformed(_ bytes: [UInt8]) {
        let error = #expect(throws: RTMPError.self) { try parse(bytes) }
        #expect(error?.code == .malformedMessage)
        #expect(error?.scope == .ignore)
    }

    @Test("As many events as the limit and no more")
    func eventCount() throws {
        let events = Array(repeatElement(event(1), count: SharedObjectMessage.eventsMax).joined())
        #expect(try parse(object(events))?.events.count == SharedObjectMessage.eventsMax)
        let error = #expect(throws: RTMPError.self) { try parse(object(events + event(1))) }
        #expect(error?.code == .limitExceeded)
    }

    @Test("As many names as the limit and no more")
    func nameCount() throws {
        let count = SharedObjectMessage.eventsMax
        let remove = { (count: Int) -> [UInt8] in
            [9] + withUnsafeBytes(of: UInt32(count * 2).bigEndian) { Array($0) }
                + [UInt8](repeating: 0, count: count * 2)
        }
        #expect(try parse(object(remove(count)))?.events == [.remove(Array(repeating: "", count: count))])
        let error = #expect(throws: RTMPError.self) { try parse(object(remove(count + 1))) }
        #expect(error?.code == .limitExceeded)
    }
}
