internal import RedisValues

/// When polls begin that come with the seconds: at their turn, as clocks on screens do, so that what a poll brings and the
/// time are one picture and not two.
enum PollPhase {
    /// A timer may fire so many milliseconds early.
    private static let margin: Int64 = 3

    /// - Parameter due: by the wall clock.
    /// - Returns: by how much the poll is to be later, or earlier where it is below zero: half an interval at most, and zero
    ///   for an interval that does not come with the seconds.
    static func correction(at due: WallTime, every interval: Duration) -> Duration {
        let milliseconds = interval.wholeMilliseconds
        guard milliseconds > 0, Duration.milliseconds(milliseconds) == interval,
            1000 % milliseconds == 0 || milliseconds % 1000 == 0
        else { return .zero }
        let period = min(1000, milliseconds)
        let phase = (due.milliseconds -| margin) % period
        let late = phase < 0 ? phase + period : phase
        return .milliseconds(late <= period / 2 ? -late : period - late)
    }
}
