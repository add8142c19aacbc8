import AMF

/// What an onStatus, `_result` or `_error` tells. Specification: RTMP 1.0, 7.2.2; Adobe ActionScript 3.0 Reference,
/// NetStatusEvent.info.
public struct StatusCode: RawRepresentable, Hashable, Sendable {
    /// The code on the wire.
    public var rawValue: String

    /// - Parameter rawValue: the code on the wire.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The connection stands.
    public static let connectSuccess = StatusCode(rawValue: "NetConnection.Connect.Success")
    /// The connection is refused.
    public static let connectRejected = StatusCode(rawValue: "NetConnection.Connect.Rejected")
    /// The connection failed.
    public static let connectFailed = StatusCode(rawValue: "NetConnection.Connect.Failed")
    /// There is no such application.
    public static let connectInvalidApp = StatusCode(rawValue: "NetConnection.Connect.InvalidApp")
    /// The application is going down.
    public static let connectAppShutdown = StatusCode(rawValue: "NetConnection.Connect.AppShutdown")
    /// The connection was closed.
    public static let connectClosed = StatusCode(rawValue: "NetConnection.Connect.Closed")
    /// The server asks to be connected anew. Source: Enhanced RTMP v2, "Reconnect Request".
    public static let connectReconnectRequest = StatusCode(rawValue: "NetConnection.Connect.ReconnectRequest")
    /// A command could not be carried out.
    public static let callFailed = StatusCode(rawValue: "NetConnection.Call.Failed")

    /// The publication stands.
    public static let publishStart = StatusCode(rawValue: "NetStream.Publish.Start")
    /// The name is taken or not acceptable.
    public static let publishBadName = StatusCode(rawValue: "NetStream.Publish.BadName")
    /// The publisher may not publish. OBS shows the description to its user.
    public static let publishDenied = StatusCode(rawValue: "NetStream.Publish.Denied")
    /// The message stream is in use or was never created.
    public static let publishBadConnection = StatusCode(rawValue: "NetStream.Publish.BadConnection")
    /// The publication was ended by the server for being silent.
    public static let publishIdle = StatusCode(rawValue: "NetStream.Publish.Idle")
    /// The publication ended.
    public static let unpublishSuccess = StatusCode(rawValue: "NetStream.Unpublish.Success")

    /// The player's queue was emptied for this stream.
    public static let playReset = StatusCode(rawValue: "NetStream.Play.Reset")
    /// Playing begins.
    public static let playStart = StatusCode(rawValue: "NetStream.Play.Start")
    /// Playing ended.
    public static let playStop = StatusCode(rawValue: "NetStream.Play.Stop")
    /// Playing is not possible.
    public static let playFailed = StatusCode(rawValue: "NetStream.Play.Failed")
    /// There is no such stream.
    public static let playStreamNotFound = StatusCode(rawValue: "NetStream.Play.StreamNotFound")
    /// A publisher came; to players.
    public static let playPublishNotify = StatusCode(rawValue: "NetStream.Play.PublishNotify")
    /// The publisher left; to players.
    public static let playUnpublishNotify = StatusCode(rawValue: "NetStream.Play.UnpublishNotify")
    /// The player cannot keep up, and media is left out.
    public static let playInsufficientBandwidth = StatusCode(rawValue: "NetStream.Play.InsufficientBW")
    /// The viewer may not play.
    public static let playDenied = StatusCode(rawValue: "NetStream.Play.Denied")
    /// The stream is paused.
    public static let pauseNotify = StatusCode(rawValue: "NetStream.Pause.Notify")
    /// The stream goes on.
    public static let unpauseNotify = StatusCode(rawValue: "NetStream.Unpause.Notify")
    /// The seek was carried out.
    public static let seekNotify = StatusCode(rawValue: "NetStream.Seek.Notify")
    /// The seek was not carried out: a live stream has no past.
    public static let seekFailed = StatusCode(rawValue: "NetStream.Seek.Failed")

    /// The level that goes with the code: what players branch on.
    public var level: StatusLevel {
        switch self {
        case .connectRejected, .connectFailed, .connectInvalidApp, .connectAppShutdown, .callFailed, .publishBadName,
            .publishDenied, .publishBadConnection, .playFailed, .playStreamNotFound, .playDenied, .seekFailed:
            .error
        case .playInsufficientBandwidth: .warning
        default: .status
        }
    }
}

/// How serious a status is. Specification: RTMP 1.0, 7.2.2.
public struct StatusLevel: RawRepresentable, Hashable, Sendable {
    /// The level on the wire.
    public var rawValue: String

    /// - Parameter rawValue: the level on the wire.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// All is well.
    public static let status = StatusLevel(rawValue: "status")
    /// All may not stay well.
    public static let warning = StatusLevel(rawValue: "warning")
    /// What was asked is refused.
    public static let error = StatusLevel(rawValue: "error")
}

/// The information object of an onStatus, `_result` or `_error`. Specification: RTMP 1.0, 7.2.2.
public struct StatusEvent: Sendable, Equatable {
    /// How serious it is.
    public var level: StatusLevel
    /// What it is.
    public var code: StatusCode
    /// For people.
    public var description: String
    /// The other properties: "details", "clientid", "tcUrl" …
    public var properties: AMF0Object

    /// - Parameters:
    ///   - code: what it is; the level follows from it.
    ///   - description: for people.
    ///   - properties: others, sent after these.
    public init(_ code: StatusCode, description: String = "", properties: AMF0Object = [:]) {
        level = code.level
        self.code = code
        self.description = description
        self.properties = properties
    }

    /// Reads an information object; what is missing is empty, and a missing level follows from the code.
    public init(_ value: AMF0Value?) {
        var rest = value?.object ?? [:]
        code = StatusCode(rawValue: rest["code"]?.string ?? "")
        level = rest["level"]?.string.map(StatusLevel.init(rawValue:)) ?? code.level
        description = rest["description"]?.string ?? ""
        rest.properties.removeAll { ["code", "level", "description"].contains($0.name) }
        properties = rest
    }

    /// The information object, level, code and description first.
    public var value: AMF0Value {
        var object: AMF0Object = [
            "level": .string(level.rawValue), "code": .string(code.rawValue), "description": .string(description),
        ]
        object.properties += properties.properties
        return .object(object)
    }

    /// The onStatus command that carries the event.
    public var command: Command {
        Command(.onStatus, arguments: [value])
    }
}
