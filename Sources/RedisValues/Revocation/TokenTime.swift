/// A point in time as tokens have it, however it was written.
package enum TokenTime {
    package struct Problem: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Unix time of 10000-01-01: what lies beyond has more than four digits in its year, and is not the date of a token.
    private static let year10000 = 253_402_300_800.0

    /// Seconds since 1970, also as text or with a fraction, milliseconds, or a date with its zone (RFC 3339).
    ///
    /// - Parameter rule: `.up` for when a token expires, so that no revocation ends before it; `.down` for when it was
    ///   issued, so that no cut-off takes it for a later one.
    /// - Returns: whole seconds; nil for null, which does not say.
    package static func read(
        _ value: JSONValue, _ rule: FloatingPointRoundingRule
    ) throws(Problem) -> WallTime? {
        switch value {
        case .null: return nil
        case .integer(let number): return try time(Double(number), of: number, rule)
        case .number(let number): return try time(number, rule)
        case .numeral(let text):
            guard let number = Double(text) else { throw Problem(description: "is no Unix time") }
            return try time(number, rule)
        case .string(let text):
            let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
            if isNumber, let number = Double(text) { return try time(number, rule) }
            guard let date = WallTime(rfc3339: text) else {
                throw Problem(
                    description: "is no Unix time, and no date with its zone such as 2026-11-22T14:32:07Z")
            }
            return WallTime(seconds: rule == .down ? date.seconds : date.secondsRoundedUp)
        default: throw Problem(description: "is no Unix time")
        }
    }

    private static func time(
        _ number: Double, of whole: Int? = nil, _ rule: FloatingPointRoundingRule
    ) throws(Problem) -> WallTime {
        guard number >= 0, number < year10000 * 1000 else { throw Problem(description: "is no Unix time") }
        // No token is from so far ahead: these are milliseconds.
        if number >= year10000 { return WallTime(seconds: Int64((number / 1000).rounded(rule).whole)) }
        return WallTime(seconds: whole.map(Int64.init) ?? Int64(number.rounded(rule).whole))
    }
}
