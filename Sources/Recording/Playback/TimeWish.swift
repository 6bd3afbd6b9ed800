public import RedisValues

/// A time in a recording as an operator types it.
public enum TimeWish {
    /// `14:20`, `14:20:07` of the day that the recording stands at, or of one beside it that was recorded;
    /// `2026-11-25T14:20`, with a zone or by the clock of this place; `+1h`, `-10m` from where it stands.
    ///
    /// - Parameters:
    ///   - now: where the recording stands.
    ///   - span: of what was recorded.
    /// - Returns: nil for anything else.
    public static func parse(
        _ text: String, from now: WallTime, within span: ClosedRange<WallTime>? = nil, _ clock: CivilClock
    ) -> WallTime? {
        let text = String(text.drop { $0 == " " })
        if let sign = text.first, sign == "+" || sign == "-" {
            guard let time = DurationText.parse(String(text.dropFirst())) else { return nil }
            return now.adding(sign == "+" ? time : .zero - time)
        }
        if let time = TimeText.parse(text) { return time }
        guard text.contains("-") else { return timeOfDay(text, now, span, clock) }
        return local(text, near: now, clock)
    }

    private static func timeOfDay(
        _ text: String, _ now: WallTime, _ span: ClosedRange<WallTime>?, _ clock: CivilClock
    ) -> WallTime? {
        let padded = text.prefix { $0 != ":" }.count == 1 ? "0" + text : text
        guard padded.contains(":") else { return nil }
        let day = Duration.seconds(86_400)
        // A day has 23 to 25 hours: from noon it is a day to the date beside it.
        let noon = local("\(clock.date(now)) 12:00", near: now, clock) ?? now
        let days = [now, noon.adding(.zero - day), noon.adding(day)].compactMap {
            local("\(clock.date($0)) \(padded)", near: $0, clock)
        }
        // To the minute: what was recorded begins somewhere within one.
        guard let span else { return days.first }
        return days.first { $0.adding(.seconds(60)) >= span.lowerBound && $0 <= span.upperBound } ?? days.first
    }

    /// The clock of this place may have been another one then.
    private static func local(_ text: String, near time: WallTime, _ clock: CivilClock) -> WallTime? {
        guard let guess = TimeText.parse(text + zone(clock, at: time)) else { return nil }
        return TimeText.parse(text + zone(clock, at: guess))
    }

    private static func zone(_ clock: CivilClock, at time: WallTime) -> String {
        let words = clock.full(time).split(separator: " ")
        return words.last == "UTC" ? "Z" : String(words.last ?? "Z")
    }
}
