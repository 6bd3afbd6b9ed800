public import RedisValues

/// Which time of a recording stands beside another time.
public enum TwinAlignment {
    private static let day = Duration.seconds(86_400)
    private static let mostDays = 400
    /// To the minute: what was recorded begins and ends somewhere within one.
    private static let slack = Duration.seconds(60)

    /// The day before; else the same time of the latest day before that was recorded, or of the earliest one after it.
    ///
    /// - Parameter span: of what was recorded.
    /// - Returns: how far from now; nil where nothing was recorded at that time of any day.
    public static func offset(at now: WallTime, within span: ClosedRange<WallTime>) -> Duration? {
        let days = (1...mostDays).map { .zero - day * $0 } + (1...mostDays).map { day * $0 }
        return days.first { offset in
            let time = now.adding(offset)
            return time.adding(slack) >= span.lowerBound && time.adding(.zero - slack) <= span.upperBound
        }
    }

    /// A recording's name and a time in it: `tonight@14:20`, `tonight@-1h`.
    ///
    /// - Returns: the whole as a name where what follows its last `@` is not a time.
    public static func split(_ text: String, isTime: (String) -> Bool) -> (path: String, time: String?) {
        guard let at = text.lastIndex(of: "@"), at > text.startIndex else { return (text, nil) }
        let time = String(text[text.index(after: at)...])
        return isTime(time) ? (String(text[..<at]), time) : (text, nil)
    }
}
