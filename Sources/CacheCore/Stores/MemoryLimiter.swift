public import CacheWire
public import RedisValues

/// A limiter that counts in this process: see ``Limiter``.
public struct MemoryLimiter: Limiter {
    private let memory: StoreMemory
    private let options: LimiterOptions
    private let notes: StoreNotes

    public init(
        _ memory: StoreMemory, _ options: LimiterOptions = LimiterOptions(), tally: any StoreTally = NoTally()
    ) {
        self.memory = memory
        self.options = options
        notes = StoreNotes(tally, LimiterOptions.namespace)
    }

    public func allow(_ id: String, within limit: WindowLimit) async throws(CacheError) -> LimitVerdict {
        let plan = try options.plan(limit, id, at: memory.clock.now)
        return ask(plan, of: limit.limit) { $0.countUp(plan.key, window: limit.window, at: $1) }
    }

    public func allow(_ id: String, within limit: RateLimit) async throws(CacheError) -> LimitVerdict {
        let plan = try options.plan(limit, id)
        let rate = try options.rate(limit)
        return ask(plan, of: limit.burst) { $0.spend(plan.key, rate, at: $1) }
    }

    private func ask(
        _ plan: LimitPlan, of limit: Int, _ count: (inout MemoryKeyspace, WallTime) -> LimitCount
    ) -> LimitVerdict {
        let otherKey = options.otherKey(plan)
        let finding = memory.step { keyspace, now in
            let count = count(&keyspace, now)
            let block = keyspace.rest(of: plan.blockKey, at: now).map { LimitFinding.Block(rest: $0) }
            return LimitFinding(
                block: block, count: count, others: otherKey.flatMap { keyspace.count(of: $0, at: now) },
                isMissing: otherKey.map { keyspace.value(of: $0, at: now) == nil } ?? false)
        }
        notes.count(.sideMisses, by: finding.sideMisses)
        return options.verdict(finding, of: limit, at: plan, notes)
    }

    public func usage(_ id: String, of limit: WindowLimit) async throws(CacheError) -> Int? {
        let plan = try options.plan(limit, id, at: memory.clock.now)
        return memory.step { keyspace, now in
            let counts = plan.keys.compactMap { keyspace.count(of: $0, at: now) }
            return counts.isEmpty ? nil : counts.reduce(0, +|)
        }
    }

    public func reset(_ id: String, _ limit: WindowLimit) async throws(CacheError) {
        let plan = try options.plan(limit, id, at: memory.clock.now)
        memory.step { keyspace, now in for key in plan.keys { keyspace.remove(key, at: now) } }
    }

    public func block(_ id: String, for time: Duration) async throws(CacheError) {
        let key = try options.blockKey(id)
        try time.storeLife("the block")
        memory.step { $0.set(.string([0x31]), of: key, until: $1.adding(time)) }
    }

    public func unblock(_ id: String) async throws(CacheError) -> Bool {
        let key = try options.blockKey(id)
        return memory.step { $0.remove(key, at: $1) }
    }

    public func isBlocked(_ id: String) async throws(CacheError) -> Bool {
        let key = try options.blockKey(id)
        let isBlocked = memory.step { $0.rest(of: key, at: $1) != nil }
        if !isBlocked { notes.count(.sideMisses) }
        return isBlocked
    }
}
