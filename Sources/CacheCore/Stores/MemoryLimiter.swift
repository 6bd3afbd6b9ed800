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
        let countsOther = options.countsOtherLayout
        return memory.step { keyspace, now in
            let counted = keyspace.countUp(plan.key, window: limit.window, at: now)
            let block = keyspace.rest(of: plan.blockKey, at: now)
            let otherKey = countsOther ? plan.otherKey : nil
            let other = otherKey.flatMap { keyspace.count(of: $0, at: now) }
            notes.count(.sideMisses, by: (block == nil ? 1 : 0) + (otherKey != nil && other == nil ? 1 : 0))
            if let block { return .blocked(for: block) }
            switch counted {
            case .counted(let count, let rest):
                return LimitVerdict(count: count +| (other ?? 0), of: limit.limit, rest: rest)
            case .wrongType:
                notes.wrongType(plan.key)
                return options.verdictInOutage()
            case .undecodable:
                notes.count(.drops)
                return options.verdictInOutage()
            }
        }
    }

    public func allow(_ id: String, within limit: RateLimit) async throws(CacheError) -> LimitVerdict {
        let plan = try options.plan(limit, id)
        let rate: GCRA
        do throws(StoreProblem) { rate = try GCRA(limit) } catch { throw CacheError(error) }
        return memory.step { keyspace, now in
            let decision = keyspace.spend(plan.key, rate, at: now)
            if let block = keyspace.rest(of: plan.blockKey, at: now) { return .blocked(for: block) }
            notes.count(.sideMisses)
            guard let decision else {
                notes.wrongType(plan.key)
                return options.verdictInOutage()
            }
            return LimitVerdict(
                isAllowed: decision.isAllowed, remaining: Int(decision.remaining), rest: .milliseconds(decision.rest))
        }
    }

    public func usage(_ id: String, of limit: WindowLimit) async throws(CacheError) -> Int? {
        let plan = try options.plan(limit, id, at: memory.clock.now)
        return memory.step { keyspace, now in
            let counts = [plan.key, plan.otherKey].compactMap { $0.flatMap { keyspace.count(of: $0, at: now) } }
            return counts.isEmpty ? nil : counts.reduce(0, +|)
        }
    }

    public func reset(_ id: String, _ limit: WindowLimit) async throws(CacheError) {
        let plan = try options.plan(limit, id, at: memory.clock.now)
        memory.step { keyspace, now in
            for key in [plan.key, plan.otherKey] { if let key { keyspace.remove(key, at: now) } }
        }
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
