import RedisValues
import Support
import Testing

/// Does what a ``PoolState`` asks for, without a connection, and looks after each step whether all is as it must be.
struct PoolWorld {
    enum Event: CaseIterable {
        case wantA, wantB, dialOK, dialFailed, ended, giveUpA, giveUpB, releaseA, releaseB, woken, drop, close
    }

    enum Standing { case waiting, using(PoolState.ConnectionID), failed, left }

    private(set) var state: PoolState
    private let limit: Int
    private let uses: Int
    private let rests: Bool
    private var generator: SeededGenerator
    private(set) var now = Duration.zero
    /// Everybody who ever wanted a connection and is still of interest.
    private(set) var standing: [PoolState.WaiterID: Standing] = [:]
    /// In the order in which they came.
    private(set) var queue: [PoolState.WaiterID] = []
    /// Dials whose outcome has not been told, the abandoned ones included.
    private(set) var dials: [PoolState.DialID] = []
    private(set) var wanted: PoolState.DialID?
    private(set) var open: Set<PoolState.ConnectionID> = []
    private var wakes: [Duration] = []
    /// nil where no rest is under way.
    private var restsUntil: Duration?
    private var made = 0
    private(set) var served = 0
    private(set) var violations: [String] = []

    init(limit: Int, uses: Int, rests: Bool, seed: UInt64 = 1) {
        (self.limit, self.uses, self.rests) = (limit, uses, rests)
        state = PoolState(limit: limit, uses: uses, rest: rests ? Backoff() : nil)
        generator = SeededGenerator(seed: seed)
    }

    static let a = PoolState.WaiterID(1)
    static let b = PoolState.WaiterID(2)

    // MARK: what may happen

    func isPossible(_ event: Event) -> Bool {
        switch event {
        case .wantA: standing[Self.a] == nil
        case .wantB: standing[Self.b] == nil
        case .dialOK, .dialFailed: !dials.isEmpty
        case .ended: !open.isEmpty
        case .giveUpA: standing[Self.a] != nil
        case .giveUpB: standing[Self.b] != nil
        case .releaseA: isUsing(Self.a)
        case .releaseB: isUsing(Self.b)
        case .woken: !wakes.isEmpty
        case .drop, .close: true
        }
    }

    func isUsing(_ waiter: PoolState.WaiterID) -> Bool { if case .using? = standing[waiter] { true } else { false } }

    mutating func happen(_ event: Event) {
        switch event {
        case .wantA: want(Self.a)
        case .wantB: want(Self.b)
        case .dialOK: dialled(dials[0], isOK: true)
        case .dialFailed: dialled(dials[0], isOK: false)
        case .ended: if let one = open.min(by: { $0.number < $1.number }) { end(one) }
        case .giveUpA: giveUp(Self.a)
        case .giveUpB: giveUp(Self.b)
        case .releaseA: release(Self.a)
        case .releaseB: release(Self.b)
        case .woken: wake()
        case .drop: drop()
        case .close: close()
        }
    }

    mutating func pass(_ time: Duration) { now += time }

    mutating func want(_ waiter: PoolState.WaiterID) {
        standing[waiter] = .waiting
        queue.append(waiter)
        perform(state.want(waiter, now: now))
    }

    mutating func giveUp(_ waiter: PoolState.WaiterID) {
        if case .waiting? = standing[waiter] {
            standing[waiter] = .left
            queue.removeAll { $0 == waiter }
        }
        perform(state.giveUp(waiter))
    }

    mutating func release(_ waiter: PoolState.WaiterID) {
        standing[waiter] = .left
        perform(state.release(waiter))
    }

    /// The outcome of a dial, wanted or abandoned.
    mutating func dialled(_ dial: PoolState.DialID, isOK: Bool) {
        dials.removeAll { $0 == dial }
        let isWanted = dial == wanted
        if isWanted { wanted = nil }
        var outcome = Result<PoolState.ConnectionID, Refusal>.failure(Refusal(.refused))
        if isOK {
            made += 1
            open.insert(PoolState.ConnectionID(made))
            outcome = .success(PoolState.ConnectionID(made))
        }
        let others = queue
        let effects = state.dialled(dial, outcome, now: now, jitter: .random(in: 0...1, using: &generator))
        let failed = effects.contains { if case .fail = $0 { true } else { false } }
        if isOK || !isWanted { check(!failed, "a dial that did not fail, or that nobody wanted, has failed somebody") }
        if !isOK, isWanted, open.isEmpty, !others.isEmpty { check(failed, "a dial failed and nobody was told") }
        perform(effects)
        if rests, isWanted, !isOK { check(restsUntil != nil, "no rest after a failure") }
    }

