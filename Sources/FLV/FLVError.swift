/// Why bytes are not FLV, or not FLV that we take.
public struct FLVError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of fault.
    public enum Code: Sendable, Hashable {
        /// The file does not begin with "FLV".
        case badSignature
        /// The header's DataOffset is under 9 or over ``FLVLimits/headerBytesMax``.
        case badHeader
        /// A tag is longer than ``FLVLimits/tagBytesMax``.
        case tagTooLarge
        /// A tag type nobody defined follows a previous-tag-size that is wrong too: the reader has lost its place.
        case outOfStep
        /// The tag is encrypted (Annex F); we have no keys.
        case encryptedTag
        /// A tag body without a byte. Harmless: Enhanced RTMP v2 takes an empty audio message for silence.
        case emptyBody
        /// A tag body ends inside a field.
        case truncatedBody
        /// A multitrack body contradicts itself.
        case malformedMultitrack
        /// A multitrack body holds more packets than ``FLVLimits/packetsPerTagMax``.
        case tooManyPackets
        /// A script body is not AMF 0, or passes a limit of AMF.
        case malformedScript
    }

    /// How far the damage goes.
    public enum Damage: Sendable, Hashable {
        /// This tag only; the next one may be read.
        case tag
        /// The reader's place in the byte stream is lost: close it.
        case stream
    }

    /// The kind of fault.
    public var code: Code
    /// What was found, for the log.
    public var detail: String

    /// Makes an error; see the properties.
    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// How far the damage goes.
    public var damage: Damage {
        switch code {
        case .badSignature, .badHeader, .tagTooLarge, .outOfStep, .encryptedTag: .stream
        case .emptyBody, .truncatedBody, .malformedMultitrack, .tooManyPackets, .malformedScript: .tag
        }
    }

    /// The code and the detail.
    public var description: String {
        "\(code): \(detail)"
    }
}

/// What a peer can make FLV parsing hold or do at most.
public struct FLVLimits: Sendable, Equatable {
    /// The longest tag body in bytes. A keyframe of 100 Mbit/s video is 2 to 4 MB; the format allows 16 MB.
    public var tagBytesMax: Int
    /// The longest file header in bytes, counted by its DataOffset. Version 1 has 9; more is reserved and skipped.
    public var headerBytesMax: Int
    /// The most packets in one multitrack tag. Track numbers are one byte, and one tag is one instant.
    public var packetsPerTagMax: Int

    /// Makes limits; see the properties.
    public init(tagBytesMax: Int = 8 << 20, headerBytesMax: Int = 1024, packetsPerTagMax: Int = 256) {
        self.tagBytesMax = tagBytesMax
        self.headerBytesMax = headerBytesMax
        self.packetsPerTagMax = packetsPerTagMax
    }
}
