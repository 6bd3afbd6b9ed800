internal import CacheWire
internal import NIOCore
internal import RedisValues

/// A ``NodePoolState`` with what its ids stand for: what a ``NodePool`` holds under its lock.
struct NodePoolShell {
    /// What is to be done once the lock is free, in this order.
    enum Action {
        case hand(any PoolWaiter, Connection, PoolState.ConnectionID)
        case refuse(any PoolWaiter, CacheError)
        case dial(PoolState.DialID)
        case abandon(Task<Void, Never>)
        case close(Connection)
        case ping(Connection)
        /// The machine is to be woken then.
        case wake(in: Duration)
        /// It is to be looked who has waited for too long.
        case sweep(in: Duration)
        case tell(PoolJournal.Turn)
    }

    private(set) var machine: NodePoolState
    /// Why calls are refused; nil while they pass.
    private(set) var unavailable: CacheError?
    /// The same for writes that need memory.
    private var full: CacheError?
    private var ending: CacheError?
    private var connections: [Int: Connection] = [:]
    private var waiting: [Int: any PoolWaiter] = [:]
    /// The dial that is wanted, and its task as soon as that is known.
    private var dial: (id: PoolState.DialID, task: Task<Void, Never>?)?
    private var ids = 0
    private var sweepAt: NIODeadline?
    private var figures = PoolStatistics()
    private(set) var denied = DeniedCommands()
    private var hasDialled = false
    private var hasConnected = false
    private var droppedBefore = 0
    /// Counted, so that who is to tell of one does not tell of a later one.
    private(set) var outages = 0
    /// What a cluster's node was asked when it said that the cluster is down.
    private var keyInDoubt: [UInt8]?
    private let start = NIODeadline.now()

    init(_ machine: NodePoolState) { self.machine = machine }

    private var now: Duration { .nanoseconds((NIODeadline.now() - start).nanoseconds) }
    private static var jitter: Double { .random(in: 0...1) }

    // MARK: who wants a connection

    /// - Returns: an id for whoever comes; why it is not let in, where it is not.
    mutating func enter(_ commands: [Command], isLast: Bool) -> (id: Int, refusal: CacheError?) {
        ids += 1
        if let refusal = unavailable ?? (isLast ? nil : ending) {
            figures.dropped += 1
            return (ids, refusal)
        }
        if let full, commands.contains(where: MemoryGate.isHungry),
            !machine.memory.admits(now: now, jitter: Self.jitter)
        {
            figures.dropped += 1
            return (ids, full)
        }
        return (ids, nil)
    }

    /// - Returns: a connection at once, or what is to be done.
    mutating func begin(_ call: PoolCall) -> (Connection?, [Action]) {
        if let id = machine.take(PoolState.WaiterID(call.id)), let connection = connections[id.number] {
            return (connection, [])
        }
        return (nil, want(call, .shared))
    }

    mutating func want(_ waiter: any PoolWaiter, _ use: PoolState.Use) -> [Action] {
        waiting[waiter.id] = waiter
        let actions = perform(machine.want(PoolState.WaiterID(waiter.id), use, now: now))
        return waiting[waiter.id] == nil ? actions : actions + sweep(by: waiter.deadline)
    }

    mutating func leave(_ id: Int) -> [Action] {
        guard waiting.removeValue(forKey: id) != nil else { return [] }
        return perform(machine.giveUp(PoolState.WaiterID(id), isOverdue: false, now: now, jitter: Self.jitter))
    }

    private mutating func sweep(by deadline: NIODeadline) -> [Action] {
        if let sweepAt, sweepAt <= deadline { return [] }
        sweepAt = deadline
        return [.sweep(in: .nanoseconds(max(0, (deadline - NIODeadline.now()).nanoseconds)))]
    }

