/// Time in which this process runs: what a busy machine gives to others meanwhile does not count, up to a limit.
public struct RunningTime: Sendable {
    private var rest: Duration
    private var withheld = Duration.zero
    private var last: Duration

    /// How often it is asked; a machine that has a core to give is less late than that.
    private static let slice = Duration.milliseconds(5)
    /// What others may take.
    private static let mostWithheld = Duration.seconds(1)

    /// - Parameter now: of a clock that never jumps.
    public init(_ time: Duration, from now: Duration) { (rest, last) = (time, now) }

    /// After which it is to be asked whether it is over.
    public var wait: Duration { max(.zero, min(Self.slice, rest)) }

    /// - Parameter now: of the same clock.
    public mutating func isOver(at now: Duration) -> Bool {
        let elapsed = max(.zero, now - last)
        let late = min(max(.zero, elapsed - Self.slice * 2), Self.mostWithheld - withheld)
        withheld += late
        rest -= elapsed - late
        last = now
        return rest <= .zero
    }
}
