import NIOCore

/// An input: a few bytes in front that say how to treat the rest. Where they are missing they are 0, so every input is
/// a good one, and a short input stays short while it is minimised.
struct FuzzInput {
    /// What has not been taken.
    var rest: ByteBuffer

    init(_ bytes: [UInt8]) {
        rest = ByteBuffer(bytes: bytes)
    }

    /// The next byte; 0 at the end.
    mutating func byte() -> UInt8 {
        rest.readInteger() ?? 0
    }

    /// The next number, big endian; 0 at the end.
    mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number {
        rest.readInteger() ?? 0
    }

    /// The next bytes; fewer at the end.
    mutating func bytes(_ count: Int) -> ByteBuffer {
        rest.readSlice(length: min(count, rest.readableBytes)) ?? ByteBuffer()
    }

    /// Whether all is taken.
    var isEmpty: Bool { rest.readableBytes == 0 }
}

/// Bytes in the pieces that a network might deliver them in.
struct Pieces: Sequence, IteratorProtocol {
    private var rest: ByteBuffer
    private let pattern: UInt8
    private var state: UInt32

    /// - Parameter pattern: 0 for all at once, 1 for single bytes; any other gives pieces of lengths of its own.
    init(_ bytes: ByteBuffer, pattern: UInt8) {
        rest = bytes
        self.pattern = pattern
        state = UInt32(pattern)
    }

    mutating func next() -> ByteBuffer? {
        guard rest.readableBytes > 0 else { return nil }
        let length: Int
        switch pattern {
        case 0: length = rest.readableBytes
        case 1: length = 1
        default:
            // Knuth's linear congruence; small lengths cut headers, large ones payloads.
            state = state &* 1_664_525 &+ 1_013_904_223
            length = 1 + Int(state >> 16) % (pattern < 128 ? 20 : 600)
        }
        return rest.readSlice(length: Swift.min(length, rest.readableBytes))
    }
}

/// What an input's bytes decide, four bits at a time and round again.
struct Moods {
    private var bits: UInt32

    init(_ bits: UInt32) {
        self.bits = bits
    }

    /// The next of 16 moods.
    mutating func next() -> Int {
        defer { bits = bits << 4 | bits >> 28 }
        return Int(bits >> 28)
    }
}
