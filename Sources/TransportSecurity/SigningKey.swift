// What NIOSSL is made of: the one cryptographic library in the program. It has no other way to make a key.
import CNIOBoringSSL
import Digests

/// An ECDSA key on P-256, made at random. Specification: FIPS 186-5, 6; SEC 1, 2.3.3 and C.4.
final class SigningKey {
    private let key: OpaquePointer

    init() throws(TLSProblem) {
        guard let key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1) else {
            throw TLSProblem("there is no memory for a key")
        }
        self.key = key
        guard EC_KEY_generate_key(key) == 1 else { throw TLSProblem("a key cannot be made") }
    }

    deinit {
        EC_KEY_free(key)
    }

    /// The public point: 0x04, x, y.
    var publicPoint: [UInt8] {
        get throws(TLSProblem) {
            let point = [UInt8](unsafeUninitializedCapacity: 65) { buffer, count in
                count = EC_POINT_point2oct(
                    EC_KEY_get0_group(key), EC_KEY_get0_public_key(key),
                    POINT_CONVERSION_UNCOMPRESSED, buffer.baseAddress, buffer.count, nil)
            }
            guard !point.isEmpty else { throw TLSProblem("a public key cannot be written") }
            return point
        }
    }

    /// The private key, as an ECPrivateKey in DER.
    var der: [UInt8] {
        get throws(TLSProblem) {
            let count = i2d_ECPrivateKey(key, nil)
            guard count > 0 else { throw TLSProblem("a private key cannot be written") }
            return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, written in
                var end = buffer.baseAddress
                written = max(0, Int(i2d_ECPrivateKey(key, &end)))
            }
        }
    }

    /// Signs the SHA-256 of some bytes; the signature is in DER.
    func sign(_ bytes: [UInt8]) throws(TLSProblem) -> [UInt8] {
        let digest = Digest<SHA256>.hash(bytes)
        let signature = [UInt8](unsafeUninitializedCapacity: ECDSA_size(key)) { buffer, count in
            var length: UInt32 = 0
            let isSigned = ECDSA_sign(0, digest, digest.count, buffer.baseAddress, &length, key) == 1
            count = isSigned ? Int(length) : 0
        }
        guard !signature.isEmpty else { throw TLSProblem("a certificate cannot be signed") }
        return signature
    }
}