    /// Whoever has waited until its deadline leaves.
    mutating func sweep() -> [Action] {
        let instant = NIODeadline.now()
        sweepAt = nil
        var actions: [Action] = []
        for waiter in waiting.values.filter({ $0.deadline <= instant }).sorted(by: { $0.id < $1.id })
        where waiting.removeValue(forKey: waiter.id) != nil {
            let hasNone = machine.connections.isEmpty
            let effects = machine.giveUp(
                PoolState.WaiterID(waiter.id), isOverdue: true, now: now, jitter: Self.jitter)
            if hasNone { figures.timeouts += 1 }
            let words = "no connection within the deadline of the call"
            actions.append(.refuse(waiter, hasNone ? .refused(Refusal(.timedOut, detail: words)) : .exhausted))
            actions += perform(effects)
        }
        guard let first = waiting.values.map(\.deadline).min() else { return actions }
        return actions + sweep(by: first)
    }

    // MARK: what came of it

    mutating func answered(_ call: PoolCall, isDone replies: [RESPValue]) -> [Action] {
        if full != nil, zip(call.commands, replies).contains(where: { MemoryGate.isDone($0, $1) }) {
            machine.memory.passed()
            full = nil
        }
        return perform(machine.release(PoolState.WaiterID(call.id), .answered, now: now, jitter: 0))
    }

    /// - Parameter command: that was answered so.
    mutating func release(
        _ id: Int, _ outcome: BreakerState.Outcome, about command: Command? = nil
    ) -> [Action] {
        if outcome == .timedOut { figures.timeouts += 1 }
        if case .cannot(let refusal) = outcome, refusal.kind == .clusterDown {
            keyInDoubt = command?.arguments.dropFirst().first
        }
        return perform(machine.release(PoolState.WaiterID(id), outcome, now: now, jitter: Self.jitter))
    }

    /// A call has failed with its connection, whose end may not have been told yet: nobody else is to be given it.
    mutating func failed(_ id: Int, _ outcome: BreakerState.Outcome) -> [Action] {
        let connection = machine.connection(of: PoolState.WaiterID(id))
        let actions = release(id, outcome)
        return connection.map { actions + ended($0) } ?? actions
    }

    mutating func ranOutOfMemory(_ words: [UInt8]) {
        machine.memory.refused(words, now: now, jitter: Self.jitter)
        if full == nil, let outage = machine.memory.outage {
            full = .unavailable(since: PoolJournal.wallTime(), reason: outage.reason)
        }
    }

    // MARK: connections

    /// What is asked of a new connection before anybody is let in; empty where nobody doubts that it answers.
    var probe: [Command] {
        guard machine.outage != nil else { return [] }
        return [Command("PING")] + (keyInDoubt.map { [Command([Array("EXISTS".utf8), $0])] } ?? [])
    }

    mutating func note(_ task: Task<Void, Never>, of id: PoolState.DialID) {
        if dial?.id == id { dial?.task = task }
    }

    mutating func isFirstDial() -> Bool {
        defer { hasDialled = true }
        return !hasDialled
    }

    mutating func isFirstConnection() -> Bool {
        defer { hasConnected = true }
        return !hasConnected
    }

    mutating func dialled(_ id: PoolState.DialID, _ outcome: Result<Dialler.Dialled, CacheError>) -> [Action] {
        if dial?.id == id { dial = nil }
        let result: Result<PoolState.ConnectionID, Refusal>
        switch outcome {
        case .success(let dialled):
            connections[id.number] = dialled.connection
            denied = dialled.denied
            figures.opened += 1
            keyInDoubt = nil
            result = .success(PoolState.ConnectionID(id.number))
        case .failure(let error): result = .failure(error.refusal)
        }
        let isFirst = figures.opened == 1 && unavailable == nil
        var actions = perform(machine.dialled(id, result, now: now, jitter: Self.jitter))
        if case .success = outcome, isFirst { actions.append(.tell(.connected)) }
        return actions
    }

    mutating func ended(_ id: PoolState.ConnectionID) -> [Action] {
        guard let connection = connections.removeValue(forKey: id.number) else { return [] }
        count(connection.isLate ? .late : .failed)
        return perform(machine.ended(id, now: now))
    }

