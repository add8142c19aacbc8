import NIOCore

/// The beginning of a box: its size and type. Specification: ISO/IEC 14496-12, 4.2.
public struct BoxHeader: Sendable, Hashable {
    /// What the box holds.
    public var type: BoxType
    /// The 16 bytes that name the type of a `uuid` box.
    public var userType: [UInt8]?
    /// Bytes of the header: 8, with a 64-bit size 16, with a user type 16 more.
    public var headerBytes: Int
    /// Bytes of the whole box, its header included; nil where it reaches to the end of the file.
    public var boxBytes: UInt64?

    /// Bytes behind the header; nil where the box reaches to the end of the file.
    public var payloadBytes: UInt64? {
        boxBytes.map { $0 - UInt64(headerBytes) }
    }

    /// The longest header in bytes.
    public static let bytesMax = 32

    /// Reads a header from the front of a buffer.
    ///
    /// - Returns: nil when its bytes have not all come. Then nothing is consumed.
    /// - Throws: ``ISOBMFFError`` with ``ISOBMFFError/Code/badBoxSize`` when the size is smaller than the header.
    public init?(parsing buffer: inout ByteBuffer) throws(ISOBMFFError) {
        var rest = buffer
        guard let (size, type) = rest.readMultipleIntegers(as: (UInt32, UInt32).self) else { return nil }
        self.type = BoxType(rawValue: type)
        switch size {
        case 0: boxBytes = nil
        case 1:
            guard let largeSize: UInt64 = rest.readInteger() else { return nil }
            boxBytes = largeSize
        default: boxBytes = UInt64(size)
        }
        if self.type == .uuid {
            guard let userType = rest.readBytes(length: 16) else { return nil }
            self.userType = userType
        }
        headerBytes = buffer.readableBytes - rest.readableBytes
        guard (boxBytes ?? .max) >= UInt64(headerBytes) else {
            throw ISOBMFFError(.badBoxSize, "\(self.type) of \(boxBytes ?? 0) bytes")
        }
        buffer = rest
    }
}

/// One box. Specification: ISO/IEC 14496-12, 4.2.
public struct Box: Sendable, Equatable {
    /// What the box holds.
    public var type: BoxType
    /// The 16 bytes that name the type of a `uuid` box.
    public var userType: [UInt8]?
    /// What follows the header: a slice of the buffer that was read.
    public var payload: ByteBuffer
    /// How many boxes lie around this one; 0 for a box of the file itself.
    public var depth: Int

    /// Makes a box; see the properties.
    public init(type: BoxType, userType: [UInt8]? = nil, payload: ByteBuffer, depth: Int = 0) {
        self.type = type
        self.userType = userType
        self.payload = payload
        self.depth = depth
    }

    /// The boxes of a box that holds nothing else.
    ///
    /// - Throws: ``ISOBMFFError``, see ``BoxSequence/next()``.
    public func children(limits: ISOBMFFLimits = .init()) throws(ISOBMFFError) -> [Box] {
        try BoxSequence(payload, depth: depth + 1, limits: limits).all()
    }
}

/// Reads boxes one behind the other. Specification: ISO/IEC 14496-12, 4.2.
public struct BoxSequence: Sendable {
    private var rest: ByteBuffer
    private var count = 0
    private let depth: Int
    private let limits: ISOBMFFLimits

    /// - Parameters:
    ///   - bytes: boxes, the last one complete.
    ///   - depth: how many boxes lie around these.
    ///   - limits: what a peer can make the reader do.
    public init(_ bytes: ByteBuffer, depth: Int = 0, limits: ISOBMFFLimits = .init()) {
        rest = bytes
        self.depth = depth
        self.limits = limits
    }

    /// The next box, or nil at the end. Up to seven bytes behind the last box are padding, which QuickTime writes.
    ///
    /// - Throws: ``ISOBMFFError`` when a box is larger than what is left, and at a limit.
    public mutating func next() throws(ISOBMFFError) -> Box? {
        guard rest.readableBytes >= 8 else { return nil }
        guard depth <= limits.depthMax else { throw ISOBMFFError(.tooDeep, "over \(limits.depthMax) boxes deep") }
        guard count < limits.boxesPerContainerMax else {
            throw ISOBMFFError(.tooManyBoxes, "over \(limits.boxesPerContainerMax)")
        }
        guard let header = try BoxHeader(parsing: &rest) else { throw ISOBMFFError(.truncatedBox, "box header") }
        let bytes = header.payloadBytes.map { Int(clamping: $0) } ?? rest.readableBytes
        guard let payload = rest.readSlice(length: bytes) else {
            throw ISOBMFFError(.badBoxSize, "\(header.type) of \(bytes) bytes inside of fewer")
        }
        count += 1
        return Box(type: header.type, userType: header.userType, payload: payload, depth: depth)
    }

    /// The boxes to the end.
    ///
    /// - Throws: ``ISOBMFFError``, see ``next()``.
    public func all() throws(ISOBMFFError) -> [Box] {
        var sequence = self
        var boxes: [Box] = []
        while let box = try sequence.next() { boxes.append(box) }
        return boxes
    }
}

extension [Box] {
    /// The first box of a type.
    func first(_ type: BoxType) -> Box? {
        first { $0.type == type }
    }

    /// The first box of a type, which must be there.
    func required(_ type: BoxType, in container: BoxType) throws(ISOBMFFError) -> Box {
        guard let box = first(type) else { throw ISOBMFFError(.missingBox, "no \(type) in \(container)") }
        return box
    }
}
