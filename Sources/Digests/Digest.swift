/// A hash function that takes blocks of 64 bytes: SHA-1 and SHA-256.
///
/// Handshakes need them for a kilobyte or two. They are written here so that who embeds a protocol does not build a
/// cryptographic library with it; TLS and its keys are NIOSSL's.
package protocol DigestAlgorithm: Sendable {
    /// The state before the first block, in words of the digest.
    static var initialState: [UInt32] { get }
    /// Takes one block, as 16 words in network byte order.
    static func mix(_ block: [UInt32], into state: inout [UInt32])
}

/// A digest that is being computed. Specification: FIPS 180-4, 5 and 6.
package struct Digest<Algorithm: DigestAlgorithm>: Sendable {
    package static var blockBytes: Int { 64 }

    private var state = Algorithm.initialState
    private var block: [UInt8] = []
    private var count: UInt64 = 0

    package init() {
        block.reserveCapacity(Self.blockBytes)
    }

    package mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { append(byte) }
    }

    /// The digest of all that was given: 20 bytes of SHA-1, 32 of SHA-256.
    package consuming func finish() -> [UInt8] {
        let bitCount = count &* 8
        append(0x80)
        while block.count != Self.blockBytes - 8 { append(0) }
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: bitCount >> shift))
        }
        return state.flatMap { word in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        }
    }

    /// The digest of some bytes.
    package static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var digest = Digest()
        digest.update(bytes)
        return digest.finish()
    }

    private mutating func append(_ byte: UInt8) {
        block.append(byte)
        count &+= 1
        guard block.count == Self.blockBytes else { return }
        let words = stride(from: 0, to: Self.blockBytes, by: 4).map { start in
            block[start..<(start + 4)].reduce(0) { $0 << 8 | UInt32($1) }
        }
        Algorithm.mix(words, into: &state)
        block.removeAll(keepingCapacity: true)
    }
}

extension UInt32 {
    func rotated(left count: UInt32) -> UInt32 {
        self << count | self >> (32 - count)
    }

    func rotated(right count: UInt32) -> UInt32 {
        self >> count | self << (32 - count)
    }
}