    mutating func end(_ connection: PoolState.ConnectionID) {
        open.remove(connection)
        letGo(of: connection)
        perform(state.ended(connection, now: now))
    }

    /// The first timer fires, at its time or before.
    mutating func wake(early: Bool = false) {
        guard let first = wakes.min(), let index = wakes.firstIndex(of: first) else { return }
        wakes.remove(at: index)
        if !early { now = max(now, first) }
        perform(state.woken(now: now))
    }

    var hasTimer: Bool { !wakes.isEmpty }

    mutating func drop() {
        restsUntil = nil
        perform(state.drop())
        check(open.isEmpty, "a connection is open that was dropped")
    }

    mutating func close() {
        perform(state.close())
        check(open.isEmpty && queue.isEmpty && wanted == nil, "closed, and something is left")
    }

    mutating func forgetWhoHasGone() {
        for (waiter, one) in standing {
            switch one {
            case .failed, .left: standing[waiter] = nil
            case .waiting, .using: continue
            }
        }
    }

    // MARK: what is done

    private mutating func perform(_ effects: [PoolState.Effect]) {
        let served = effects.flatMap { effect -> [PoolState.WaiterID] in
            if case .hand(_, let waiters) = effect { waiters } else { [] }
        }
        check(Set(served) == Set(queue.prefix(served.count)), "not first come, first served")
        for effect in effects { perform(effect) }
        checkAll()
    }

    private mutating func perform(_ effect: PoolState.Effect) {
        switch effect {
        case .dial(let dial):
            check(wanted == nil, "two dials at once")
            check(now >= restsUntil ?? .zero, "a dial during the rest")
            check(!queue.isEmpty, "a dial for nobody")
            (wanted, restsUntil) = (dial, nil)
            dials.append(dial)
        case .abandon(let dial):
            check(wanted == dial, "abandons another dial")
            wanted = nil
        case .hand(let connection, let waiters):
            check(open.contains(connection), "handed over a connection that is not open")
            for waiter in waiters {
                check(queue.contains(waiter), "served twice, or not waiting")
                queue.removeAll { $0 == waiter }
                standing[waiter] = .using(connection)
                served += 1
            }
        case .fail(let waiters, let refusal):
            check(waiters == queue, "failed others than those who wait")
            check(refusal == PoolState.closed || refusal.kind == .refused, "another reason")
            for waiter in waiters { standing[waiter] = .failed }
            queue = []
        case .close(let connection):
            check(open.remove(connection) != nil, "closed twice")
            letGo(of: connection)
        case .exhaust, .ping: check(false, "there is no bound on who waits, and none on idle connections")
        case .wake(let instant):
            check(instant > now, "woken at once")
            wakes.append(instant)
            restsUntil = instant
        }
    }

    private mutating func letGo(of connection: PoolState.ConnectionID) {
        for (waiter, one) in standing { if case .using(connection) = one { standing[waiter] = .left } }
    }

    // MARK: what is always so

    private mutating func checkAll() {
        check(Set(state.connections) == open, "a connection is lost or kept too long")
        check(state.waiters == queue.count, "a waiter is lost")
        check(state.isDialling == (wanted != nil), "a dial is lost")
        check(open.count + (wanted == nil ? 0 : 1) <= limit, "too many connections")
        var used: [PoolState.ConnectionID: Int] = [:]
        for one in standing.values { if case .using(let connection) = one { used[connection, default: 0] += 1 } }
        check(used.values.allSatisfy { $0 <= uses }, "too many users")
        guard !queue.isEmpty else { return }
        let isFull = open.allSatisfy { used[$0] == uses }
        check(isFull, "somebody waits beside a connection with room")
        let isWoken = restsUntil.map { end in wakes.contains { $0 >= end } } ?? false
        check(wanted != nil || !open.isEmpty || isWoken, "somebody waits for nothing")
        if rests { check(wanted != nil || open.count == limit || isWoken, "nobody dials for those who wait") }
    }

    private mutating func check(_ isRight: Bool, _ words: String) {
        if !isRight, violations.count < 5 { violations.append(words) }
    }
}
