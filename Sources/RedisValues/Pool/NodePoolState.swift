/// The connections of a server to one node, and whether it is asked at all: a ``PoolState`` behind a ``BreakerState``.
///
/// It decides, and its owner performs what each call returns, in this order.
package struct NodePoolState: Sendable {
    package typealias Instant = PoolState.Instant
    package typealias Effect = PoolState.Effect

    private var pool: PoolState
    package private(set) var breaker = BreakerState()
    package var memory = MemoryGate()

    package init(_ limits: PoolLimits) { pool = PoolState(limits, rest: Backoff(initial: .milliseconds(50))) }

    package var outage: BreakerState.Outage? { breaker.outage }
    package var connections: [PoolState.ConnectionID] { pool.connections }
    package var busy: Int { pool.busy }
    package var uses: Int { pool.uses }
    package var waiters: Int { pool.waiters }
    package var isDialling: Bool { pool.isDialling }
    package var isClosed: Bool { pool.isClosed }

    // MARK: who wants a connection

    /// A connection to share at once, where nothing else is to be done.
    package mutating func take(_ waiter: PoolState.WaiterID) -> PoolState.ConnectionID? {
        outage == nil ? pool.take(waiter) : nil
    }

    package mutating func want(
        _ waiter: PoolState.WaiterID, _ use: PoolState.Use = .shared, now: Instant
    ) -> [Effect] {
        if let outage, !pool.isClosed { return [.fail([waiter], outage.reason)] }
        return pool.want(waiter, use, now: now)
    }

    /// - Parameter isOverdue: its deadline is over; where there is no connection, the server is to blame.
    package mutating func giveUp(
        _ waiter: PoolState.WaiterID, isOverdue: Bool, now: Instant, jitter: Double
    ) -> [Effect] {
        let before = pool.waiters
        let effects = pool.giveUp(waiter)
        guard isOverdue, pool.waiters < before, !pool.hasConnections else { return effects }
        return effects + note(.timedOut, now, jitter)
    }

    package mutating func release(
        _ waiter: PoolState.WaiterID, _ outcome: BreakerState.Outcome, now: Instant, jitter: Double
    ) -> [Effect] {
        // What was sent before an outage says nothing of what is there now.
        let isCurrent = outcome == .answered || outcome == .timedOut || pool.isServed(waiter)
        let effects = pool.release(waiter, now: now)
        return isCurrent ? effects + note(outcome, now, jitter) : effects
    }

    /// Which connection it uses, also where that has ended.
    package func connection(of waiter: PoolState.WaiterID) -> PoolState.ConnectionID? { pool.connection(of: waiter) }

    private mutating func note(_ outcome: BreakerState.Outcome, _ now: Instant, _ jitter: Double) -> [Effect] {
        breaker.note(outcome, now: now, jitter: jitter) ? halt() : []
    }

    private mutating func halt() -> [Effect] {
        guard let outage, let probeAt = breaker.probeAt else { return [] }
        return pool.halt(outage.reason) + [.wake(at: probeAt)]
    }

    // MARK: what became of connections

    /// - Parameter outcome: a success only where the server has answered a PING.
    package mutating func dialled(
        _ dial: PoolState.DialID, _ outcome: Result<PoolState.ConnectionID, Refusal>, now: Instant, jitter: Double
    ) -> [Effect] {
        let wasDialling = pool.isDialling
        let effects = pool.dialled(dial, outcome, now: now, jitter: jitter)
        // One that nobody wants any more says nothing.
        guard wasDialling, !pool.isDialling || effects.contains(where: Self.isDial), !pool.isClosed else {
            return effects
        }
        switch outcome {
        case .success:
            if outage != nil { breaker.close() }
            return effects
        case .failure(let refusal):
            guard !pool.hasConnections else { return effects }
            let isProbe = outage != nil
            breaker.dialFailed(refusal, now: now, jitter: jitter)
            return isProbe
                ? effects + [.wake(at: breaker.probeAt ?? now)] : effects.filter { !Self.isWake($0) } + halt()
        }
    }

    private static func isWake(_ effect: Effect) -> Bool { if case .wake = effect { true } else { false } }
    private static func isDial(_ effect: Effect) -> Bool { if case .dial = effect { true } else { false } }

    package mutating func ended(_ connection: PoolState.ConnectionID, now: Instant) -> [Effect] {
        pool.ended(connection, now: now)
    }

    package mutating func woken(now: Instant) -> [Effect] {
        guard let probeAt = breaker.probeAt else { return pool.woken(now: now) }
        return now >= probeAt ? pool.probe() : []
    }

    // MARK: an end to all of them

    /// Who waits fails; those who use connections go on.
    package mutating func failWaiting(_ refusal: Refusal) -> [Effect] { pool.failWaiting(refusal) }

    /// For good.
    package mutating func close() -> [Effect] { pool.close() }
}
