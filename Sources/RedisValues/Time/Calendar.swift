extension WallTime {
    /// `2026-11-22T14:32:07.412Z`.
    public var iso8601: String {
        let (year, month, day) = Self.civil(days: seconds.flooredDivision(by: 86400))
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        return "\(date)T\(clock(offset: 0)).\(Self.padded(Int(milliseconds.flooredRemainder(by: 1000)), 3))Z"
    }

    /// `14:32:07`, so many seconds east of UTC.
    public func clock(offset: Int) -> String {
        let second = Int((seconds +| Int64(offset)).flooredRemainder(by: 86400))
        return "\(Self.padded(second / 3600, 2)):\(Self.padded(second / 60 % 60, 2)):\(Self.padded(second % 60, 2))"
    }

    /// `2026-11-22`, so many seconds east of UTC.
    public func date(offset: Int) -> String {
        let (year, month, day) = Self.civil(days: (seconds +| Int64(offset)).flooredDivision(by: 86400))
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    }

    /// Days since 1970 to a date of the Gregorian calendar.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    private static func civil(days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), Int(month), Int(day))
    }

    /// `2026-11-22T14:32:07Z`, with a fraction and with any offset; what does not say its zone may be of any.
    ///
    /// Source: RFC 3339, section 5.6, and for the days Hinnant's `days_from_civil`.
    package init?(rfc3339 text: some StringProtocol) {
        let fields = text.uppercased().split(whereSeparator: { $0 == "T" || $0 == " " })
        guard fields.count == 2 else { return nil }
        let date = fields[0].split(separator: "-", omittingEmptySubsequences: false).map(Self.number)
        let zoneStart = fields[1].firstIndex { "Z+-".contains($0) }
        guard let zoneStart, let offset = Self.offset(fields[1][zoneStart...]), date.count == 3,
            let year = date[0], let month = date[1], let day = date[2], (1970...9999).contains(year),
            (1...12).contains(month), (1...31).contains(day), let time = Self.milliseconds(fields[1][..<zoneStart])
        else { return nil }
        let (years, months) = (Int64(month <= 2 ? year - 1 : year), Int64(month > 2 ? month - 3 : month + 9))
        let yearOfEra = years.flooredRemainder(by: 400)
        let dayOfYear = (153 * months + 2) / 5 + Int64(day) - 1
        let days =
            years.flooredDivision(by: 400) * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
        guard Self.civil(days: days).day == day else { return nil }
        self.init(milliseconds: days * 86_400_000 + time - offset)
    }

    /// `14:32:07.25`.
    private static func milliseconds(_ clock: Substring) -> Int64? {
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = number(parts[0]), let minute = number(parts[1]), hour < 24, minute < 60
        else {
            return nil
        }
        let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
        guard seconds.count < 3, let second = number(seconds[0]), second < 61 else { return nil }
        var fraction: Int64 = 0
        if seconds.count == 2 {
            guard !seconds[1].isEmpty, seconds[1].utf8.allSatisfy(\.isDigit) else { return nil }
            let digits = seconds[1].prefix(3)
            fraction = Int64(digits + String(repeating: "0", count: 3 - digits.count)) ?? 0
            // Rounded up, as whoever waits for it has to.
            if seconds[1].dropFirst(3).contains(where: { $0 != "0" }) { fraction += 1 }
        }
        return Int64((hour * 60 + minute) * 60 + second) * 1000 + fraction
    }

    private static func offset(_ zone: Substring) -> Int64? {
        if zone == "Z" { return 0 }
        let digits = zone.dropFirst().filter { $0 != ":" }
        guard digits.count == 4, let hours = number(digits.prefix(2)), let minutes = number(digits.suffix(2)),
            hours < 24,
            minutes < 60
        else { return nil }
        return Int64(hours * 60 + minutes) * 60_000 * (zone.hasPrefix("-") ? -1 : 1)
    }

    private static func number(_ digits: some StringProtocol) -> Int? {
        (1...4).contains(digits.utf8.count) && digits.utf8.allSatisfy(\.isDigit) ? Int(digits) : nil
    }

    /// Days from 1970 to a date of the Gregorian calendar.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let year = Int64(month <= 2 ? year - 1 : year)
        let era = year.flooredDivision(by: 400)
        let yearOfEra = Int(year - era * 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int(era) * 146_097 + dayOfEra - 719_468
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    func flooredDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    package func flooredRemainder(by divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
