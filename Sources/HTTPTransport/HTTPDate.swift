import Glibc
import MediaCore

/// The field Date, written once a second for all connections. Specification: RFC 9110, 5.6.7 and 6.6.1.
final class HTTPDate: Sendable {
    private let last = Locked((second: Int.min, text: ""))

    /// Now, as "Sat, 21 Nov 2026 12:00:00 GMT".
    var text: String {
        let second = time(nil)
        return last.withLock { last in
            if last.second != second { last = (second, Self.text(unixSeconds: second)) }
            return last.text
        }
    }

    /// - Parameter unixSeconds: seconds since 1970 began, not before.
    static func text(unixSeconds: Int) -> String {
        let days = unixSeconds / 86_400
        let second = unixSeconds % 86_400
        // Days since 1 March of year 0, in eras of 400 years. Source: H. Hinnant, chrono-compatible date algorithms.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = (monthFromMarch + 2) % 12
        let year = yearOfEra + era * 400 + (month < 2 ? 1 : 0)
        let clock = "\(pad(second / 3600)):\(pad(second / 60 % 60)):\(pad(second % 60))"
        return "\(weekdays[days % 7]), \(pad(day)) \(months[month]) \(year) \(clock) GMT"
    }

    /// From Thursday, which 1 January 1970 was.
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func pad(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
