import AMF
import NIOCore

/// A command's name. Specification: RTMP 1.0, 7.2; those with a capital come from Flash Media Live Encoder.
public struct CommandName: RawRepresentable, Hashable, Sendable {
    /// The name on the wire.
    public var rawValue: String

    /// - Parameter rawValue: the name on the wire.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// 7.2.1.1.
    public static let connect = CommandName(rawValue: "connect")
    /// 7.2.1.3.
    public static let createStream = CommandName(rawValue: "createStream")
    /// A successful answer, 7.2.1.
    public static let result = CommandName(rawValue: "_result")
    /// A failed answer, 7.2.1.
    public static let error = CommandName(rawValue: "_error")
    /// A notice about a stream or the connection, 7.2.2.
    public static let onStatus = CommandName(rawValue: "onStatus")
    /// 7.2.2.1.
    public static let play = CommandName(rawValue: "play")
    /// 7.2.2.2.
    public static let play2 = CommandName(rawValue: "play2")
    /// 7.2.2.3.
    public static let deleteStream = CommandName(rawValue: "deleteStream")
    /// Ends what a message stream does and keeps the stream; sent by Flash's NetStream.close.
    public static let closeStream = CommandName(rawValue: "closeStream")
    /// 7.2.2.4.
    public static let receiveAudio = CommandName(rawValue: "receiveAudio")
    /// 7.2.2.5.
    public static let receiveVideo = CommandName(rawValue: "receiveVideo")
    /// 7.2.2.6.
    public static let publish = CommandName(rawValue: "publish")
    /// 7.2.2.7.
    public static let seek = CommandName(rawValue: "seek")
    /// 7.2.2.8.
    public static let pause = CommandName(rawValue: "pause")
    /// Flash Player 10's spelling of pause.
    public static let pauseRaw = CommandName(rawValue: "pauseRaw")
    /// Frees a stream name before publishing.
    public static let releaseStream = CommandName(rawValue: "releaseStream")
    /// Announces a publication.
    public static let fcPublish = CommandName(rawValue: "FCPublish")
    /// Announces the end of a publication.
    public static let fcUnpublish = CommandName(rawValue: "FCUnpublish")
    /// Asks an edge server for a stream.
    public static let fcSubscribe = CommandName(rawValue: "FCSubscribe")
    /// The server's answer to ``fcPublish``.
    public static let onFCPublish = CommandName(rawValue: "onFCPublish")
    /// The server's answer to ``fcUnpublish``.
    public static let onFCUnpublish = CommandName(rawValue: "onFCUnpublish")
    /// Asks for a recording's length; librtmp and Flash send it before play.
    public static let getStreamLength = CommandName(rawValue: "getStreamLength")
    /// Asks for a bandwidth measurement; librtmp sends it.
    public static let checkBandwidth = CommandName(rawValue: "_checkbw")
    /// The server ends the connection.
    public static let close = CommandName(rawValue: "close")
}

/// A command message. Specification: RTMP 1.0, 7.1.1 and 7.2.
public struct Command: Sendable, Equatable {
    /// What is asked, or `_result`, `_error`, `onStatus`.
    public var name: CommandName
    /// Pairs an answer with its question; 0 asks for no answer.
    public var transactionID: Double
    /// Properties of the command, null for most.
    public var commandObject: AMF0Value
    /// What follows the command object.
    public var arguments: [AMF0Value]

    /// Makes a command; see the properties.
    public init(
        _ name: CommandName, transactionID: Double = 0, commandObject: AMF0Value = .null, arguments: [AMF0Value] = []
    ) {
        self.name = name
        self.transactionID = transactionID
        self.commandObject = commandObject
        self.arguments = arguments
    }

    /// The argument at `index`; nil when the peer sent fewer.
    public func argument(_ index: Int) -> AMF0Value? {
        arguments.indices.contains(index) ? arguments[index] : nil
    }
}

extension Command {
    /// Decodes the payload of a command message.
    ///
    /// - Parameters:
    ///   - message: of type 20, or of type 17, whose values stand behind one byte of 0 (AMF 3 commands use AMF 0 until
    ///     an avmplus-object marker). Values in AMF 3 arrive as their AMF 0 counterparts, so that callers know one kind.
    ///   - limits: on depth, values and bytes.
    /// - Throws: `malformedCommand`, which costs only this message.
    /// Specification: RTMP 1.0, 7.1.1; AMF 3, 4.1.
    public init(from message: RTMPMessage, limits: AMFLimits = .command) throws(RTMPError) {
        var payload = message.payload
        // Some encoders leave out the byte of 0 in front of a type 17 command and begin with the string's marker.
        if message.typeID == .commandAMF3, payload.getInteger(at: payload.readerIndex, as: UInt8.self) == 0 {
            payload.moveReaderIndex(forwardBy: 1)
        }
        let values: [AMF0Value]
        do {
            values = try AMF0Value.decodeAll(from: &payload, limits: limits)
        } catch {
            throw RTMPError(.malformedCommand, scope: .ignore, "\(error)")
        }
        guard case .string(let name)? = values.first?.asAMF0 else {
            throw RTMPError(.malformedCommand, scope: .ignore, "a command begins with its name")
        }
        self.init(CommandName(rawValue: name))
        // Kindness to hand-made clients: a missing transaction id is 0, a missing command object null.
        transactionID = values.count > 1 ? values[1].asAMF0.number ?? 0 : 0
        commandObject = values.count > 2 ? values[2].asAMF0 : .null
        arguments = values.dropFirst(3).map(\.asAMF0)
    }

    /// The values in AMF 0.
    public func write(into payload: inout ByteBuffer) {
        AMF0Value.string(name.rawValue).write(into: &payload)
        AMF0Value.number(transactionID).write(into: &payload)
        commandObject.write(into: &payload)
        for argument in arguments { argument.write(into: &payload) }
    }
}

extension AMFLimits {
    /// For one command: 64 KiB and 1024 values. The largest command is connect, with 2 KB and 40 values at most.
    public static let command = AMFLimits(depthMax: 16, valuesMax: 1024, bytesMax: 64 << 10)
}
