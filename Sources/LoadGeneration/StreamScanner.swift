import NIOCore

/// Walks a stream's bytes and notes the frames, without keeping, copying or decoding them: what a viewer costs that only
/// wants to know what came, and when.
///
/// One scanner belongs to one viewer and is used on one thread.
package protocol StreamScanner: AnyObject {
    /// Takes what it can from the front of the buffer; what it leaves is to be presented again with more behind it.
    ///
    /// - Throws: ``ScanError`` when the bytes are no such stream; there is no way on.
    func scan(_ buffer: inout ByteBuffer, into output: inout ScanOutput) throws(ScanError)

    /// Another resource of the same stream begins: a segment behind a segment.
    func beginResource()
}

/// What a scanner found; reused from call to call.
package struct ScanOutput: Sendable {
    /// Whole frames, in the order of the bytes.
    package var frames: [ScannedFrame] = []
    /// What the server wants to hear.
    package var requests: [ServerRequest] = []

    /// An empty one.
    package init() {}

    /// Forgets everything, keeps the memory.
    package mutating func removeAll() {
        frames.removeAll(keepingCapacity: true)
        requests.removeAll(keepingCapacity: true)
    }
}

/// One frame as it went by.
package struct ScannedFrame: Sendable, Hashable {
    /// What it holds.
    package enum Kind: Sendable, Hashable {
        case video, audio
    }

    /// What it holds.
    package var kind: Kind
    /// A picture that a viewer may begin with.
    package var isKey: Bool
    /// Decode time as written, in milliseconds; from 0 to 2³²-1 in RTMP, 2³³ ticks in MPEG-TS.
    package var milliseconds: Int64
    /// The clock in it.
    package var stamp: FrameStamp?

    /// Makes a frame; see the properties.
    package init(kind: Kind, isKey: Bool = false, milliseconds: Int64, stamp: FrameStamp? = nil) {
        self.kind = kind
        self.isKey = isKey
        self.milliseconds = milliseconds
        self.stamp = stamp
    }
}

/// What a server wants to hear from an RTMP viewer.
package enum ServerRequest: Sendable, Hashable {
    /// An acknowledgement after each so many bytes. Specification: RTMP 1.0, 5.4.4.
    case acknowledgements(windowBytes: UInt32)
    /// A PingResponse with this time. Specification: RTMP 1.0, 7.1.7.
    case pong(time: UInt32)
}

/// Why bytes are no stream.
package struct ScanError: Error, Sendable, Hashable, CustomStringConvertible {
    /// In words, for people.
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
