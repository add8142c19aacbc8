import Digests

/// The signed form of C1, S1, C2 and S2. Not in the specification: introduced by Flash Player 9.0.115 and Flash Media
/// Server 3, which play H.264 only after it. The form here is the one librtmp, FFmpeg and nginx-rtmp agree on.
///
/// C1 and S1 are time (4), version (4) and two blocks of 764 bytes: a Diffie-Hellman key, of no use without RTMPE, and
/// the digest. The digest block begins with four bytes whose sum says where in it the 32 bytes of the digest lie.
enum HandshakeDigest {
    /// Bytes of C1, S1, C2 and S2 each. RTMP 1.0, 5.2.3 and 5.2.4.
    static let messageBytes = 1536
    /// Bytes of a digest: SHA-256.
    static let digestBytes = 32

    /// The order of the two blocks. Which one a client uses depends on its version; servers try both and answer in
    /// kind.
    enum Scheme: CaseIterable, Sendable {
        /// Time, version, key, digest.
        case keyFirst
        /// Time, version, digest, key: FFmpeg.
        case digestFirst

        /// Where the digest block begins.
        fileprivate var blockStart: Int {
            switch self {
            case .keyFirst: 772
            case .digestFirst: 8
            }
        }
    }

    /// Who signs.
    enum Signer: Sendable {
        case client
        case server

        /// The key for the digest of C1 or S1.
        var digestKey: [UInt8] {
            Array(name.utf8)
        }

        /// The key for the signature of C2 or S2 over the peer's digest.
        func signatureKey(over digest: [UInt8]) -> [UInt8] {
            HMAC<SHA256>.authenticate(digest, key: Array(name.utf8) + HandshakeDigest.keyTail)
        }

        private var name: String {
            switch self {
            case .client: "Genuine Adobe Flash Player 001"
            case .server: "Genuine Adobe Flash Media Server 001"
            }
        }
    }

    /// The second half of both keys.
    private static let keyTail: [UInt8] = [
        0xF0, 0xEE, 0xC2, 0x4A, 0x80, 0x68, 0xBE, 0xE8, 0x2E, 0x00, 0xD0, 0xD1, 0x02, 0x9E, 0x7E, 0x57,
        0x6E, 0xEC, 0x5D, 0x2D, 0x29, 0x80, 0x6F, 0xAB, 0x93, 0xB8, 0xE6, 0x36, 0xCF, 0xEB, 0x31, 0xAE,
    ]

    /// Finds the digest in C1 or S1.
    ///
    /// - Returns: the digest and where it lay; `nil` when neither place holds one, as in a plain handshake.
    static func find(in message: [UInt8], by signer: Signer) -> (scheme: Scheme, digest: [UInt8])? {
        guard message.count == messageBytes else { return nil }
        for scheme in Scheme.allCases {
            let position = position(in: message, scheme)
            let digest = Array(message[position..<(position + digestBytes)])
            if digest == Self.digest(of: message, at: position, by: signer) { return (scheme, digest) }
        }
        return nil
    }

    /// Writes the digest into C1 or S1 and returns it.
    @discardableResult
    static func sign(_ message: inout [UInt8], _ scheme: Scheme, by signer: Signer) -> [UInt8] {
        guard message.count == messageBytes else { return [] }
        let position = position(in: message, scheme)
        let digest = digest(of: message, at: position, by: signer)
        message.replaceSubrange(position..<(position + digestBytes), with: digest)
        return digest
    }

    /// C2 or S2: random bytes and at their end a signature that only who has seen the peer's digest can make.
    static func answer(to digest: [UInt8], randomBytes: [UInt8], by signer: Signer) -> [UInt8] {
        let body = Array(randomBytes.prefix(messageBytes - digestBytes))
        return body + HMAC<SHA256>.authenticate(body, key: signer.signatureKey(over: digest))
    }

    /// At most 8 + 4 + 727 or 772 + 4 + 727, so 32 more bytes are always inside the message.
    private static func position(in message: [UInt8], _ scheme: Scheme) -> Int {
        let start = scheme.blockStart
        let sum = message[start..<(start + 4)].reduce(0) { $0 + Int($1) }
        return start + 4 + sum % 728
    }

    /// The digest covers everything but itself.
    private static func digest(of message: [UInt8], at position: Int, by signer: Signer) -> [UInt8] {
        var authentication = HMAC<SHA256>(key: signer.digestKey)
        authentication.update(message[..<position])
        authentication.update(message[(position + digestBytes)...])
        return authentication.finish()
    }
}
