import Digests
import NIOSSL

/// A certificate chain and its private key.
public struct TLSCredentials: Sendable {
    /// The server's certificate first.
    let chain: [NIOSSLCertificate]
    let privateKey: NIOSSLPrivateKey

    /// When the first certificate begins and ends to be valid, in seconds since 1970.
    public let validUnixSeconds: Range<Int>
    /// SHA-256 of the first certificate, as "AB:CD:…", for a person to compare.
    public let fingerprint: String

    init(chain: [NIOSSLCertificate], privateKey: NIOSSLPrivateKey) throws(TLSProblem) {
        guard let first = chain.first else { throw TLSProblem("there is no certificate") }
        self.chain = chain
        self.privateKey = privateKey
        let begin = Int(first.notValidBefore)
        validUnixSeconds = begin..<max(begin, Int(first.notValidAfter))
        do {
            fingerprint = Digest<SHA256>.hash(try first.toDERBytes()).map { byte in
                let text = String(byte, radix: 16, uppercase: true)
                return text.count == 1 ? "0" + text : text
            }.joined(separator: ":")
        } catch {
            throw TLSProblem("the certificate cannot be written as DER: \(error)")
        }
    }

    /// Reads a chain and a key and sees whether they belong together.
    init(_ contents: TLSFiles.Contents, from files: TLSFiles) throws(TLSProblem) {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(contents.certificate)
        } catch {
            throw TLSProblem("\(files.certificate) holds no certificate in PEM (\"-----BEGIN CERTIFICATE-----\")")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: contents.privateKey, format: .pem)
        } catch {
            throw TLSProblem(
                "\(files.privateKey) holds no private key in PEM without a passphrase (\"-----BEGIN PRIVATE KEY-----\")"
            )
        }
        try self.init(chain: chain, privateKey: key)
        do {
            _ = try context(applicationProtocols: [])
        } catch {
            throw TLSProblem(
                "the private key \(files.privateKey) does not belong to the certificate \(files.certificate)")
        }
    }

    /// What TLS handlers of NIO are made with: TLS 1.2 and 1.3, and of 1.2's ciphers those with forward secrecy and
    /// authenticated encryption. Specification: RFC 9325.
    ///
    /// - Parameter applicationProtocols: what may be spoken, the best first. Specification: RFC 7301.
    func context(applicationProtocols: [String]) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"
        configuration.applicationProtocols = applicationProtocols
        return try NIOSSLContext(configuration: configuration)
    }

    /// A sentence for the log when the certificate is not valid now; nil when it is.
    ///
    /// - Parameter unixSeconds: the time.
    public func validityProblem(at unixSeconds: Int) -> String? {
        if unixSeconds < validUnixSeconds.lowerBound { return "the certificate is not valid yet" }
        if unixSeconds >= validUnixSeconds.upperBound { return "the certificate has expired; clients will refuse it" }
        return nil
    }
}
