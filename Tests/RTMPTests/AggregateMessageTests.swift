import MediaTesting
import NIOCore
import RTMP
import Testing

/// One message as it lies in an aggregate.
private func tag(
    _ typeID: UInt8, _ timestamp: UInt32, _ payload: [UInt8], stream: UInt8 = 0, hasBackPointer: Bool = true
) -> [UInt8] {
    let length = UInt8(payload.count)
    let time = withUnsafeBytes(of: timestamp.bigEndian) { Array($0) }
    let header = [typeID, 0, 0, length, time[1], time[2], time[3], time[0], 0, 0, stream]
    return chunkBytes(header, payload, hasBackPointer ? [0, 0, 0, length + 11] : [])
}

private func split(_ payload: [UInt8], at timestamp: UInt32 = 1000) throws(RTMPError) -> [RTMPMessage] {
    try AggregateMessage.split(message(.aggregate, timestamp, payload))
}

@Suite("Aggregate messages: RTMP 1.0, 7.1.6")
struct AggregateMessageTests {
    @Test("Messages get the aggregate's stream and its time plus their distance from the first")
    func messagesAreRebased() throws {
        let bytes = chunkBytes(tag(8, 50, [1]), tag(9, 70, [2, 3], stream: 9), tag(18, 45, []))
        let messages = try verifyOneShot(bytes) { buffer in
            try AggregateMessage.split(
                RTMPMessage(
                    typeID: .aggregate, streamID: MessageStreamID(rawValue: 1), timestamp: 1000, payload: buffer))
        }
        #expect(messages == [message(.audio, 1000, [1]), message(.video, 1020, [2, 3]), message(.dataAMF0, 995, [])])
    }

    @Test("Times use all 32 bits and wrap")
    func timesWrap() throws {
        let bytes = tag(8, 0xFFFF_FFF0, [1]) + tag(8, 0x10, [2])
        #expect(try split(bytes, at: 5).map(\.timestamp) == [5, 0x25])
        #expect(try split(bytes, at: 0xFFFF_FFF0).map(\.timestamp) == [0xFFFF_FFF0, 0x10])
    }

    @Test("The last back pointer may be missing or cut", arguments: 0...4)
    func lastBackPointer(_ missing: Int) throws {
        #expect(try split(Array((tag(8, 0, [1]) + tag(9, 5, [2])).dropLast(missing))).count == 2)
    }

    @Test("An empty aggregate holds nothing")
    func empty() throws {
        #expect(try split([]).isEmpty)
    }

    @Test("Messages that end outside the aggregate are malformed", arguments: [1, 5, 10, 12])
    func cut(_ length: Int) {
        let error = #expect(throws: RTMPError.self) { try split(Array(tag(8, 0, [1, 2]).prefix(length))) }
        #expect(error?.code == .malformedMessage)
        #expect(error?.scope == .ignore)
    }

    @Test("An aggregate inside an aggregate is refused")
    func nested() {
        let error = #expect(throws: RTMPError.self) { try split(tag(22, 0, tag(8, 0, []))) }
        #expect(error?.code == .malformedMessage)
    }

    @Test("As many messages as the limit and no more")
    func count() throws {
        let atLimit = Array(repeatElement(tag(8, 0, []), count: AggregateMessage.messagesMax).joined())
        #expect(try split(atLimit).count == AggregateMessage.messagesMax)
        let error = #expect(throws: RTMPError.self) { try split(atLimit + tag(8, 0, [])) }
        #expect(error?.code == .limitExceeded)
    }
}
