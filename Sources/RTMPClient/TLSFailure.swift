import NIOSSL

/// Why TLS failed, in words for a person: the cause, and what to do about it.
package struct TLSFailure: Sendable, Equatable, CustomStringConvertible {
    /// The line.
    package let description: String

    /// Makes words of an error of the TLS library; nil where it is another's.
    ///
    /// - Parameters:
    ///   - error: what connecting threw, or what the connection failed with.
    ///   - host: who was to be spoken to.
    ///   - server: the same with its port.
    ///   - scheme: "https".
    package init?(_ error: any Error, host: String, server: String, scheme: String) {
        guard error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError else { return nil }
        // The library has no other form of what went wrong than its log of errors.
        let log = "\(error)"
        if log.contains("CERTIFICATE_VERIFY_FAILED") {
            description =
                "nobody who is trusted here vouches for the certificate of \(server); name its authority, or for a test "
                + "take any certificate"
        } else if let extra = error as? NIOSSLExtraError, extra == .failedToValidateHostname {
            description = "the certificate of \(server) is not for \(host)"
        } else if log.contains("WRONG_VERSION_NUMBER") || log.contains("HTTP_REQUEST") {
            description = "\(server) does not speak TLS; is it an \(scheme) port?"
        } else {
            let reason = log.split(separator: "OPENSSL_internal:").dropFirst().first?.prefix {
                $0.isLetter || $0 == "_"
            }
            description = "TLS with \(server) failed (\(reason.map(String.init) ?? log)); is it an \(scheme) port?"
        }
    }
}
