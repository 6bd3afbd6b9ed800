/// How long to wait before the next attempt: doubling, with jitter, up to a ceiling.
public struct Backoff: Equatable, Sendable {
    public let initial: Duration
    public let maximum: Duration
    /// Since the last reset.
    public private(set) var attempts = 0

    public init(initial: Duration = .milliseconds(250), maximum: Duration = .seconds(5)) {
        self.initial = initial
        self.maximum = maximum
    }

    /// - Parameter jitter: from 0 to 1, drawn anew each time.
    /// - Returns: half to all of the current step, so that many watchers do not come back at the same instant.
    public mutating func next(jitter: Double) -> Duration {
        let step = min(maximum, initial * (1 << min(attempts, 20)))
        attempts += 1
        return step * (0.5 + jitter / 2)
    }

    public mutating func reset() { attempts = 0 }
}
