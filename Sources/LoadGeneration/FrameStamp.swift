import NIOCore

/// The clock that travels in a stream: a publisher writes it in front of each picture, and a viewer subtracts it from
/// its own clock. Both must be on one machine.
///
/// It is an SEI message of unregistered user data (ITU-T H.264, D.1.7): 16 bytes of name, 16 bytes of monotonic
/// nanoseconds, 8 bytes of frame number; four bits a byte, with a bit set that keeps emulation prevention away. The
/// first 32 bytes are what the older C tool `loadgen` writes, so that each reads the other's streams.
package struct FrameStamp: Sendable, Hashable {
    /// When the frame was sent: `CLOCK_MONOTONIC`.
    package var nanoseconds: UInt64
    /// The frames of this publisher before this one, modulo 2³²; nil where the publisher does not count.
    package var number: UInt32?

    /// Makes a stamp; see the properties.
    package init(nanoseconds: UInt64, number: UInt32? = nil) {
        self.nanoseconds = nanoseconds
        self.number = number
    }

    /// "loadgen-latency!" in two halves, first byte highest.
    private static let name: (UInt64, UInt64) = (0x6C6F_6164_6765_6E2D, 0x6C61_7465_6E63_7921)
    private static let nameBytes = 16
    private static let clockBytes = 16
    private static let numberBytes = 8
    /// How far into a frame it is looked for: behind a tag's own header, a delimiter, and short parameter sets.
    package static let searchBytes = 224

    /// Writes the message as a NAL unit with a length of four bytes in front, as FLV and MP4 hold them.
    package func write(into buffer: inout ByteBuffer) {
        let payloadBytes = Self.nameBytes + Self.clockBytes + (number == nil ? 0 : Self.numberBytes)
        buffer.writeInteger(UInt32(2 + 1 + payloadBytes + 1))
        // NAL unit type 6, message type 5, the size, … , the stop bit.
        buffer.writeMultipleIntegers(UInt8(6), UInt8(5), UInt8(payloadBytes), Self.name.0, Self.name.1)
        Self.write(nanoseconds, digits: Self.clockBytes, into: &buffer)
        if let number { Self.write(UInt64(number), digits: Self.numberBytes, into: &buffer) }
        buffer.writeInteger(UInt8(0x80))
    }

    /// Finds a stamp near the beginning of a frame.
    ///
    /// - Parameters:
    ///   - buffer: holds the frame.
    ///   - index: where the frame begins, as a reader index.
    ///   - count: how many of its bytes are there.
    package static func find(in buffer: ByteBuffer, at index: Int, count: Int) -> FrameStamp? {
        let needed = nameBytes + clockBytes
        guard count >= needed else { return nil }
        let end = index + min(count, searchBytes)
        var position = index
        while position + needed <= end {
            if buffer.getInteger(at: position, as: UInt64.self) == name.0,
                buffer.getInteger(at: position + 8, as: UInt64.self) == name.1
            {
                return read(from: buffer, at: position, end: index + count)
            }
            position += 1
        }
        return nil
    }

    private static func read(from buffer: ByteBuffer, at position: Int, end: Int) -> FrameStamp? {
        let clock = position + nameBytes
        guard let nanoseconds = digits(clockBytes, in: buffer, at: clock) else { return nil }
        // The size of the message tells whether a number follows.
        let size = buffer.getInteger(at: position - 1, as: UInt8.self).map(Int.init) ?? 0
        let hasNumber = size >= nameBytes + clockBytes + numberBytes && clock + clockBytes + numberBytes <= end
        let number = hasNumber ? digits(numberBytes, in: buffer, at: clock + clockBytes) : nil
        return FrameStamp(nanoseconds: nanoseconds, number: number.map { UInt32(truncatingIfNeeded: $0) })
    }

    private static func write(_ value: UInt64, digits: Int, into buffer: inout ByteBuffer) {
        for digit in (0..<digits).reversed() {
            buffer.writeInteger(0x40 | UInt8(truncatingIfNeeded: value >> UInt64(4 * digit)) & 0x0F)
        }
    }

    private static func digits(_ count: Int, in buffer: ByteBuffer, at index: Int) -> UInt64? {
        var value: UInt64 = 0
        for position in index..<index + count {
            guard let byte = buffer.getInteger(at: position, as: UInt8.self) else { return nil }
            value = value << 4 | UInt64(byte & 0x0F)
        }
        return value
    }
}
