import NIOCore

/// One supplemental enhancement information message of H.264 or HEVC.
/// Specification: ISO/IEC 14496-10, 7.3.2.3.1 and Annex D; ISO/IEC 23008-2, 7.3.5 and Annex D.
public struct SEIMessage: Sendable, Hashable {
    /// ``FourCC/avc1`` or ``FourCC/hvc1``: the two share most types, and read some differently.
    public var codec: FourCC
    /// payloadType.
    public var type: Int
    /// The message, without emulation prevention.
    public var payload: [UInt8]

    /// Makes a message; see the properties.
    public init(codec: FourCC, type: Int, payload: [UInt8]) {
        self.codec = codec
        self.type = type
        self.payload = payload
    }

    /// What a message says, where this library interprets it.
    public enum Content: Sendable, Hashable {
        /// Type 1 of H.264: when the picture is shown; see ``H264PictureTiming``.
        case pictureTiming([UInt8])
        /// Type 4: registered by ITU-T T.35; closed captions and HDR10+ travel in it.
        case registeredUserData([UInt8])
        /// Type 5: a UUID of 16 bytes and whatever its owner wishes, such as an encoder's settings or a time.
        case unregisteredUserData(uuid: [UInt8], data: [UInt8])
        /// Type 6 of H.264: where decoding may begin although there is no IDR picture.
        case recoveryPoint(H264RecoveryPoint)
        /// All others, and messages too short for their type.
        case other
    }

    /// The message read.
    public var content: Content {
        switch type {
        case 1 where codec == .avc1: return .pictureTiming(payload)
        case 4: return .registeredUserData(payload)
        case 5 where payload.count >= 16:
            return .unregisteredUserData(uuid: Array(payload.prefix(16)), data: Array(payload.dropFirst(16)))
        case 6 where codec == .avc1:
            do { return .recoveryPoint(try H264RecoveryPoint(payload)) } catch { return .other }
        default: return .other
        }
    }

    /// The messages of an H.264 SEI NAL unit (type 6).
    ///
    /// - Parameter unit: the NAL unit, header included.
    /// - Throws: ``CodecError`` when a message is cut short.
    public static func messages(h264 unit: ByteBuffer) throws(CodecError) -> [SEIMessage] {
        try messages(in: EmulationPrevention.removed(from: unit).dropFirst(1), codec: .avc1)
    }

    /// The messages of an HEVC SEI NAL unit (types 39 and 40).
    ///
    /// - Parameter unit: the NAL unit, header included.
    /// - Throws: ``CodecError`` when a message is cut short.
    public static func messages(hevc unit: ByteBuffer) throws(CodecError) -> [SEIMessage] {
        try messages(in: EmulationPrevention.removed(from: unit).dropFirst(2), codec: .hvc1)
    }

    private static func messages(in bytes: ArraySlice<UInt8>, codec: FourCC) throws(CodecError) -> [SEIMessage] {
        guard let end = bytes.lastIndex(where: { $0 != 0 }) else { return [] }
        var rest = bytes[...end]
        var messages: [SEIMessage] = []
        // Trailing bits are 0x80 in a byte of their own, since messages are whole bytes.
        while let next = rest.first, !(rest.count == 1 && next == 0x80) {
            guard let type = readNumber(&rest), let size = readNumber(&rest), size <= rest.count else {
                throw CodecError(.truncated, "sei_message")
            }
            messages.append(SEIMessage(codec: codec, type: type, payload: Array(rest.prefix(size))))
            rest = rest.dropFirst(size)
        }
        return messages
    }

    /// A number as a sum of bytes, of which all but the last are 255.
    private static func readNumber(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        var sum = 0
        while let byte = bytes.popFirst() {
            sum += Int(byte)
            if byte != 255 { return sum }
        }
        return nil
    }
}

/// A recovery point message. Specification: ISO/IEC 14496-10, D.1.8.
public struct H264RecoveryPoint: Sendable, Hashable {
    /// recovery_frame_cnt: frames until the pictures are right.
    public var frameCount: Int
    /// Whether the pictures are then exactly as they would have been.
    public var isExactMatch: Bool
    /// broken_link_flag: pictures before it may show damage.
    public var isBrokenLink: Bool

    /// - Parameter payload: of a message of type 6.
    /// - Throws: ``CodecError`` when it is cut short.
    public init(_ payload: [UInt8]) throws(CodecError) {
        var reader = SyntaxReader(payload)
        frameCount = try reader.ue("recovery_frame_cnt", 0...65535)
        isExactMatch = try reader.flag()
        isBrokenLink = try reader.flag()
    }
}

/// A picture timing message. Specification: ISO/IEC 14496-10, D.1.3.
public struct H264PictureTiming: Sendable, Hashable {
    /// cpb_removal_delay in ticks; nil where the stream tells no delays.
    public private(set) var removalDelay: Int?
    /// dpb_output_delay in ticks; nil where the stream tells no delays.
    public private(set) var outputDelay: Int?
    /// pic_struct: 0 is a frame, 1 and 2 a field, 3 to 6 fields in order, 7 and 8 a frame shown twice or thrice.
    public private(set) var pictureStructure: Int?

    /// - Parameters:
    ///   - payload: of a message of type 1.
    ///   - usability: the usability information of the sequence parameter set in force.
    /// - Throws: ``CodecError`` when it is cut short.
    public init(_ payload: [UInt8], usability: H264VideoUsability) throws(CodecError) {
        var reader = SyntaxReader(payload)
        if let lengths = usability.delayLengths {
            removalDelay = try reader.u(lengths.removalDelayBits)
            outputDelay = try reader.u(lengths.outputDelayBits)
        }
        if usability.hasPictureStructure { pictureStructure = try reader.u(4) }
    }
}
