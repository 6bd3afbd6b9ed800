/// The generic cell rate algorithm in whole microseconds: bursts are exact, and the rate is never above what was asked
/// for.
package struct GCRA: Equatable, Sendable {
    /// Microseconds after which one ask comes back; rounded up.
    package let interval: Int64
    package let burst: Int64

    package struct Decision: Equatable, Sendable {
        package var isAllowed: Bool
        /// What is to be kept: when all asks will have come back, in microseconds since 1970; nil where nothing changes.
        package var instant: Int64?
        /// Asks that would still be allowed now.
        package var remaining: Int64
        /// Milliseconds, rounded up: until all have come back, or, for who is refused, until the next one is allowed.
        package var rest: Int64

        package init(isAllowed: Bool, instant: Int64?, remaining: Int64, rest: Int64) {
            (self.isAllowed, self.instant, self.remaining, self.rest) = (isAllowed, instant, remaining, rest)
        }
    }

    /// - Throws: ``StoreProblem`` where it makes no sense.
    package init(_ limit: RateLimit) throws(StoreProblem) {
        guard limit.burst > 0 else { throw StoreProblem("the limit is \(limit.burst): at least 1 is needed") }
        try limit.period.checkedLife("the period")
        let period = limit.period / .microseconds(1)
        guard Double(limit.burst) <= period else { throw StoreProblem("the rate is above one ask a microsecond") }
        interval = Int64((period / Double(limit.burst)).rounded(.up).whole)
        burst = Int64(limit.burst)
    }

    /// - Parameters:
    ///   - kept: ``Decision/instant`` of before; an instant further away than any that is kept is that of a clock that
    ///     was wrong.
    ///   - now: in microseconds since 1970.
    package func decide(kept: Int64?, now: Int64) -> Decision {
        let span = interval *| burst
        let due = min(max(kept ?? now, now), now +| span)
        let next = due +| interval
        let earliest = next -| span
        guard earliest <= now else {
            return Decision(isAllowed: false, instant: nil, remaining: 0, rest: Self.milliseconds(earliest -| now))
        }
        return Decision(
            isAllowed: true, instant: next, remaining: (now -| earliest) / interval,
            rest: Self.milliseconds(next -| now))
    }

    private static func milliseconds(_ microseconds: Int64) -> Int64 { (microseconds +| 999) / 1000 }
}
