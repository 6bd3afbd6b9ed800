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

    /// - Returns: half to all of the current step, so that many watchers do not come back at the same instant.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let step = min(maximum, initial * (1 << min(attempts, 20)))
        attempts += 1
        return step * Double.random(in: 0.5...1, using: &generator)
    }

    public mutating func reset() { attempts = 0 }
}
