import Glibc
import HTTPTransport
import Logging
import ServerConfig
import TransportSecurity

/// The certificates of HTTPS: read at the start, and again on SIGHUP and when the files change.
struct Certificates: Sendable {
    private static let checkInterval = Duration.seconds(10)

    private let source: TLSContextSource
    private let logger: Logger

    /// - Parameters:
    ///   - configuration: what the operator set.
    ///   - logger: gets a line for what happens.
    /// - Returns: nil where HTTPS is off.
    /// - Throws: what is wrong with the files, or that there are none.
    init?(_ configuration: ServerConfiguration.HTTPS, logger: Logger) throws(StartupError) {
        guard configuration.isOn else { return nil }
        self.logger = logger
        let protocols = HTTPListener.applicationProtocols
        guard configuration.certificate != nil || configuration.selfSigned else {
            throw StartupError(
                "HTTPS needs a certificate: --https-certificate FILE with --https-key FILE, or "
                    + "--https-self-signed for development")
        }
        do throws(TLSProblem) {
            if let certificate = configuration.certificate {
                let files = TLSFiles(certificate: certificate, privateKey: configuration.privateKey)
                source = try TLSContextSource(files: files, applicationProtocols: protocols)
            } else {
                source = try TLSContextSource(Self.selfSigned(), applicationProtocols: protocols)
            }
        } catch {
            throw StartupError("\(error)")
        }
        warnOfValidity()
    }

    /// What listeners secure connections with.
    var contexts: TLSContextSource { source }

    /// SHA-256 of the certificate.
    var fingerprint: String { source.credentials.fingerprint }

    private static func selfSigned() throws(TLSProblem) -> TLSCredentials {
        var random = SystemRandomNumberGenerator()
        let serial = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let loopback: [[UInt8]] = [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]]
        return try TLSCredentials.selfSigned(
            names: ["localhost"] + [hostName].compactMap { $0 }, addresses: loopback, at: time(nil), serial: serial)
    }

    private static var hostName: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            guard let start = text.baseAddress, gethostname(start, text.count - 1) == 0 else { return nil }
            text[text.count - 1] = 0
            let name = String(cString: start)
            return name.isEmpty || name == "localhost" ? nil : name
        }
    }

    /// Looks at the files now and then, until the task is cancelled.
    func watch() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.checkInterval) } catch { return }
            reload()
        }
    }

    /// Takes up what the files hold.
    func reload() {
        do throws(TLSProblem) {
            guard try source.reload() else { return }
            logger.info("certificate read anew", metadata: ["fingerprint": "\(fingerprint)"])
            warnOfValidity()
        } catch {
            logger.error("the new certificate is not used", metadata: ["why": "\(error)"])
        }
    }

    private func warnOfValidity() {
        guard let problem = source.credentials.validityProblem(at: time(nil)) else { return }
        logger.warning("\(problem)")
    }
}
