/// Figures as operators read them: with a unit, three or so significant digits, and `–` for what is not known.
public enum Format {
    public static let unknown = "–"

    /// `1.42 GiB`, in binary units.
    public static func bytes(_ count: ByteCount?) -> String {
        guard let count else { return unknown }
        return scaled(Double(count.bytes), units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"], base: 1024)
    }

    /// `1.42` and `2.00 GiB`: two figures that share a unit where they can.
    public static func bytes(_ part: ByteCount?, of whole: ByteCount) -> (String, String) {
        let (left, right) = (bytes(part), bytes(whole))
        guard let blank = right.lastIndex(of: " "), left.hasSuffix(right[blank...]) else { return (left, right) }
        return (String(left.dropLast(right[blank...].count)), right)
    }

    /// `4.10 MiB/s`.
    public static func byteRate(_ perSecond: Double?) -> String {
        guard let perSecond, abs(perSecond) < 1e30 else { return unknown }
        if perSecond > 0, perSecond < 0.5 { return "<1 B/s" }
        return scaled(perSecond, units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"], base: 1024) + "/s"
    }

    /// `18,204`.
    public static func count(_ count: Int?) -> String {
        guard let count else { return unknown }
        let digits = Array(String(count.magnitude))
        var grouped = count < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { grouped.append(",") }
            grouped.append(digit)
        }
        return grouped
    }

    /// `1.91 M`; below ten thousand all digits.
    public static func shortCount(_ count: Int?) -> String {
        guard let count else { return unknown }
        if count.magnitude < 10_000 { return self.count(count) }
        return scaled(Double(count), units: ["", "k", "M", "G", "T", "P", "E"], base: 1000)
    }

    /// A rate of events, `18,204`, `0.4` or `0.033`, without its unit: what happens at all is never written as zero.
    public static func rate(_ perSecond: Double?) -> String {
        guard let perSecond, abs(perSecond) < 1e30 else { return unknown }
        if perSecond != 0, abs(perSecond) < 0.05 { return small(perSecond) }
        if perSecond != 0, abs(perSecond) < 10 { return fixed(perSecond, digits: 1) }
        return abs(perSecond) < 1e15
            ? count(perSecond.whole)
            : scaled(perSecond, units: ["", "k", "M", "G", "T", "P", "E"], base: 1000)
    }

    /// `93.1 %` of a share from 0 to 1; `<0.1 %` of one that would be written as nothing.
    public static func percent(_ share: Double?, digits: Int = 1) -> String {
        guard let share, share.isFinite, abs(share) < 1e10 else { return unknown }
        let text = fixed(share * 100, digits: digits)
        guard share > 0, text.allSatisfy({ $0 == "0" || $0 == "." }) else { return text + " %" }
        return "<\(text.dropLast())1 %"
    }

    /// `12 d 4 h`, `3 min 4 s`, `18.2 ms`, `412 µs`.
    public static func duration(_ duration: Duration?) -> String {
        guard let duration else { return unknown }
        let seconds = duration / .seconds(1)
        guard seconds.isFinite else { return unknown }
        if seconds < 0 { return "-" + self.duration(Duration.zero - duration) }
        switch seconds {
        case 0: return "0 s"
        case ..<0.000_000_5: return "<1 µs"
        case ..<0.000_999_5: return "\((seconds * 1e6).whole) µs"
        case ..<0.999_5: return significant(seconds * 1e3) + " ms"
        case ..<9.95: return fixed(seconds, digits: 1) + " s"
        case ..<1e15: return wholeSeconds(seconds.whole)
        default: return unknown
        }
    }

    /// `14 s`, `3 min`, `2 h`, `5 d`: one unit, rounded down.
    public static func age(_ duration: Duration) -> String {
        // More seconds than a number holds have no components.
        let isLonger = duration > .seconds(Int64.max)
        let seconds = isLonger ? Int.max : Int(clamping: max(.zero, duration).components.seconds)
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<86400: return "\(seconds / 3600) h"
        default: return "\(seconds / 86400) d"
        }
    }

    /// A plain number with at most the given digits behind the point.
    public static func number(_ value: Double?, digits: Int = 2) -> String {
        guard let value, value.isFinite, abs(value) < 1e15 else { return unknown }
        return fixed(value, digits: digits)
    }

    private static func wholeSeconds(_ seconds: Int) -> String {
        let units = [("d", 86400), ("h", 3600), ("min", 60), ("s", 1)]
        guard let largest = units.firstIndex(where: { seconds >= $0.1 }) else { return "0 s" }
        let (name, size) = units[largest]
        let first = "\(count(seconds / size)) \(name)"
        guard largest + 1 < units.count else { return first }
        let (nextName, nextSize) = units[largest + 1]
        let rest = seconds % size / nextSize
        return rest == 0 ? first : "\(first) \(rest) \(nextName)"
    }

    /// Two significant digits of what is nearly nothing.
    private static func small(_ value: Double) -> String {
        var digits = 2
        while digits < 6, abs(value) * pow10(digits) < 9.5 { digits += 1 }
        let text = fixed(value, digits: digits)
        return text.contains { $0 != "0" && $0 != "." && $0 != "-" } ? text : value > 0 ? "<0.000001" : "0"
    }

    private static func pow10(_ exponent: Int) -> Double { (0..<exponent).reduce(1.0) { power, _ in power * 10 } }

    private static func scaled(_ value: Double, units: [String], base: Double) -> String {
        var value = value
        var index = 0
        while abs(value) >= 999.5, index < units.count - 1 {
            value /= base
            index += 1
        }
        let digits = index == 0 ? fixed(value, digits: 0) : significant(value)
        return units[index].isEmpty ? digits : "\(digits) \(units[index])"
    }

    /// Three significant digits for 1 to 999.
    private static func significant(_ value: Double) -> String {
        switch abs(value) {
        case ..<9.995: fixed(value, digits: 2)
        case ..<99.95: fixed(value, digits: 1)
        default: fixed(value, digits: 0)
        }
    }

    /// Rounded half away from zero; the callers keep the value within 10^15.
    private static func fixed(_ value: Double, digits: Int) -> String {
        var factor = 1
        for _ in 0..<digits { factor *= 10 }
        let scaled = (abs(value) * Double(factor)).rounded()
        guard scaled < 9e18 else { return unknown }
        let whole = scaled.whole
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let fraction = String(whole % factor)
        return "\(sign)\(whole / factor).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }
}
