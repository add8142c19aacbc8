import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension TLSCredentials {
    /// A certificate that nobody vouches for, for development: ECDSA on P-256, made anew at each call. Browsers show a
    /// warning, and the fingerprint is what a person can compare. Specification: RFC 5280.
    ///
    /// - Parameters:
    ///   - names: host names that it is for.
    ///   - addresses: IP addresses that it is for, of 4 or 16 bytes.
    ///   - days: how long it is valid.
    ///   - unixSeconds: the time now.
    ///   - serial: random bytes, 8 to 20.
    public static func selfSigned(
        names: [String], addresses: [[UInt8]], days: Int = 397, at unixSeconds: Int, serial: [UInt8]
    ) throws(TLSProblem) -> TLSCredentials {
        let key = try SigningKey()
        let algorithm = DER.sequence(DER.objectIdentifier([1, 2, 840, 10_045, 4, 3, 2]))
        let name = DER.sequence(
            DER.set(DER.sequence(DER.objectIdentifier([2, 5, 4, 3]), DER.utf8String("Sluice, self-signed"))))
        let keyType = DER.sequence(
            DER.objectIdentifier([1, 2, 840, 10_045, 2, 1]), DER.objectIdentifier([1, 2, 840, 10_045, 3, 1, 7]))
        // An hour back, for clients whose clock is behind.
        let validity = DER.sequence(time(unixSeconds - 3600), time(unixSeconds + days * 86_400))
        let certificate = try DER.sequence(
            DER.value(0xA0, DER.integer([2])), DER.integer([UInt8(serial.first ?? 1) & 0x7F] + serial.dropFirst()),
            algorithm, name, validity, name,
            DER.sequence(keyType, DER.bitString(key.publicPoint)),
            DER.value(0xA3, extensions(names, addresses)))
        do {
            let signed = DER.sequence(certificate, algorithm, DER.bitString(try key.sign(certificate)))
            return try TLSCredentials(
                chain: [NIOSSLCertificate(bytes: signed, format: .der)],
                privateKey: NIOSSLPrivateKey(bytes: key.der, format: .der))
        } catch {
            throw TLSProblem("a self-signed certificate cannot be made: \(error)")
        }
    }

    /// Specification: RFC 5280, 4.2.1.
    private static func extensions(_ names: [String], _ addresses: [[UInt8]]) -> [UInt8] {
        let subjects =
            names.flatMap { DER.value(0x82, Array($0.utf8)) } + addresses.flatMap { DER.value(0x87, $0) }
        let digitalSignature = DER.bitString([0x80], unusedBits: 7)
        let serverAuthentication = DER.sequence(DER.objectIdentifier([1, 3, 6, 1, 5, 5, 7, 3, 1]))
        return DER.sequence(
            extensionField([2, 5, 29, 19], isCritical: true, DER.sequence()),
            extensionField([2, 5, 29, 15], isCritical: true, digitalSignature),
            extensionField([2, 5, 29, 37], isCritical: false, serverAuthentication),
            extensionField([2, 5, 29, 17], isCritical: false, DER.sequence(subjects)))
    }

    private static func extensionField(_ identifier: [UInt32], isCritical: Bool, _ value: [UInt8]) -> [UInt8] {
        DER.sequence(
            DER.objectIdentifier(identifier), isCritical ? DER.boolean(true) : [], DER.octetString(value))
    }

    /// Specification: RFC 5280, 4.1.2.5.1; it reaches to 2049.
    private static func time(_ unixSeconds: Int) -> [UInt8] {
        var (seconds, parts) = (time_t(unixSeconds), tm())
        gmtime_r(&seconds, &parts)
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
            guard let start = text.baseAddress else { return "" }
            let count = strftime(start, text.count, "%y%m%d%H%M%SZ", &parts)
            return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
        }
        return DER.utcTime(text)
    }
}
