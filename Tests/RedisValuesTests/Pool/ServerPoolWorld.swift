import RedisValues
import Support

/// Does what a ``NodePoolState`` asks for, without a connection, and looks whether all is as it must be.
struct ServerPoolWorld {
    private(set) var state: NodePoolState
    private let limits: PoolLimits
    private var generator: SeededGenerator
    private(set) var now = Duration.zero
    /// Who waits, in the order in which they came; those who have left or were served are passed later.
    private var sharing: [Int] = []
    private var alone: [Int] = []
    private(set) var waiting: [Int: PoolState.Use] = [:]
    private(set) var using: [Int: Int] = [:]
    private(set) var users: [Int] = []
    /// How many use a connection, by its number.
    private(set) var open: [Int: Int] = [:]
    private var lent: Set<Int> = []
    private(set) var dials: [PoolState.DialID] = []
    private var wanted: PoolState.DialID?
    private var wakes: [Duration] = []
    private var recent: [Duration] = []
    private var ids = 0
    private(set) var served = 0
    private(set) var exhausted = 0
    private(set) var pinged = 0
    private(set) var idled = 0
    private(set) var outages = 0
    private(set) var violations: [String] = []

    init(_ limits: PoolLimits, seed: UInt64) {
        self.limits = limits
        state = NodePoolState(limits)
        generator = SeededGenerator(seed: seed)
    }

    private mutating func jitter() -> Double { .random(in: 0...1, using: &generator) }
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    // MARK: what may happen

    /// Time passes, and what is due by then happens at its time.
    mutating func pass(_ time: Duration) {
        let end = now + time
        while let next = wakes.indices.min(by: { wakes[$0] < wakes[$1] }), wakes[next] <= end {
            now = max(now, wakes.remove(at: next))
            perform(state.woken(now: now))
        }
        now = end
    }

    mutating func want(_ use: PoolState.Use) {
        ids += 1
        let id = PoolState.WaiterID(ids)
        if use == .shared, let connection = state.take(id) {
            check(waiting.isEmpty || sharing.allSatisfy { waiting[$0] == nil }, "served before those who came first")
            begin(ids, connection.number, .shared)
            return
        }
        waiting[ids] = use
        if use == .shared { sharing.append(ids) } else { alone.append(ids) }
        perform(state.want(id, use, now: now))
    }

    mutating func giveUp(isOverdue: Bool) {
        guard let one = (sharing + alone).first(where: { waiting[$0] != nil }) else { return }
        waiting[one] = nil
        perform(state.giveUp(PoolState.WaiterID(one), isOverdue: isOverdue, now: now, jitter: jitter()))
    }

    mutating func release(_ outcome: BreakerState.Outcome) {
        guard !users.isEmpty else { return }
        let index = below(users.count)
        let user = users[index]
        users[index] = users[users.count - 1]
        users.removeLast()
        if let connection = using.removeValue(forKey: user), let count = open[connection] {
            open[connection] = count - 1
            lent.remove(connection)
        }
        perform(state.release(PoolState.WaiterID(user), outcome, now: now, jitter: jitter()))
    }

    mutating func dialled(isOK: Bool) {
        guard !dials.isEmpty else { return }
        let dial = dials.remove(at: below(dials.count))
        if dial == wanted { wanted = nil }
        if isOK { open[dial.number] = 0 }
        let outcome: Result<PoolState.ConnectionID, Refusal> =
            isOK ? .success(PoolState.ConnectionID(dial.number)) : .failure(Refusal(.refused))
        perform(state.dialled(dial, outcome, now: now, jitter: jitter()))
    }

    mutating func end() {
        guard let connection = open.keys.min() else { return }
        open[connection] = nil
        lent.remove(connection)
        perform(state.ended(PoolState.ConnectionID(connection), now: now))
    }

    mutating func close() {
        perform(state.close())
        check(open.isEmpty && waiting.isEmpty && wanted == nil, "closed, and something is left")
    }

    // MARK: what is done

