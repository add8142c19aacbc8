/// A keyed digest. Specification: RFC 2104.
package struct HMAC<Algorithm: DigestAlgorithm>: Sendable {
    private var inner = Digest<Algorithm>()
    private let outerKey: [UInt8]

    package init(key: [UInt8]) {
        let short = key.count > Digest<Algorithm>.blockBytes ? Digest<Algorithm>.hash(key) : key
        let block = short + [UInt8](repeating: 0, count: Digest<Algorithm>.blockBytes - short.count)
        outerKey = block.map { $0 ^ 0x5C }
        inner.update(block.map { $0 ^ 0x36 })
    }

    package mutating func update(_ bytes: some Sequence<UInt8>) {
        inner.update(bytes)
    }

    package consuming func finish() -> [UInt8] {
        Digest<Algorithm>.hash(outerKey + inner.finish())
    }

    package static func authenticate(_ bytes: some Sequence<UInt8>, key: [UInt8]) -> [UInt8] {
        var code = HMAC(key: key)
        code.update(bytes)
        return code.finish()
    }
}
