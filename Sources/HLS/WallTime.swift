/// A moment on the calendar, in milliseconds, as playlists and manifests write it.
public struct WallTime: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var unixMilliseconds: Int64

    /// - Parameter unixMilliseconds: since 1970-01-01T00:00:00Z.
    public init(unixMilliseconds: Int64) {
        self.unixMilliseconds = unixMilliseconds
    }

    /// Earlier than.
    public static func < (left: WallTime, right: WallTime) -> Bool {
        left.unixMilliseconds < right.unixMilliseconds
    }

    /// The moment that much later, rounded to the nearest millisecond.
    public func advanced(by duration: Duration) -> WallTime {
        let milliseconds = (duration.wholeMicroseconds &+ 500) / 1000
        return WallTime(unixMilliseconds: unixMilliseconds &+ milliseconds)
    }
}

extension WallTime: CustomStringConvertible {
    /// As in "2026-11-21T12:00:00.040Z". Specification: ISO 8601; RFC 3339, 5.6.
    public var description: String {
        let (days, ofDay) = unixMilliseconds.quotientAndRemainder(floored: 86_400_000)
        let date = CivilDate(daysSince1970: days)
        let seconds = ofDay / 1000
        return Self.padded(date.year, 4) + "-" + Self.padded(date.month, 2) + "-" + Self.padded(date.day, 2) + "T"
            + Self.padded(seconds / 3600, 2) + ":" + Self.padded(seconds / 60 % 60, 2) + ":"
            + Self.padded(seconds % 60, 2) + "." + Self.padded(ofDay % 1000, 3) + "Z"
    }

    private static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

extension WallTime {
    private static let firstOfYear0: Int64 = -62_167_219_200_000
    private static let lastOfYear9999: Int64 = 253_402_300_799_999

    /// Reads a date and time with a time zone, or without one, which is then taken as UTC, as many writers mean it.
    ///
    /// - Parameter text: as in "2026-11-21T12:00:00.04Z" or "2026-11-21T13:00:00+0100"; digits beyond milliseconds
    ///   are rounded away.
    public init?(_ text: some StringProtocol) {
        var digits = TextScanner(text.utf8)
        guard let year = digits.number(digits: 4), digits.take("-"), let month = digits.number(digits: 2),
            digits.take("-"), let day = digits.number(digits: 2), (1...12).contains(month), (1...31).contains(day),
            digits.take("T") || digits.take("t") || digits.take(" "), let hour = digits.number(digits: 2),
            digits.take(":"), let minute = digits.number(digits: 2), digits.take(":"),
            // A leap second is written as 60.
            let second = digits.number(digits: 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        var milliseconds: Int64 = 0
        if digits.take(".") || digits.take(",") {
            guard let fraction = digits.fraction() else { return nil }
            milliseconds = (fraction + 500) / 1000
        }
        guard let zoneMinutes = digits.zone(), digits.isAtEnd else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        let seconds = ((days * 24 + hour) * 60 + minute - zoneMinutes) * 60 + second
        self.init(unixMilliseconds: seconds * 1000 + milliseconds)
        // A zone may lead out of the years that have four digits.
        guard (Self.firstOfYear0...Self.lastOfYear9999).contains(unixMilliseconds) else { return nil }
    }
}

/// A date of the Gregorian calendar, also before it was made. Years begin in March here, so that a leap day is the last
/// day of a year; 400 years have 146 097 days.
private struct CivilDate {
    var year: Int64
    var month: Int64
    var day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSince1970 days: Int64) {
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(floored: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = marchYear.quotientAndRemainder(floored: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int64 {
    /// Division that rounds down, so that the remainder is never negative.
    fileprivate func quotientAndRemainder(floored divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
