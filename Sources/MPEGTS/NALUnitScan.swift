/// Finds the NAL units of a byte stream without making a buffer of each, and stops at a limit.
/// Specification: ISO/IEC 14496-10 (H.264), Annex B; ISO/IEC 23008-2 (HEVC), Annex B.
struct NALUnitScan: Sendable {
    /// Where the units lie, in their order.
    private(set) var ranges: [Range<Int>] = []

    /// Looks for the units of one PES packet. Zeros before start codes and bytes before the first one belong to none.
    ///
    /// - Returns: false when there are more than `countMax`.
    mutating func scan(_ bytes: UnsafeRawBufferPointer, countMax: Int) -> Bool {
        ranges.removeAll(keepingCapacity: true)
        var unitStart: Int?
        var index = 2
        // `index` is where a start code's last byte would be.
        while index < bytes.count {
            let byte = bytes[index]
            if byte > 1 {
                index += 3
            } else if byte == 0 {
                index += 1
            } else {
                if bytes[index - 1] == 0, bytes[index - 2] == 0 {
                    if let start = unitStart { add(start..<index - 2, of: bytes) }
                    guard ranges.count < countMax else { return false }
                    unitStart = index + 1
                }
                index += 3
            }
        }
        if let start = unitStart { add(start..<bytes.count, of: bytes) }
        return true
    }

    private mutating func add(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) {
        var end = range.upperBound
        while end > range.lowerBound, bytes[end - 1] == 0 { end -= 1 }
        if end > range.lowerBound { ranges.append(range.lowerBound..<end) }
    }
}
