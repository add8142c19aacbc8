import NIOCore

/// Writes frames. Specification: RFC 6455, 5.2.
public enum WebSocketFrameWriter {
    /// Writes the head of a frame whose payload the caller appends, which saves a copy. For servers: clients mask, and
    /// use ``write(_:maskingKey:into:)``.
    ///
    /// - Parameters:
    ///   - opcode: what the frame is for.
    ///   - isFinal: whether it is the last of its message.
    ///   - payloadBytes: what follows.
    ///   - buffer: where to append.
    public static func writeHead(
        _ opcode: WebSocketOpcode, isFinal: Bool = true, payloadBytes: Int, into buffer: inout ByteBuffer
    ) {
        writeHead(opcode, isFinal: isFinal, payloadBytes: payloadBytes, maskBit: 0, into: &buffer)
    }

    /// Writes a frame.
    ///
    /// - Parameters:
    ///   - frame: the frame. Control frames hold at most 125 bytes; what is more is left out.
    ///   - maskingKey: four bytes that nobody can foretell, from clients (5.3); nil from servers.
    ///   - buffer: where to append.
    public static func write(_ frame: WebSocketFrame, maskingKey: UInt32? = nil, into buffer: inout ByteBuffer) {
        var payload = frame.payload
        if frame.opcode.isControl {
            let count = min(payload.readableBytes, WebSocketFrame.controlPayloadBytesMax)
            payload = payload.readSlice(length: count) ?? payload
        }
        writeHead(
            frame.opcode, isFinal: frame.isFinal, payloadBytes: payload.readableBytes,
            maskBit: maskingKey == nil ? 0 : 0x80, into: &buffer)
        guard let maskingKey else {
            buffer.writeImmutableBuffer(payload)
            return
        }
        buffer.writeInteger(maskingKey)
        let start = buffer.writerIndex
        buffer.writeImmutableBuffer(payload)
        WebSocketMask.apply(maskingKey, to: &buffer, from: start)
    }

    private static func writeHead(
        _ opcode: WebSocketOpcode, isFinal: Bool, payloadBytes: Int, maskBit: UInt8, into buffer: inout ByteBuffer
    ) {
        buffer.writeInteger(opcode.rawValue | (isFinal ? 0x80 : 0))
        if payloadBytes < 126 {
            buffer.writeInteger(UInt8(truncatingIfNeeded: payloadBytes) | maskBit)
        } else if let count = UInt16(exactly: payloadBytes) {
            buffer.writeMultipleIntegers(UInt8(126) | maskBit, count)
        } else {
            buffer.writeMultipleIntegers(UInt8(127) | maskBit, UInt64(payloadBytes))
        }
    }
}

/// The exclusive or that keeps clients' bytes from being what an attacker chose. Specification: RFC 6455, 5.3.
enum WebSocketMask {
    /// Masks or unmasks the bytes from `start`, the first with the key's first byte, to the end of what is readable.
    static func apply(_ key: UInt32, to buffer: inout ByteBuffer, from start: Int) {
        let skipped = start - buffer.readerIndex
        buffer.withUnsafeMutableReadableBytes { bytes in
            guard skipped < bytes.count else { return }
            let bytes = UnsafeMutableRawBufferPointer(rebasing: bytes[skipped...])
            let word = (UInt64(key) << 32 | UInt64(key)).bigEndian
            var offset = 0
            while offset &+ 8 <= bytes.count {
                let masked = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ word
                bytes.storeBytes(of: masked, toByteOffset: offset, as: UInt64.self)
                offset &+= 8
            }
            while offset < bytes.count {
                bytes[offset] ^= UInt8(truncatingIfNeeded: key >> (24 - 8 * UInt32(offset & 3)))
                offset &+= 1
            }
        }
    }
}
