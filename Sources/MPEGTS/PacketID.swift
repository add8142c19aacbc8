/// Which of the interleaved streams a packet belongs to: a PID. Specification: ISO/IEC 13818-1, 2.4.3.3, Table 2-3.
public struct PacketID: RawRepresentable, Hashable, Sendable {
    /// 13 bits.
    public var rawValue: UInt16

    /// - Parameter rawValue: 0 to 8191.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The lowest 13 bits of a field.
    init(field: UInt16) {
        rawValue = field & 0x1FFF
    }

    /// The program association table.
    public static let programAssociation = PacketID(rawValue: 0)
    /// Nothing: null packets, which keep a constant bit rate.
    public static let null = PacketID(rawValue: 0x1FFF)
}

extension PacketID: CustomStringConvertible {
    /// The number as people write it, such as "0x0100".
    public var description: String {
        let digits = String(rawValue, radix: 16, uppercase: true)
        return "0x" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
