import MediaTesting
import Testing
import TransportSecurity

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Certificates")
struct CredentialsTests {
    private static let day = 86_400
    private static let start = 1_800_000_000

    private func selfSigned(serial: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]) throws -> TLSCredentials {
        try .selfSigned(
            names: ["localhost", "studio.example"], addresses: [[127, 0, 0, 1]], at: Self.start, serial: serial)
    }

    @Test("a self-signed certificate is valid from an hour before for 397 days")
    func validity() throws {
        let credentials = try selfSigned()
        #expect(credentials.validUnixSeconds == Self.start - 3600..<Self.start + 397 * Self.day)
        #expect(credentials.validityProblem(at: Self.start) == nil)
        #expect(credentials.validityProblem(at: Self.start - 3601)?.contains("not valid yet") == true)
        #expect(credentials.validityProblem(at: Self.start + 397 * Self.day)?.contains("expired") == true)
    }

    @Test("a fingerprint is 32 bytes in hexadecimal, another for each certificate")
    func fingerprints() throws {
        let first = try selfSigned().fingerprint
        #expect(first.split(separator: ":").count == 32 && first.count == 32 * 3 - 1)
        #expect(try selfSigned().fingerprint != first)
    }

    @Test("any serial number makes a certificate", arguments: [[0], [0, 0, 9], [0xFF, 0xFF], [0x80]] as [[UInt8]])
    func serials(serial: [UInt8]) throws {
        _ = try selfSigned(serial: serial)
    }

    @Test("a context is made of what was made")
    func context() throws {
        let source = try TLSContextSource(try selfSigned(), applicationProtocols: ["h2", "http/1.1"])
        _ = source.makeHandler()
        #expect(try !source.reload())
    }
}

@Suite("Certificate files")
struct CertificateFileTests {
    @Test("what is wrong with files is said in a line that names the file")
    func problems() throws {
        let directory = try TemporaryFiles()
        let good = try directory.write("good.pem", TestCertificates.certificate)
        let key = try directory.write("good.key", TestCertificates.key)
        let otherKey = try directory.write("other.key", TestCertificates.otherKey)
        let nonsense = try directory.write("nonsense.pem", "hello\n")
        let long = try directory.write("long.pem", String(repeating: "a", count: (1 << 20) + 1))
        let missing = directory.path + "/missing.pem"
        let cases: [(String, String, String)] = [
            (missing, key, "cannot read the certificate \(missing): No such file"),
            (good, missing, "cannot read the private key \(missing): No such file"),
            (nonsense, key, "\(nonsense) holds no certificate"),
            (good, nonsense, "\(nonsense) holds no private key"),
            (key, key, "\(key) holds no certificate"),
            (good, otherKey, "\(otherKey) does not belong to the certificate \(good)"),
            (long, key, "larger than 1 MiB"),
        ]
        for (certificate, privateKey, words) in cases {
            do throws(TLSProblem) {
                _ = try TLSContextSource(
                    files: TLSFiles(certificate: certificate, privateKey: privateKey), applicationProtocols: [])
                Issue.record("\(certificate) and \(privateKey) were taken")
            } catch {
                #expect(error.description.contains(words), "\(error)")
            }
        }
    }

    @Test("files that change are taken up, files that cannot be used are told of once and change nothing")
    func reload() throws {
        let directory = try TemporaryFiles()
        let both = try directory.write("both.pem", TestCertificates.certificate + TestCertificates.key)
        let source = try TLSContextSource(files: TLSFiles(certificate: both), applicationProtocols: ["h2"])
        let first = source.credentials.fingerprint
        #expect(try !source.reload())
        _ = try directory.write("both.pem", TestCertificates.otherCertificate + TestCertificates.key)
        #expect(throws: TLSProblem.self) { try source.reload() }
        #expect(try !source.reload())
        #expect(source.credentials.fingerprint == first)
        _ = try directory.write("both.pem", TestCertificates.otherCertificate + TestCertificates.otherKey)
        #expect(try source.reload())
        #expect(source.credentials.fingerprint != first)
    }
}

/// A directory that goes away with its owner.
final class TemporaryFiles {
    let path: String
    private var names: [String] = []

    struct Failed: Error {}

    init() throws {
        var template = Array("/tmp/sluice-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failed() }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func write(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        guard let stream = fopen(file, "wb") else { throw Failed() }
        defer { fclose(stream) }
        guard fwrite(Array(text.utf8), 1, text.utf8.count, stream) == text.utf8.count else { throw Failed() }
        names.append(file)
        return file
    }

    deinit {
        for name in names { unlink(name) }
        rmdir(path)
    }
}
