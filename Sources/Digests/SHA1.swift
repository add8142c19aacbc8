/// Specification: FIPS 180-4, 6.1. Not for signatures; WebSocket's handshake is made with it (RFC 6455, 4.2.2).
package enum SHA1: DigestAlgorithm {
    package static let initialState: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]

    package static func mix(_ block: [UInt32], into state: inout [UInt32]) {
        var schedule = block
        for index in 16..<80 {
            let word = schedule[index - 3] ^ schedule[index - 8] ^ schedule[index - 14] ^ schedule[index - 16]
            schedule.append(word.rotated(left: 1))
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for index in 0..<80 {
            let sum = a.rotated(left: 5) &+ choice(index, b, c, d) &+ e &+ constants[index / 20] &+ schedule[index]
            (a, b, c, d, e) = (sum, a, b.rotated(left: 30), c, d)
        }
        for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
    }

    /// Ch, Parity, Maj, Parity: FIPS 180-4, 4.1.1.
    private static func choice(_ index: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32 {
        switch index / 20 {
        case 0: b & c ^ ~b & d
        case 2: b & c ^ b & d ^ c & d
        default: b ^ c ^ d
        }
    }

    /// FIPS 180-4, 4.2.1.
    private static let constants: [UInt32] = [0x5A82_7999, 0x6ED9_EBA1, 0x8F1B_BCDC, 0xCA62_C1D6]
}