    private mutating func perform(_ effects: [PoolState.Effect]) {
        for effect in effects { perform(effect) }
        if wasOut != (state.outage != nil) {
            wasOut.toggle()
            if wasOut { outages += 1 }
        }
        check(open.count + (wanted == nil ? 0 : 1) <= limits.size, "too many connections")
        check(state.outage == nil || open.isEmpty && waiting.isEmpty, "somebody waits or works in an outage")
    }
    private var wasOut = false

    private mutating func perform(_ effect: PoolState.Effect) {
        switch effect {
        case .dial(let dial):
            check(wanted == nil, "two dials at once")
            if state.outage == nil {
                recent.append(now)
                if let pace = limits.pace, recent.count > pace.burst {
                    check(now - recent.removeFirst() >= pace.every, "more dials than its pace allows")
                }
            }
            wanted = dial
            dials.append(dial)
        case .abandon(let dial):
            check(wanted == dial, "abandons another dial")
            wanted = nil
        case .hand(let connection, let waiters):
            for waiter in waiters {
                guard let use = waiting.removeValue(forKey: waiter.number) else {
                    check(false, "served twice, or not waiting")
                    continue
                }
                check(waiter.number == popFirst(use, waiter.number), "not first come, first served")
                begin(waiter.number, connection.number, use)
            }
        case .fail(let waiters, let refusal):
            check(state.outage != nil || state.isClosed || open.isEmpty, "failed beside a connection")
            check(refusal == PoolState.closed || refusal.kind != .other, "another reason")
            for waiter in waiters {
                check(waiting.removeValue(forKey: waiter.number) != nil, "failed somebody who does not wait")
            }
        case .exhaust(let waiter):
            check(waiting.removeValue(forKey: waiter.number) != nil, "turned somebody away who does not wait")
            check(waiting.count == limits.waiting, "turned away, and there is room")
            exhausted += 1
        case .ping(let connection):
            check(open[connection.number] == 0, "looks at a connection in use")
            pinged += 1
        case .close(let connection):
            if open[connection.number] == 0, state.outage == nil { idled += 1 }
            check(open.removeValue(forKey: connection.number) != nil, "closed twice")
            lent.remove(connection.number)
        case .wake(let instant):
            check(instant >= now, "woken in the past")
            wakes.append(instant)
        }
    }

    private mutating func begin(_ user: Int, _ connection: Int, _ use: PoolState.Use) {
        guard let count = open[connection] else { return check(false, "a connection that is not open") }
        check(!lent.contains(connection), "somebody else has it alone")
        if use == .exclusive {
            check(count == 0, "alone, and others use it")
            lent.insert(connection)
        }
        check(count < limits.uses, "too many users")
        open[connection] = count + 1
        using[user] = connection
        users.append(user)
        served += 1
    }

    /// Who of a kind has waited longest, once this one is served.
    private mutating func popFirst(_ use: PoolState.Use, _ served: Int) -> Int {
        func pop(_ queue: inout [Int]) -> Int {
            while let first = queue.first, first != served, waiting[first] == nil { queue.removeFirst() }
            return queue.isEmpty ? 0 : queue.removeFirst()
        }
        return use == .shared ? pop(&sharing) : pop(&alone)
    }

    // MARK: what is always so

    /// Looks at everything, which takes longer.
    mutating func checkAll() {
        check(Set(state.connections.map(\.number)) == Set(open.keys), "a connection is lost or kept too long")
        check(state.waiters == waiting.count, "a waiter is lost")
        check(state.isDialling == (wanted != nil), "a dial is lost")
        check(state.uses == users.count, "a user is lost")
        check(wakes.count < 40, "timers pile up")
        check(state.outage == nil || wanted != nil || !wakes.isEmpty, "nobody looks whether it answers again")
        if !waiting.isEmpty {
            check(wanted != nil || !wakes.isEmpty || open.values.contains { $0 > 0 }, "somebody waits for nothing")
        }
        sharing.removeAll { waiting[$0] == nil }
        alone.removeAll { waiting[$0] == nil }
    }

    private mutating func check(_ isRight: Bool, _ words: @autoclosure () -> String) {
        if !isRight, violations.count < 5 { violations.append(words()) }
    }
}
