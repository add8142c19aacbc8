import MediaCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The field Date, written once a second for all connections. Specification: RFC 9110, 5.6.7 and 6.6.1.
final class HTTPDate: Sendable {
    private let last = Locked((second: time_t.min, text: ""))

    /// Now, as "Sat, 21 Nov 2026 12:00:00 GMT".
    var text: String {
        let second = time(nil)
        return last.withLock { last in
            if last.second != second { last = (second, Self.text(unixSeconds: second)) }
            return last.text
        }
    }

    /// - Parameter unixSeconds: seconds since 1970 began.
    static func text(unixSeconds: time_t) -> String {
        var (seconds, parts) = (unixSeconds, tm())
        gmtime_r(&seconds, &parts)
        // The names of days and months are those of the locale "C", which a program has until it asks for another.
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            guard let start = text.baseAddress else { return "" }
            let count = strftime(start, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
        }
    }
}
