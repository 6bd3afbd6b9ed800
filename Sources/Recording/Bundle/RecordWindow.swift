public import RedisValues

/// From when to when somebody wants to have what was recorded.
public enum RecordWindow {
    public enum Problem: Error, Equatable, Sendable {
        case noTime(option: String, String)
        /// They are the wrong way round.
        case turned(from: WallTime, to: WallTime)
    }

    /// - Parameters:
    ///   - from: as ``TimeWish`` takes it, so far on and back being counted from the recording's end; nil for its
    ///     beginning.
    ///   - to: the same; `+10m` is so long after `from`, and a time of day the first one after it. nil for the end.
    ///   - span: from the first snapshot to the last.
    ///   - whole: from the first line to the last, where neither end is said.
    public static func parse(
        from: String?, to: String?, within span: ClosedRange<WallTime>, of whole: ClosedRange<WallTime>,
        _ clock: CivilClock
    ) throws(Problem) -> ClosedRange<WallTime> {
        let begin: WallTime
        if let from {
            guard let time = TimeWish.parse(from, from: span.upperBound, within: span, clock) else {
                throw .noTime(option: "--from", from)
            }
            begin = time
        } else {
            begin = whole.lowerBound
        }
        var end = whole.upperBound
        if let to {
            guard let time = Self.end(to, from == nil ? nil : begin, span, clock) else {
                throw .noTime(option: "--to", to)
            }
            end = time
        } else if from != nil, begin > end {
            // Behind the last snapshot nothing is turned round.
            end = begin
        }
        guard begin <= end else { throw .turned(from: begin, to: end) }
        return begin...end
    }

    private static func end(
        _ to: String, _ begin: WallTime?, _ span: ClosedRange<WallTime>, _ clock: CivilClock
    ) -> WallTime? {
        let text = to.drop { $0 == " " }
        guard let begin, text.first != "-" else {
            return TimeWish.parse(to, from: span.upperBound, within: span, clock)
        }
        let time = TimeWish.parse(to, from: begin, within: begin...max(begin, span.upperBound), clock)
        // From 23:50 to 00:10 is a night, where it was recorded.
        guard let time, time < begin, text.first != "+", !text.contains("-"),
            clock.date(begin) != clock.date(span.upperBound)
        else { return time }
        return TimeWish.parse(to, from: begin.adding(.seconds(86_400)), clock)
    }
}
