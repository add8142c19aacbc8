import NIOCore

/// The bytes of value 3 that keep start codes from appearing inside NAL units.
///
/// Specification: ISO/IEC 14496-10 (H.264), 7.3.1 and 7.4.1.1; the same in HEVC.
public enum EmulationPrevention {
    /// A NAL unit's bytes without the prevention bytes.
    ///
    /// - Parameters:
    ///   - unit: a NAL unit, its header included or not.
    ///   - bytesMax: how many bytes of the result are wanted at most; headers need not unfold a whole picture.
    public static func removed(from unit: ByteBuffer, bytesMax: Int = .max) -> [UInt8] {
        unit.withUnsafeReadableBytes { bytes in
            var result: [UInt8] = []
            result.reserveCapacity(min(bytes.count, bytesMax))
            var zeros = 0
            for byte in bytes {
                if result.count >= bytesMax { break }
                if zeros >= 2, byte == 3 {
                    zeros = 0
                    continue
                }
                zeros = byte == 0 ? zeros + 1 : 0
                result.append(byte)
            }
            return result
        }
    }

    /// The bytes with prevention bytes where they are needed; the opposite of ``removed(from:bytesMax:)``.
    public static func added(to bytes: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var zeros = 0
        for byte in bytes {
            if zeros >= 2, byte <= 3 {
                result.append(3)
                zeros = 0
            }
            zeros = byte == 0 ? zeros + 1 : 0
            result.append(byte)
        }
        // A unit must not end with a zero. Only a cabac_zero_word, which is two of them, can bring that about (7.4.1).
        if zeros >= 2 { result.append(3) }
        return result
    }
}
