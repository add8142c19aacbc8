import AMF
import MediaTesting
import NIOCore
import RTMP
import Testing

@Suite("Command messages, RTMP 1.0, 7.1.1")
struct CommandTests {
    static let commands: [Command] = [
        Command(.createStream, transactionID: 4),
        Command(.publish, transactionID: 5, arguments: [.string("cam?key=k"), .string("live")]),
        Command(.connect, transactionID: 1, commandObject: .object(["app": .string("live"), "capsEx": .number(15)])),
        Command(.onStatus, arguments: [.object(["code": .string("NetStream.Play.Start")])]),
        Command(CommandName(rawValue: "любой"), transactionID: -0.5, commandObject: .undefined, arguments: [.null]),
    ]

    @Test(arguments: commands)
    func whatIsWrittenIsReadAndDamageDoesNotTrap(command: Command) throws {
        let bytes = Array(payload(command).readableBytesView)
        let read = try verifyOneShot(bytes) { buffer in
            try Command(from: RTMPMessage(typeID: .commandAMF0, streamID: .one, timestamp: 0, payload: buffer))
        }
        #expect(read == command)
    }

    @Test(arguments: [[0x00], []] as [[UInt8]])
    func typeSeventeenIsReadWithAndWithoutItsLeadingZero(prefix: [UInt8]) throws {
        let command = Self.commands[1]
        var bytes = ByteBuffer(bytes: prefix)
        bytes.writeImmutableBuffer(payload(command))
        #expect(try Command(from: message(.commandAMF3, bytes)) == command)
    }

    @Test func argumentsInAMF3BecomeAMF0() throws {
        let object = AMF3Object(dynamic: [
            AMF3Property(name: "streamName", value: .string("cam")), AMF3Property(name: "start", value: .integer(-2)),
        ])
        let array = AMF3Array(dense: [.boolean(true), .double(0.5), .null, .undefined])
        let bytes = payload(
            .string("play2"), .number(0), .null, .amf3(.object(object)), .amf3(.array(array)), .amf3(.string("s")))
        let command = try Command(from: message(.commandAMF3, bytes))
        #expect(
            command.arguments == [
                .object(["streamName": .string("cam"), "start": .number(-2)]),
                .strictArray([.boolean(true), .number(0.5), .null, .undefined]), .string("s"),
            ])
    }

    @Test func whatIsMissingBehindTheNameIsEmpty() throws {
        let command = try Command(from: message(.commandAMF0, payload(.string("createStream"))))
        #expect(command == Command(.createStream))
        #expect(command.argument(0) == nil && command.argument(-1) == nil)
    }

    @Test(
        arguments: [
            [], [0x05], [0x02, 0x00], [0x02, 0xFF, 0xFF, 0x41], [0x00, 0, 0, 0, 0, 0, 0, 0, 0],
            [0x02, 0, 1, 0x61, 0x12],
        ] as [[UInt8]])
    func whatIsNoCommandCostsOnlyItself(bytes: [UInt8]) {
        #expect {
            try Command(from: message(.commandAMF0, ByteBuffer(bytes: bytes)))
        } throws: { error in
            (error as? RTMPError)?.code == .malformedCommand && (error as? RTMPError)?.scope == .ignore
        }
    }

    private func message(_ typeID: MessageTypeID, _ payload: ByteBuffer) -> RTMPMessage {
        RTMPMessage(typeID: typeID, streamID: .one, timestamp: 0, payload: payload)
    }
}

@Suite("Status, RTMP 1.0, 7.2.2")
struct StatusTests {
    @Test func levelFollowsFromTheCode() {
        #expect(StatusCode.publishStart.level == .status)
        #expect(StatusCode.publishBadName.level == .error)
        #expect(StatusCode.playInsufficientBandwidth.level == .warning)
        #expect(StatusCode(rawValue: "Some.Thing.New").level == .status)
    }

    @Test func eventBecomesItsObjectAndBack() {
        let event = StatusEvent(.playStart, description: "Playing.", properties: ["details": .string("cam")])
        #expect(
            event.value
                == .object([
                    "level": .string("status"), "code": .string("NetStream.Play.Start"),
                    "description": .string("Playing."), "details": .string("cam"),
                ]))
        #expect(StatusEvent(event.value) == event)
    }

    @Test(arguments: [nil, .null, .string("x"), .object([:]), .object(["code": .number(1)])] as [AMF0Value?])
    func whatIsNoInformationObjectIsEmpty(value: AMF0Value?) {
        let event = StatusEvent(value)
        #expect(event.code.rawValue.isEmpty && event.level == .status && event.description.isEmpty)
    }

    @Test func levelOfThePeerStands() {
        let value = AMF0Value.object(["level": .string("error"), "code": .string("NetStream.Play.Start")])
        #expect(StatusEvent(value).level == .error)
    }
}
