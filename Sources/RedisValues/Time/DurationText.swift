/// Durations as people type them: `2`, `0.5`, `500ms`, `2s`, `15m`, `1h`.
public enum DurationText {
    private static let units: [(suffix: String, seconds: Double)] = [
        ("ms", 0.001), ("s", 1), ("m", 60), ("min", 60), ("h", 3600), ("d", 86400),
    ]

    /// A number without a unit is seconds; nil for what is not a duration, is negative or exceeds ten years.
    public static func parse(_ text: String) -> Duration? {
        let text = text.trimming { $0 == " " }
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let suffix = text.dropFirst(digits.count).trimming { $0 == " " }
        guard let number = Double(digits), number.isFinite, number >= 0 else { return nil }
        guard let unit = suffix.isEmpty ? 1 : units.first(where: { $0.suffix == suffix })?.seconds else { return nil }
        let seconds = number * unit
        return seconds <= 315_360_000 ? .seconds(seconds) : nil
    }

    public static func describe(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        return milliseconds < 1000 || milliseconds.truncatingRemainder(dividingBy: 1000) != 0
            ? "\(milliseconds.whole) ms" : "\((milliseconds / 1000).whole) s"
    }
}

extension Duration {
    /// Seconds that somebody else has written, or that follow from what a server said: no number and negative are zero,
    /// at most 30 years.
    public static func limited(seconds: Double) -> Duration { seconds > 0 ? .seconds(min(seconds, 1e9)) : .zero }
}

extension StringProtocol {
    fileprivate func trimming(_ isBlank: (Character) -> Bool) -> String {
        var rest = self[...]
        while let first = rest.first, isBlank(first) { rest.removeFirst() }
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(rest)
    }
}
