import NIOCore

/// Reads a file or an endless stream as its bytes come. Source: Adobe FLV 10.1, E.2 to E.4.
///
/// A tag is returned as soon as its body is complete, before the PreviousTagSize behind it has come: a live viewer
/// must not wait for the next frame to see this one. After an error the reader must not be used again.
public struct FLVReader: Sendable {
    /// What a file is made of.
    public enum Element: Sendable, Equatable {
        /// The file header, once, first.
        case header(FLVHeader)
        /// A tag.
        case tag(FLVTag)
    }

    private enum State: Sendable {
        /// Nothing read yet; the header comes next.
        case header
        /// The header or a tag was returned; a PreviousTagSize and the next tag come next. `expectedSize` is what the
        /// PreviousTagSize should say.
        case tag(expectedSize: UInt32)
    }

    /// "FLV".
    private static let signature: [UInt8] = [0x46, 0x4C, 0x56]

    private let limits: FLVLimits
    private var state = State.header

    /// How many PreviousTagSize fields were wrong so far. Writers that get them wrong exist, and nothing needs them.
    public private(set) var previousTagSizeMismatches = 0

    /// - Parameter limits: what the peer can make the reader do.
    public init(limits: FLVLimits = .init()) {
        self.limits = limits
    }

    /// Reads the next element.
    ///
    /// - Parameter buffer: the bytes at hand. Those of a returned element are consumed; a tag's body is a slice.
    /// - Returns: the element, or `nil` when its bytes have not all come. Then nothing is consumed.
    /// - Throws: ``FLVError`` with ``FLVError/Damage/stream``.
    public mutating func read(from buffer: inout ByteBuffer) throws(FLVError) -> Element? {
        switch state {
        case .header: try readHeader(from: &buffer)
        case .tag(let expectedSize): try readTag(from: &buffer, expectedSize: expectedSize)
        }
    }

    private mutating func readHeader(from buffer: inout ByteBuffer) throws(FLVError) -> Element? {
        let start = buffer.readerIndex
        for (offset, letter) in Self.signature.enumerated() {
            guard let byte: UInt8 = buffer.getInteger(at: start &+ offset) else { return nil }
            guard byte == letter else {
                throw FLVError(.badSignature, "byte \(offset) is \(byte)")
            }
        }
        guard let version: UInt8 = buffer.getInteger(at: start &+ 3),
            let flags: UInt8 = buffer.getInteger(at: start &+ 4),
            let dataOffset: UInt32 = buffer.getInteger(at: start &+ 5)
        else { return nil }
        guard dataOffset >= 9, dataOffset <= limits.headerBytesMax else {
            throw FLVError(.badHeader, "DataOffset is \(dataOffset)")
        }
        guard buffer.readableBytes >= Int(dataOffset) else { return nil }
        buffer.moveReaderIndex(forwardBy: Int(dataOffset))
        state = .tag(expectedSize: 0)
        return .header(FLVHeader(hasAudio: flags & 0x04 != 0, hasVideo: flags & 0x01 != 0, version: version))
    }

    /// PreviousTagSize, UI32; then the tag: Reserved UB[2], Filter UB[1], TagType UB[5], DataSize UI24, Timestamp UI24,
    /// TimestampExtended UI8, StreamID UI24. Source: Adobe FLV 10.1, E.3 and E.4.1.
    private mutating func readTag(from buffer: inout ByteBuffer, expectedSize: UInt32) throws(FLVError) -> Element? {
        let start = buffer.readerIndex
        guard let previousSize: UInt32 = buffer.getInteger(at: start),
            let typeAndSize: UInt32 = buffer.getInteger(at: start &+ 4)
        else { return nil }
        let type = FLVTagType(rawValue: UInt8(truncatingIfNeeded: typeAndSize >> 24) & 0x1F)
        let isInStep = previousSize == expectedSize
        guard isInStep || type == .audio || type == .video || type == .script else {
            throw FLVError(.outOfStep, "tag type \(type.rawValue), PreviousTagSize \(previousSize) for \(expectedSize)")
        }
        guard typeAndSize & 0x2000_0000 == 0 else {
            throw FLVError(.encryptedTag, "tag type \(type.rawValue)")
        }
        let bodyBytes = Int(typeAndSize & 0xFF_FFFF)
        guard bodyBytes <= limits.tagBytesMax else {
            throw FLVError(.tagTooLarge, "\(bodyBytes) bytes, at most \(limits.tagBytesMax)")
        }
        guard let time: UInt32 = buffer.getInteger(at: start &+ 8),
            let body = buffer.getSlice(at: start &+ 15, length: bodyBytes)
        else { return nil }
        buffer.moveReaderIndex(forwardBy: 15 &+ bodyBytes)
        if !isInStep { previousTagSizeMismatches &+= 1 }
        state = .tag(expectedSize: UInt32(truncatingIfNeeded: bodyBytes &+ FLVWriter.tagHeaderBytes))
        return .tag(FLVTag(type: type, timestamp: time >> 8 | time << 24, body: body))
    }
}
