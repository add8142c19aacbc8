import NIOCore

/// What a tag holds. Source: Adobe FLV 10.1, E.4.1.
public struct FLVTagType: RawRepresentable, Hashable, Sendable {
    /// The five bits on the wire; equal to the RTMP message type.
    public var rawValue: UInt8

    /// - Parameter rawValue: the five bits on the wire.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Audio; the body is an ``AudioTag``.
    public static let audio = FLVTagType(rawValue: 8)
    /// Video; the body is a ``VideoTag``.
    public static let video = FLVTagType(rawValue: 9)
    /// Script data; the body is a ``ScriptData``.
    public static let script = FLVTagType(rawValue: 18)
}

/// One tag of a file. Source: Adobe FLV 10.1, E.4.1.
public struct FLVTag: Sendable, Equatable {
    /// What the body holds.
    public var type: FLVTagType
    /// Milliseconds, wrapping at 2³²; TimestampExtended is joined in as the highest byte.
    public var timestamp: UInt32
    /// The tag's data, without the tag header.
    public var body: ByteBuffer

    /// Makes a tag; see the properties.
    public init(type: FLVTagType, timestamp: UInt32, body: ByteBuffer) {
        self.type = type
        self.timestamp = timestamp
        self.body = body
    }
}

/// The beginning of a file. Source: Adobe FLV 10.1, E.2.
public struct FLVHeader: Sendable, Equatable {
    /// TypeFlagsAudio. Writers of live streams often set it wrong.
    public var hasAudio: Bool
    /// TypeFlagsVideo. Writers of live streams often set it wrong.
    public var hasVideo: Bool
    /// 1 in every file there is.
    public var version: UInt8

    /// Makes a header; see the properties.
    public init(hasAudio: Bool, hasVideo: Bool, version: UInt8 = 1) {
        self.hasAudio = hasAudio
        self.hasVideo = hasVideo
        self.version = version
    }
}
