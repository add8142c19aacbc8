#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An address and a port to listen at.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// An IPv4 or IPv6 address, without brackets, or a host name.
    package var host: String
    /// 0 to 65535; 0 lets the system choose.
    package var port: Int

    /// Makes an address; see the properties.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads "0.0.0.0:1935", "[::]:1935", "localhost:1935", ":1935" or "1935"; the last two listen everywhere.
    package init(parsing text: String) throws(ValueProblem) {
        let (hostText, portText) = try Self.split(text)
        guard let port = UInt16(portText), portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw ValueProblem("\"\(text)\" has no port from 0 to 65535; an address looks like 0.0.0.0:1935")
        }
        self.init(host: try Self.checkedHost(hostText, in: text), port: Int(port))
    }

    /// "0.0.0.0:1935" or "[::1]:1935".
    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func split(_ text: String) throws(ValueProblem) -> (host: Substring, port: Substring) {
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]"), text[text.index(after: close)...].hasPrefix(":") else {
                throw ValueProblem("\"\(text)\" is not an address; an IPv6 address looks like [::1]:1935")
            }
            let host = text[text.index(after: text.startIndex)..<close]
            guard isIPAddress(String(host), family: AF_INET6) else {
                throw ValueProblem("\"\(host)\" is not an IPv6 address; one looks like [::1]:1935")
            }
            return (host, text[text.index(close, offsetBy: 2)...])
        }
        guard let colon = text.lastIndex(of: ":") else {
            return ("0.0.0.0", text[...])
        }
        let host = text[..<colon]
        if host.contains(":") {
            throw ValueProblem("\"\(text)\" needs brackets around the IPv6 address, as in [::1]:1935")
        }
        return (host.isEmpty ? "0.0.0.0" : host, text[text.index(after: colon)...])
    }

    private static func checkedHost(_ host: Substring, in text: String) throws(ValueProblem) -> String {
        if host.contains(":") {
            return String(host)
        }
        let isNumeric = host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
        if isNumeric {
            guard isIPAddress(String(host), family: AF_INET) else {
                throw ValueProblem("\"\(host)\" is not an IPv4 address; one looks like 0.0.0.0:1935")
            }
            return String(host)
        }
        let isName =
            host.utf8.count <= 253
            && host.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII
                    && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                        || scalar == "-" || scalar == "." || scalar == "_")
            }
        guard isName else {
            throw ValueProblem("\"\(text)\" is not an address; one looks like 0.0.0.0:1935")
        }
        return String(host)
    }

    private static func isIPAddress(_ text: String, family: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: MemoryLayout<in6_addr>.size, alignment: 4) { storage in
            inet_pton(family, text, storage.baseAddress) == 1
        }
    }
}
