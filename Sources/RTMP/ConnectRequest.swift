import AMF

/// What a client says of itself when it connects. Specification: RTMP 1.0, 7.2.1.1.
public struct ConnectRequest: Sendable, Equatable {
    /// "app": the application, as sent. It may hold a query; ``StreamPath`` takes it apart.
    public var app: String
    /// "tcUrl": the server's URL as the client knows it.
    public var tcURL: String
    /// "swfUrl": where the player or encoder comes from.
    public var swfURL: String
    /// "pageUrl": the page the player is in.
    public var pageURL: String
    /// "flashVer": the client's name and version, such as "FMLE/3.0 (compatible; FMSc/1.0)" of OBS and FFmpeg or
    /// "LNX 9,0,124,2" of an FFmpeg that plays.
    public var flashVersion: String
    /// "objectEncoding": 0 for AMF 0, 3 for AMF 3.
    public var objectEncoding: Double
    /// What the client can do beyond RTMP 1.0.
    public var capabilities: EnhancedCapabilities
    /// The properties that have no field here: "fpad", "audioCodecs", "type" …
    public var properties: AMF0Object
    /// What follows the command object; librtmp's `-C`.
    public var arguments: [AMF0Value]

    /// Makes a request; see the properties.
    public init(
        app: String, tcURL: String = "", swfURL: String = "", pageURL: String = "", flashVersion: String = "",
        objectEncoding: Double = 0, capabilities: EnhancedCapabilities = .none, properties: AMF0Object = [:],
        arguments: [AMF0Value] = []
    ) {
        self.app = app
        self.tcURL = tcURL
        self.swfURL = swfURL
        self.pageURL = pageURL
        self.flashVersion = flashVersion
        self.objectEncoding = objectEncoding
        self.capabilities = capabilities
        self.properties = properties
        self.arguments = arguments
    }

    /// Reads a connect command.
    ///
    /// - Throws: `malformedCommand` when there is no command object, without which there is no application.
    public init(_ command: Command) throws(RTMPError) {
        guard var object = command.commandObject.object else {
            throw RTMPError(.malformedCommand, scope: .connection, "connect without a command object")
        }
        app = object["app"]?.string ?? ""
        tcURL = object["tcUrl"]?.string ?? ""
        swfURL = object["swfUrl"]?.string ?? ""
        pageURL = object["pageUrl"]?.string ?? ""
        flashVersion = object["flashVer"]?.string ?? ""
        objectEncoding = object["objectEncoding"]?.number ?? 0
        capabilities = EnhancedCapabilities(object)
        arguments = command.arguments
        object.properties.removeAll { Self.names.contains($0.name) }
        properties = object
    }

    /// The request without what has no field, for keeping: a viewer's connection should cost little memory.
    var withoutExtras: ConnectRequest {
        var request = self
        request.properties = [:]
        request.arguments = []
        return request
    }

    /// The connect command. Its transaction id is always 1.
    public var command: Command {
        var object: AMF0Object = ["app": .string(app)]
        // "type" stands before "flashVer", as Flash Media Live Encoder and FFmpeg have it.
        object.properties += properties.properties
        for (name, value) in [("flashVer", flashVersion), ("swfUrl", swfURL), ("tcUrl", tcURL), ("pageUrl", pageURL)]
        where !value.isEmpty {
            object[name] = .string(value)
        }
        if objectEncoding != 0 { object["objectEncoding"] = .number(objectEncoding) }
        object.properties += capabilities.object.properties
        return Command(.connect, transactionID: 1, commandObject: .object(object), arguments: arguments)
    }

    private static let names: Set<String> = [
        "app", "tcUrl", "swfUrl", "pageUrl", "flashVer", "objectEncoding", "fourCcList", "videoFourCcInfoMap",
        "audioFourCcInfoMap", "capsEx",
    ]
}
