import NIOCore

/// The beginning of a VP9 frame. Specification: VP9 Bitstream & Decoding Process, 6.2.
public struct VP9FrameHeader: Sendable, Hashable {
    /// 0 to 3.
    public private(set) var profile: Int
    /// Whether an earlier frame is shown again and nothing else follows.
    public private(set) var showsExistingFrame: Bool
    /// Whether decoding can begin here.
    public private(set) var isKeyframe = false
    /// What a keyframe tells; nil in other frames.
    public private(set) var keyframe: Keyframe?

    /// What a keyframe tells of all frames up to the next one.
    public struct Keyframe: Sendable, Hashable {
        /// Pixels across, 1 to 65536.
        public var width: Int
        /// Pixels down, 1 to 65536.
        public var height: Int
        /// Bits of a sample: 8, 10 or 12.
        public var bitDepth: Int
        /// How chroma is sampled; 4:4:0 counts as 4:2:2.
        public var chromaFormat: ChromaFormat
        /// Whether samples use their whole range.
        public var isFullRange: Bool
    }

    /// Bytes that are looked at: more than the fields read can take.
    private static let bytesMax = 16

    /// - Parameter frame: a frame or a superframe, of which the first frame is read.
    /// - Throws: ``CodecError`` when it is cut short or a marker is wrong.
    public init(_ frame: ByteBuffer) throws(CodecError) {
        var reader = SyntaxReader(Array(frame.readableBytesView.prefix(Self.bytesMax)))
        guard try reader.u(2) == 2 else { throw CodecError(.malformed, "frame_marker") }
        let low = try reader.u(1)
        profile = low + 2 * (try reader.u(1))
        if profile == 3 { try reader.skip(1) }
        showsExistingFrame = try reader.flag()
        guard !showsExistingFrame else { return }
        isKeyframe = try !reader.flag()
        try reader.skip(2)  // show_frame, error_resilient_mode
        guard isKeyframe else { return }
        guard try reader.u(24) == 0x498342 else { throw CodecError(.malformed, "frame_sync_code") }
        keyframe = try Keyframe(&reader, profile: profile)
    }
}

extension VP9FrameHeader.Keyframe {
    /// color_config() and frame_size(), 6.2.2 and 6.2.3.
    fileprivate init(_ reader: inout SyntaxReader, profile: Int) throws(CodecError) {
        bitDepth = profile >= 2 ? (try reader.flag() ? 12 : 10) : 8
        let hasSubsampling = profile & 1 == 1
        if try reader.u(3) == 7 {
            // sRGB: always full range and 4:4:4.
            isFullRange = true
            chromaFormat = .yuv444
            if hasSubsampling { try reader.skip(1) }
        } else {
            isFullRange = try reader.flag()
            chromaFormat = .yuv420
            if hasSubsampling {
                let (across, down) = (try reader.flag(), try reader.flag())
                chromaFormat = across || down ? .yuv422 : .yuv444
                try reader.skip(1)
            }
        }
        width = try reader.u(16) + 1
        height = try reader.u(16) + 1
    }
}

/// The beginning of a VP8 frame. Specification: RFC 6386, 9.1.
public struct VP8FrameHeader: Sendable, Hashable {
    /// version: 0 to 3 in use.
    public private(set) var version: Int
    /// Whether decoding can begin here.
    public private(set) var isKeyframe: Bool
    /// Pixels across; nil in other frames than keyframes.
    public private(set) var width: Int?
    /// Pixels down; nil in other frames than keyframes.
    public private(set) var height: Int?

    /// - Parameter frame: a whole frame.
    /// - Throws: ``CodecError`` when it is cut short or the start code is wrong.
    public init(_ frame: ByteBuffer) throws(CodecError) {
        var frame = frame
        guard let tag = frame.readInteger(as: UInt8.self), frame.readBytes(length: 2) != nil else {
            throw CodecError(.truncated, "frame tag")
        }
        isKeyframe = tag & 1 == 0
        version = Int(tag >> 1) & 7
        guard isKeyframe else { return }
        guard let startCode = frame.readBytes(length: 3),
            let (across, down) = frame.readMultipleIntegers(endianness: .little, as: (UInt16, UInt16).self)
        else { throw CodecError(.truncated, "keyframe header") }
        guard startCode == [0x9D, 0x01, 0x2A] else { throw CodecError(.malformed, "start code") }
        width = Int(across & 0x3FFF)
        height = Int(down & 0x3FFF)
    }
}
