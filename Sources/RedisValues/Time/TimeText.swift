/// Points in time as people and programs write them.
public enum TimeText {
    /// Unix seconds of ten digits, milliseconds of thirteen, either with a fraction; or ISO 8601 with a zone, such as
    /// `2026-11-26T04:31:36Z`, `2026-11-26 04:31+01:00` or `2026-11-26Z`.
    ///
    /// - Returns: nil for anything else: a time without a zone would be another one elsewhere, and other numbers may be
    ///   dates, such as `20261126` and `202611260431`.
    public static func parse(_ text: String) -> WallTime? {
        let bytes = Array(text.utf8)
        let digits = bytes.prefix(while: isDigit)
        let rest = bytes[digits.endIndex...]
        if rest.isEmpty || rest.first == UInt8(ascii: ".") && rest.count > 1 && rest.dropFirst().allSatisfy(isDigit) {
            // Of a fraction nothing is left in a token's time either.
            let number = digits.reduce(Int64(0)) { $0 &* 10 &+ Int64($1 - 0x30) }
            return switch digits.count {
            case 10 where digits.first != 0x30: WallTime(seconds: number)
            case 13 where digits.first != 0x30: WallTime(milliseconds: number)
            default: nil
            }
        }
        var reader = Reader(rest: bytes[...])
        return reader.time()
    }

    fileprivate static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func time() -> WallTime? {
            guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
                (1...12).contains(month), (1...Self.days(year, month)).contains(day)
            else { return nil }
            var seconds = Int64(WallTime.days(year: year, month: month, day: day)) * 86_400
            if take("T") || take("t") || take(" ") {
                guard let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60 else {
                    return nil
                }
                seconds += Int64(hour * 3600 + minute * 60)
                if take(":") {
                    guard let second = number(2), second < 60 else { return nil }
                    seconds += Int64(second)
                    // Tokens have whole seconds.
                    if take(".") {
                        guard let first = rest.first, isDigit(first) else { return nil }
                        rest = rest.drop(while: isDigit)
                    }
                }
            }
            guard let offset = zone(), rest.isEmpty else { return nil }
            return WallTime(seconds: seconds - Int64(offset))
        }

        /// Seconds east of UTC.
        private mutating func zone() -> Int? {
            _ = take(" ")
            if take("Z") || take("z") { return 0 }
            let sign = take("+") ? 1 : take("-") ? -1 : 0
            guard sign != 0, let hour = number(2), hour < 24 else { return nil }
            _ = take(":")
            let minute = rest.isEmpty ? 0 : number(2)
            return minute.flatMap { $0 < 60 ? sign * (hour * 3600 + $0 * 60) : nil }
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        private mutating func number(_ digits: Int) -> Int? {
            let part = rest.prefix(digits)
            guard part.count == digits, part.allSatisfy(isDigit) else { return nil }
            rest.removeFirst(digits)
            return part.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        private static func days(_ year: Int, _ month: Int) -> Int {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        }
    }
}
