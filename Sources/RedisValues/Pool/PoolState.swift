/// Bookkeeping of the connections to one node: who waits, who uses which one, and whether another is being dialled.
///
/// It decides, and its owner performs: each call returns what is to be done, in this order. At most one dial is under
/// way, for all who wait.
package struct PoolState: Sendable {
    /// Monotonic time since some start, the same for all calls.
    package typealias Instant = Duration

    /// Who wants a connection; a new id for each wish.
    package struct WaiterID: Hashable, Sendable {
        package let number: Int
        package init(_ number: Int) { self.number = number }
    }

    package struct DialID: Hashable, Sendable {
        package let number: Int
        package init(_ number: Int) { self.number = number }
    }

    package struct ConnectionID: Hashable, Sendable {
        package let number: Int
        package init(_ number: Int) { self.number = number }
    }

    /// How a connection is used.
    package enum Use: Sendable {
        /// Beside others.
        case shared
        /// Alone: what is said on it depends on what was said before.
        case exclusive
    }

    package enum Effect: Equatable, Sendable {
        /// Its outcome is told with ``PoolState/dialled(_:_:now:using:)``.
        case dial(DialID)
        /// Nobody wants it any more. Its outcome may still be told.
        case abandon(DialID)
        case hand(ConnectionID, [WaiterID])
        case fail([WaiterID], Refusal)
        /// More wait already than may.
        case exhaust(WaiterID)
        /// Nobody has used it for a while: is the server still there?
        case ping(ConnectionID)
        case close(ConnectionID)
        /// ``PoolState/woken(now:)`` is to be called then.
        case wake(at: Instant)
    }

    private struct Held: Sendable {
        let id: ConnectionID
        /// Since when nobody uses it, where nobody does.
        var rested: Instant
        /// When it was last asked whether it answers.
        var asked: Instant
        var uses = 0
        var isAlone = false
        /// It takes no more users, so that somebody gets it alone.
        var isReserved = false

        var isShared: Bool { !isAlone && !isReserved }
    }

    private let limits: PoolLimits
    private var rest: Backoff?
    private var restsUntil: Instant?
    private var sharing = WaitQueue()
    private var alone = WaitQueue()
    /// By the number of who uses it, until they release it, also where it has ended.
    private var users: [Int: ConnectionID] = [:]
    private var held: [Held] = []
    private var hasReserved = false
    private var dial: DialID?
    private var dials = 0
    /// See ``PoolLimits/Pace``.
    private var paceDue = Instant.zero
    private var pacesUntil: Instant?
    /// When the idle ones are looked at next.
    private var looksAt: Instant?
    /// True from ``halt(_:)`` until a dial comes through: nobody is served, and only ``probe()`` dials.
    private var isHalted = false
    package private(set) var isClosed = false

    /// Why nobody is served after ``close()``.
    package static let closed = Refusal(.other, detail: "the way to this node is closed")

    /// - Parameter rest: how long nobody dials after a dial that failed; nil for callers that pace themselves.
    package init(_ limits: PoolLimits, rest: Backoff? = nil) {
        self.limits = limits
        self.rest = rest
    }

    /// - Parameters:
    ///   - limit: connections, the one that is being dialled included.
    ///   - uses: how many may use a connection at once.
    ///   - rest: how long nobody dials after a dial that failed; nil for callers that pace themselves.
    package init(limit: Int = 1, uses: Int = .max, rest: Backoff? = nil) {
        self.init(PoolLimits(size: limit, uses: uses), rest: rest)
    }

    package var connections: [ConnectionID] { held.map(\.id) }
    package var hasConnections: Bool { !held.isEmpty }
    package var isDialling: Bool { dial != nil }
    package var waiters: Int { sharing.count + alone.count }
    /// Connections in use.
    package var busy: Int { held.count { $0.uses > 0 } }
    /// Those who use one, also where it has ended.
    package var uses: Int { users.count }
    private var isWaitedFor: Bool { !sharing.isEmpty || !alone.isEmpty }

    // MARK: who wants one

    package mutating func want(_ waiter: WaiterID, _ use: Use = .shared, now: Instant) -> [Effect] {
        guard !isClosed else { return [.fail([waiter], Self.closed)] }
        if use == .exclusive { alone.append(waiter) } else { sharing.append(waiter) }
        let effects = serve()
        // Whoever was served at once never waits.
        if waiters > limits.waiting, sharing.remove(waiter) || alone.remove(waiter) {
            return effects + [.exhaust(waiter)]
        }
        return effects + dialIfWanted(now, isCrowded: isCrowded)
    }

    /// A connection to share, where there is one that is not crowded: nothing else follows then.
    ///
    /// - Returns: nil where ``want(_:_:now:)`` has to decide.
    package mutating func take(_ waiter: WaiterID) -> ConnectionID? {
        guard !isClosed, sharing.isEmpty, let index = leastBusy(), held[index].uses < limits.crowd else { return nil }
        return use(index, waiter)
    }

    /// Ends the wait; nothing changes for one that was served before. Where dials are not kept, the last one to leave
    /// abandons the dial.
    package mutating func giveUp(_ waiter: WaiterID) -> [Effect] {
        if alone.remove(waiter) {
            // What was reserved for it may serve others.
            let effects = serve()
            return effects + (isWaitedFor || limits.keepsDials ? [] : abandon())
        }
        guard sharing.remove(waiter) else { return [] }
        return isWaitedFor || limits.keepsDials ? [] : abandon()
    }

    /// Ends the use, also of a connection that has ended or was closed meanwhile.
    package mutating func release(_ waiter: WaiterID, now: Instant = .zero) -> [Effect] {
        guard let connection = users.removeValue(forKey: waiter.number), let index = index(of: connection) else {
            return []
        }
        held[index].uses -= 1
        if held[index].uses == 0 { (held[index].rested, held[index].isAlone) = (now, false) }
        return isWaitedFor ? serve() + dialIfWanted(now) : []
    }

    /// Which connection it uses, also where that has ended.
    package func connection(of waiter: WaiterID) -> ConnectionID? { users[waiter.number] }

    /// Whether it uses a connection that has not ended.
    package func isServed(_ waiter: WaiterID) -> Bool {
        users[waiter.number].map { index(of: $0) != nil } ?? false
    }

    // MARK: what became of connections

    /// Whoever waits for a dial that fails fails with it; where others are in use, one of those is waited for.
    ///
    /// - Parameter jitter: of the rest, from 0 to 1.
    package mutating func dialled(
        _ dial: DialID, _ outcome: Result<ConnectionID, Refusal>, now: Instant, jitter: Double
    ) -> [Effect] {
        let isWanted = dial == self.dial
        if isWanted { self.dial = nil }
        switch outcome {
        case .success(let connection):
            guard isWanted else { return [.close(connection)] }
            isHalted = false
            rest?.reset()
            held.append(Held(id: connection, rested: now, asked: now))
            let effects = serve()
            return effects + dialIfWanted(now) + beginLooking(now)
        case .failure(let refusal):
            guard isWanted else { return [] }
            if isHalted { return [] }
            return (held.isEmpty ? failAll(refusal) : []) + beginRest(now, jitter)
        }
    }

    /// Concerns this very connection, never a newer one; who uses it sees that for himself.
    package mutating func ended(_ connection: ConnectionID, now: Instant) -> [Effect] {
        guard let index = index(of: connection) else { return [] }
        held.remove(at: index)
        let effects = alone.isEmpty ? [] : serve()
        return effects + dialIfWanted(now)
    }

    /// Who was woken too early is woken again.
    package mutating func woken(now: Instant) -> [Effect] {
        if let pacesUntil, now >= pacesUntil { self.pacesUntil = nil }
        let looks = lookIfDue(now)
        if let restsUntil, now < restsUntil { return looks + [.wake(at: restsUntil)] }
        return looks + dialIfWanted(now)
    }

    // MARK: an end to all of them

    /// Closes all connections, also those in use. Who waits goes on waiting, for a new dial.
    package mutating func drop() -> [Effect] {
        let effects = abandon() + closeAll()
        restsUntil = nil
        rest?.reset()
        return effects + dialIfWanted()
    }

    /// Closes all connections, also those in use; who waits fails. Nobody is to be let in until a probe has come through.
    package mutating func halt(_ refusal: Refusal) -> [Effect] {
        isHalted = true
        restsUntil = nil
        rest?.reset()
        return abandon() + failAll(refusal) + closeAll()
    }

    /// A dial for nobody, while all else is halted.
    package mutating func probe() -> [Effect] { isHalted && dial == nil && !isClosed ? [newDial()] : [] }

    /// Who waits fails; those who use connections go on.
    package mutating func failWaiting(_ refusal: Refusal) -> [Effect] { failAll(refusal) }

    /// For good.
    package mutating func close() -> [Effect] {
        isClosed = true
        return abandon() + failAll(Self.closed) + closeAll()
    }

    // MARK: what follows

    private func index(of connection: ConnectionID) -> Int? { held.firstIndex { $0.id == connection } }

    private func leastBusy() -> Int? {
        var best: Int?
        var least = limits.uses
        for index in held.indices where held[index].uses < least && held[index].isShared {
            (best, least) = (index, held[index].uses)
        }
        return best
    }

    private mutating func use(_ index: Int, _ waiter: WaiterID) -> ConnectionID {
        held[index].uses += 1
        users[waiter.number] = held[index].id
        return held[index].id
    }

    /// Each goes to the connection that the fewest use.
    private mutating func serve() -> [Effect] {
        let effects = serveAlone()
        guard !sharing.isEmpty else { return effects }
        var served = [[WaiterID]](repeating: [], count: held.count)
        while let index = leastBusy(), let waiter = sharing.popFirst() {
            _ = use(index, waiter)
            served[index].append(waiter)
        }
        return effects + zip(held, served).compactMap { $1.isEmpty ? nil : .hand($0.id, $1) }
    }

    /// Whoever wants one alone gets one that nobody uses. Where there is none, and none is to come, the least busy ones
    /// take no more users.
    private mutating func serveAlone() -> [Effect] {
        if hasReserved { for index in held.indices { held[index].isReserved = false } }
        hasReserved = false
        guard !alone.isEmpty else { return [] }
        var effects: [Effect] = []
        var room = limits.exclusive - held.count { $0.isAlone }
        while !alone.isEmpty, room > 0, let index = held.firstIndex(where: { $0.uses == 0 && !$0.isAlone }),
            let waiter = alone.popFirst()
        {
            held[index].isAlone = true
            effects.append(.hand(use(index, waiter), [waiter]))
            room -= 1
        }
        let reserved = min(alone.count, room) - (limits.size - held.count)
        for _ in 0..<max(0, reserved) {
            var best: Int?
            for index in held.indices where held[index].isShared {
                if best.map({ held[index].uses < held[$0].uses }) ?? true { best = index }
            }
            if let best { (held[best].isReserved, hasReserved) = (true, true) }
        }
        return effects
    }

    private var isCrowded: Bool {
        !held.isEmpty && held.allSatisfy { $0.uses >= limits.crowd || !$0.isShared }
    }

    /// - Parameters:
    ///   - now: nil where no rest is under way.
    ///   - isCrowded: whether another one is wanted although nobody waits.
    private mutating func dialIfWanted(_ now: Instant? = nil, isCrowded: Bool = false) -> [Effect] {
        guard dial == nil, !isHalted, !isClosed, held.count < limits.size else { return [] }
        let isForOneAlone = !alone.isEmpty && held.count { $0.isAlone } < limits.exclusive
        guard isCrowded || !sharing.isEmpty || isForOneAlone || held.count < limits.minimum else { return [] }
        if let restsUntil, let now, now < restsUntil { return [] }
        if let pace = limits.pace, let now {
            if let pacesUntil, now < pacesUntil { return [] }
            let earliest = pace.takes(&paceDue, at: now)
            if earliest > now {
                pacesUntil = earliest
                return [.wake(at: earliest)]
            }
        }
        return [newDial()]
    }

    private mutating func newDial() -> Effect {
        restsUntil = nil
        dials += 1
        let new = DialID(dials)
        dial = new
        return .dial(new)
    }

    private mutating func beginRest(_ now: Instant, _ jitter: Double) -> [Effect] {
        guard let length = rest?.next(jitter: jitter) else { return [] }
        restsUntil = now + length
        return [.wake(at: now + length)]
    }

    private mutating func beginLooking(_ now: Instant) -> [Effect] {
        guard let idle = limits.idle, looksAt == nil else { return [] }
        looksAt = now + idle.ping
        return [.wake(at: now + idle.ping)]
    }

    private mutating func lookIfDue(_ now: Instant) -> [Effect] {
        guard let idle = limits.idle, let looksAt, now >= looksAt else { return [] }
        self.looksAt = nil
        var effects: [Effect] = []
        var next = now + idle.ping
        for one in held where one.uses == 0 {
            if now - one.rested >= idle.close, held.count > limits.minimum {
                held.removeAll { $0.id == one.id }
                effects.append(.close(one.id))
            } else if now - max(one.rested, one.asked) >= idle.ping, let index = index(of: one.id) {
                held[index].asked = now
                effects.append(.ping(one.id))
            } else {
                next = min(next, max(one.rested, one.asked) + idle.ping)
            }
        }
        guard !held.isEmpty else { return effects }
        self.looksAt = next
        return effects + [.wake(at: next)]
    }

    private mutating func abandon() -> [Effect] {
        defer { dial = nil }
        return dial.map { [.abandon($0)] } ?? []
    }

    private mutating func failAll(_ refusal: Refusal) -> [Effect] {
        let all = sharing.removeAll() + alone.removeAll()
        return all.isEmpty ? [] : [.fail(all, refusal)]
    }

    private mutating func closeAll() -> [Effect] {
        defer { held = [] }
        (looksAt, pacesUntil) = (nil, nil)
        return held.map { .close($0.id) }
    }
}

extension Refusal: Error {}
