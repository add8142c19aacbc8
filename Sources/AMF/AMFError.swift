/// Why bytes are not AMF, or not AMF that we take. The rest of the message is lost; the connection is not.
public struct AMFError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of fault.
    public enum Code: Sendable, Hashable {
        /// The bytes end inside a value.
        case truncated
        /// A marker nobody defined, or one reserved and never used (movieclip, recordset).
        case unknownMarker
        /// A reference to a value, a string or traits that did not come before it.
        case badReference
        /// A reference to the value it is part of; such values are not trees.
        case cyclicReference
        /// An externalizable class whose own format we do not know; its end cannot be found.
        case unknownExternalizable
        /// Deeper than ``AMFLimits/depthMax``.
        case tooDeep
        /// More than ``AMFLimits/valuesMax``.
        case tooManyValues
        /// More than ``AMFLimits/bytesMax``.
        case tooManyBytes
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

    /// The code and the detail.
    public var description: String {
        "\(code): \(detail)"
    }
}

/// What a peer can make the decoding of one message hold or do at most.
///
/// A referenced value counts again each time it is referenced: references to references double, and a value that is
/// small on the wire could otherwise be written out for hours.
public struct AMFLimits: Sendable, Equatable {
    /// The most arrays, objects and the like inside each other. Decoding recurses; what is sent nests 3 deep.
    public var depthMax: Int
    /// The most values, counting containers and what they contain. The keyframe index that FFmpeg writes into
    /// onMetaData has two numbers for each keyframe: 7200 for two hours.
    public var valuesMax: Int
    /// The most bytes of strings, names and byte arrays together. The longest known are connect's URLs and tokens.
    public var bytesMax: Int

    /// Makes limits; see the properties.
    public init(depthMax: Int = 16, valuesMax: Int = 65536, bytesMax: Int = 1 << 20) {
        self.depthMax = depthMax
        self.valuesMax = valuesMax
        self.bytesMax = bytesMax
    }
}
