#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A moment, to the millisecond.
package struct LogTime: Sendable, Equatable {
    /// Whole seconds since 1970, UTC.
    package var seconds: Int
    /// 0 to 999.
    package var milliseconds: Int

    /// Makes a moment; see the properties.
    package init(seconds: Int, milliseconds: Int) {
        self.seconds = seconds
        self.milliseconds = milliseconds
    }

    /// The moment of the call.
    package static var now: LogTime {
        let seconds = Date.now.timeIntervalSince1970
        return LogTime(seconds: Int(seconds), milliseconds: Int(seconds.truncatingRemainder(dividingBy: 1) * 1000))
    }

    /// "12:03:04.123", by the clock on the wall.
    var clockText: String {
        var (seconds, parts) = (time_t(seconds), tm())
        localtime_r(&seconds, &parts)
        return clock(parts)
    }

    /// "2026-11-21T12:03:04.123Z". Specification: RFC 3339.
    var timestampText: String {
        var (seconds, parts) = (time_t(seconds), tm())
        gmtime_r(&seconds, &parts)
        let (year, month) = (Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1)
        return "\(year)-\(digits(month, 2))-\(digits(Int(parts.tm_mday), 2))T\(clock(parts))Z"
    }

    private func clock(_ parts: tm) -> String {
        let (hour, minute, second) = (Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec))
        return "\(digits(hour, 2)):\(digits(minute, 2)):\(digits(second, 2)).\(digits(milliseconds, 3))"
    }

    private func digits(_ number: Int, _ count: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
