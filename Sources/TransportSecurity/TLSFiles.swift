#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files that hold a certificate chain and its private key, as PEM. Specification: RFC 7468.
public struct TLSFiles: Sendable, Equatable {
    /// The server's certificate first, then those of the authorities between it and a root.
    public var certificate: String
    /// The private key; the same file where both are in one.
    public var privateKey: String

    /// Makes a pair of paths; see the properties.
    public init(certificate: String, privateKey: String? = nil) {
        self.certificate = certificate
        self.privateKey = privateKey ?? certificate
    }

    /// What the files hold.
    struct Contents: Equatable {
        var certificate: [UInt8]
        var privateKey: [UInt8]
    }

    /// The most a file may hold; a chain of ten large certificates has 30 KB.
    static let bytesMax = 1 << 20

    func read() throws(TLSProblem) -> Contents {
        Contents(
            certificate: try Self.read(certificate, what: "certificate"),
            privateKey: try Self.read(privateKey, what: "private key"))
    }

    private static func read(_ path: String, what: String) throws(TLSProblem) -> [UInt8] {
        guard let file = fopen(path, "rb") else {
            throw TLSProblem("cannot read the \(what) \(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else {
            throw TLSProblem("cannot read the \(what) \(path): \(String(cString: strerror(errno)))")
        }
        guard count <= bytesMax else { throw TLSProblem("the \(what) \(path) is larger than 1 MiB") }
        return Array(bytes[..<count])
    }
}