    mutating func close(_ id: PoolState.ConnectionID, _ reason: PoolStatistics.Closing) -> [Action] {
        guard let connection = connections.removeValue(forKey: id.number) else { return [] }
        count(reason)
        return [.close(connection)] + perform(machine.ended(id, now: now))
    }

    var openConnections: [Connection] { Array(connections.values) }

    mutating func wake() -> [Action] { perform(machine.woken(now: now)) }

    private mutating func count(_ reason: PoolStatistics.Closing) { figures.closed[reason, default: 0] += 1 }

    // MARK: an end

    mutating func end() -> [Action] {
        ending = .refused(PoolState.closed)
        return perform(machine.failWaiting(PoolState.closed))
    }

    mutating func close(_ reason: PoolStatistics.Closing) -> [Action] {
        ending = .refused(PoolState.closed)
        return perform(machine.close(), closing: reason)
    }

    /// What is to be told of an outage that goes on; nil where it is over.
    func reminder(of number: Int) -> PoolJournal.Turn? {
        guard number == outages, case .unavailable(let since, let reason)? = unavailable else { return nil }
        return .goesOn(since: since, reason, dropped: figures.dropped - droppedBefore)
    }

    func statistics(of name: String) -> PoolStatistics {
        var statistics = figures
        (statistics.connections, statistics.busy) = (machine.connections.count, machine.busy)
        statistics.waiting = machine.waiters
        statistics.isEnding = ending != nil
        if case .unavailable(let since, let reason) = unavailable {
            statistics.outages = [PoolStatistics.Outage(node: name, since: since, reason: reason)]
        }
        return statistics
    }

    // MARK: performing

    private mutating func perform(
        _ effects: [PoolState.Effect], closing: PoolStatistics.Closing? = nil
    ) -> [Action] {
        var actions = turn()
        for effect in effects {
            switch effect {
            case .dial(let id):
                dial = (id, nil)
                actions.append(.dial(id))
            case .abandon:
                if let task = dial?.task { actions.append(.abandon(task)) }
                dial = nil
            case .hand(let id, let waiters):
                for waiter in waiters {
                    guard let connection = connections[id.number],
                        let waiter = waiting.removeValue(forKey: waiter.number)
                    else { continue }
                    actions.append(.hand(waiter, connection, id))
                }
            case .fail(let waiters, let refusal):
                let error = unavailable ?? .refused(refusal)
                for waiter in waiters {
                    figures.dropped += 1
                    if let waiter = waiting.removeValue(forKey: waiter.number) {
                        actions.append(.refuse(waiter, error))
                    }
                }
            case .exhaust(let waiter):
                figures.dropped += 1
                if let waiter = waiting.removeValue(forKey: waiter.number) {
                    actions.append(.refuse(waiter, .exhausted))
                }
            case .ping(let id): if let connection = connections[id.number] { actions.append(.ping(connection)) }
            case .close(let id):
                guard let connection = connections.removeValue(forKey: id.number) else { continue }
                count(closing ?? (ending != nil ? .shutdown : unavailable == nil ? .idle : .outage))
                actions.append(.close(connection))
            case .wake(let instant): actions.append(.wake(in: max(.zero, instant - now)))
            }
        }
        return actions
    }

    /// What is to be told of an outage that begins, changes or ends.
    private mutating func turn() -> [Action] {
        switch (machine.outage, unavailable) {
        case (nil, nil): return []
        case (nil, .some):
            unavailable = nil
            return [.tell(.recovered(dropped: figures.dropped - droppedBefore))]
        case (let outage?, nil):
            unavailable = .unavailable(since: PoolJournal.wallTime(), reason: outage.reason)
            droppedBefore = figures.dropped
            outages += 1
            return [.tell(.lost(outage.reason))]
        case (let outage?, .unavailable(let since, let reason)?):
            if reason != outage.reason { unavailable = .unavailable(since: since, reason: outage.reason) }
            return []
        case (.some, .some): return []
        }
    }
}
