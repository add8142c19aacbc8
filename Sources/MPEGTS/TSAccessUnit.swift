import NIOCore

/// What is decoded and shown at once: a picture, a frame of audio, an ID3 tag, a piece of private data.
public struct TSAccessUnit: Sendable, Equatable {
    /// When it is decoded.
    public var decodeTime: TSTime
    /// When it is shown; later than ``decodeTime`` where pictures are reordered.
    public var presentationTime: TSTime
    /// Whether decoding can begin here.
    public var isKeyframe: Bool
    /// Length-prefixed NAL units (four bytes each), a raw frame of audio, an ID3 tag, or private data.
    public var payload: ByteBuffer

    /// Makes a unit; see the properties. Without a presentation time it is shown when it is decoded.
    public init(decodeTime: TSTime, presentationTime: TSTime? = nil, isKeyframe: Bool = true, payload: ByteBuffer) {
        self.decodeTime = decodeTime
        self.presentationTime = presentationTime ?? decodeTime
        self.isKeyframe = isKeyframe
        self.payload = payload
    }
}
