import AMF
import NIOCore

/// Events of one shared object: a set of named values that clients of an application keep in step through the server.
/// Specification: RTMP 1.0, 7.1.3, which names the fields and draws them; their widths are Flash Media Server's.
public struct SharedObjectMessage: Sendable, Equatable {
    /// The most events in one message. A client joins, sets what changed and sends what it calls: a few at once.
    public static let eventsMax = 1024

    /// One change, request or answer. Specification: RTMP 1.0, 7.1.3, table of events.
    public enum Event: Sendable, Equatable {
        /// Event 1: the client wants the object.
        case use
        /// Event 2: the client does not need the object any more.
        case release
        /// Event 3: the client asks to set these values.
        case requestChange([AMF0Object.Property])
        /// Event 4: the server tells others that these values were set.
        case change([AMF0Object.Property])
        /// Event 5: the server tells the one who asked that these names were set.
        case success([String])
        /// Event 6: a method to be called at all clients: its name, then its arguments.
        case sendMessage([AMF0Value])
        /// Event 7: the server tells of an error.
        case status(code: String, level: String)
        /// Event 8: all values are gone.
        case clear
        /// Event 9: the server tells that these names are gone.
        case remove([String])
        /// Event 10: the client asks to remove these names.
        case requestRemove([String])
        /// Event 11: the server gives the client the object.
        case useSuccess
        /// Any other event, with its data.
        case unknown(UInt8, ByteBuffer)
    }

    /// The object's name.
    public var name: String
    /// The object's version as its sender knows it.
    public var version: UInt32
    /// The two numbers behind the version, as they came.
    public var flags: [UInt32]
    /// The events, in order.
    public var events: [Event]

    /// Whether the object outlives its last client: the first flag's second bit. Not in the specification; Red5 and
    /// Flash Media Server.
    public var isPersistent: Bool {
        flags.first.map { $0 & 2 != 0 } ?? false
    }

    /// Decodes a message of type 19, or of type 16, which has one byte 0 in front and is the same otherwise (values in
    /// AMF 3 come behind AMF 0's avmplus marker).
    ///
    /// - Returns: `nil` for a message of another type.
    /// - Throws: `malformedMessage` or `limitExceeded` with the scope `ignore`: the message's own length keeps the two
    ///   ends in step.
    public init?(_ message: RTMPMessage, limits: AMFLimits = .init()) throws(RTMPError) {
        var payload = message.payload
        switch message.typeID {
        case .sharedObjectAMF0: break
        case .sharedObjectAMF3:
            guard payload.readInteger(as: UInt8.self) == 0 else { throw Self.malformed("an unknown encoding") }
        default: return nil
        }
        guard let name = payload.readSharedObjectName(), let version = payload.readInteger(as: UInt32.self),
            let first = payload.readInteger(as: UInt32.self), let second = payload.readInteger(as: UInt32.self)
        else { throw Self.malformed("no whole header") }
        self.name = name
        self.version = version
        flags = [first, second]
        events = []
        var decoder = AMF0Decoder(limits: limits)
        while payload.readableBytes > 0 {
            guard events.count < Self.eventsMax else {
                throw RTMPError(.limitExceeded, scope: .ignore, "shared object with more than \(Self.eventsMax) events")
            }
            guard let number = payload.readInteger(as: UInt8.self), let length = payload.readInteger(as: UInt32.self),
                let data = payload.readSlice(length: Int(length))
            else { throw Self.malformed("an event that ends outside the message") }
            events.append(try Event(number, data, &decoder))
        }
    }

    fileprivate static func malformed(_ what: String) -> RTMPError {
        RTMPError(.malformedMessage, scope: .ignore, "shared object message with \(what)")
    }
}

extension SharedObjectMessage.Event {
    fileprivate init(_ number: UInt8, _ data: ByteBuffer, _ decoder: inout AMF0Decoder) throws(RTMPError) {
        var data = data
        switch number {
        case 1: self = .use
        case 2: self = .release
        case 3: self = .requestChange(try Self.properties(&data, &decoder))
        case 4: self = .change(try Self.properties(&data, &decoder))
        case 5: self = .success(try Self.names(&data))
        case 6: self = .sendMessage(try Self.values(&data, &decoder))
        case 7:
            guard let code = data.readSharedObjectName(), let level = data.readSharedObjectName() else {
                throw SharedObjectMessage.malformed("a status without code and level")
            }
            self = .status(code: code, level: level)
        case 8: self = .clear
        case 9: self = .remove(try Self.names(&data))
        case 10: self = .requestRemove(try Self.names(&data))
        case 11: self = .useSuccess
        default: self = .unknown(number, data)
        }
    }

    /// Names and values to the end of the event.
    private static func properties(
        _ data: inout ByteBuffer, _ decoder: inout AMF0Decoder
    ) throws(RTMPError) -> [AMF0Object.Property] {
        var properties: [AMF0Object.Property] = []
        while data.readableBytes > 0 {
            guard let name = data.readSharedObjectName() else { throw SharedObjectMessage.malformed("a cut name") }
            properties.append(AMF0Object.Property(name: name, value: try value(&data, &decoder)))
        }
        return properties
    }

    /// Values to the end of the event.
    private static func values(
        _ data: inout ByteBuffer, _ decoder: inout AMF0Decoder
    ) throws(RTMPError) -> [AMF0Value] {
        var values: [AMF0Value] = []
        while data.readableBytes > 0 { values.append(try value(&data, &decoder)) }
        return values
    }

    private static func value(
        _ data: inout ByteBuffer, _ decoder: inout AMF0Decoder
    ) throws(RTMPError) -> AMF0Value {
        do {
            return try decoder.decode(from: &data)
        } catch {
            throw SharedObjectMessage.malformed("a value that cannot be decoded (\(error))")
        }
    }

    /// Names to the end of the event. A name is at least two bytes on the wire, so the message's length bounds them.
    private static func names(_ data: inout ByteBuffer) throws(RTMPError) -> [String] {
        var names: [String] = []
        while data.readableBytes > 0 {
            guard let name = data.readSharedObjectName() else { throw SharedObjectMessage.malformed("a cut name") }
            guard names.count < SharedObjectMessage.eventsMax else {
                throw RTMPError(.limitExceeded, scope: .ignore, "shared object event with too many names")
            }
            names.append(name)
        }
        return names
    }
}

extension ByteBuffer {
    /// A string behind its length in two bytes, without a marker. Bytes that are not UTF-8 become U+FFFD.
    fileprivate mutating func readSharedObjectName() -> String? {
        guard let slice = readLengthPrefixedSlice(as: UInt16.self) else { return nil }
        return String(decoding: slice.readableBytesView, as: UTF8.self)
    }
}
