import Digests
import Testing

private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Expected values from FIPS 180-4's examples and RFC 4231, the long ones from Python's hashlib and hmac.
@Suite("Digests")
struct DigestTests {
    @Test(
        "SHA-1 of nothing, of a word, of two blocks, of a million letters",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
            (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        ])
    func sha1(text: String, digest: String) {
        #expect(hex(Digest<SHA1>.hash(text.utf8)) == digest)
    }

    @Test(
        "SHA-256 of nothing, of a word, of two blocks, of a million letters",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func sha256(text: String, digest: String) {
        #expect(hex(Digest<SHA256>.hash(text.utf8)) == digest)
    }

    @Test("lengths around a block's end, where padding takes one block more")
    func lengths() {
        let digests = (54...66).map { hex(Digest<SHA256>.hash([UInt8](repeating: UInt8($0), count: $0))) }
        #expect(
            hex(Digest<SHA256>.hash(digests.joined().utf8))
                == "9bb0619a78e392d036cbe21ce19fe4b3c2b5bd3035f8f31a6fe6485766c13dcc")
    }

    @Test("bytes in pieces are the same bytes")
    func pieces() {
        let bytes = (0..<200).map { UInt8($0) }
        var digest = Digest<SHA256>()
        for start in stride(from: 0, to: 200, by: 7) { digest.update(bytes[start..<min(start + 7, 200)]) }
        #expect(digest.finish() == Digest<SHA256>.hash(bytes))
    }

    @Test(
        "HMAC with a short key, and with one longer than a block",
        arguments: [
            (
                4, "Jefe", "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                131, "\u{AA}", "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ])
    func hmac(keyBytes: Int, key: String, text: String, code: String) {
        let bytes = key.unicodeScalars.map { UInt8($0.value) }
        let whole = bytes.count == keyBytes ? bytes : [UInt8](repeating: bytes[0], count: keyBytes)
        #expect(hex(HMAC<SHA256>.authenticate(text.utf8, key: whole)) == code)
    }
}
