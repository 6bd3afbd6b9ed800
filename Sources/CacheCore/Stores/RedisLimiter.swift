public import CacheWire
public import RedisValues

/// A limiter that counts on a server, by scripts: see ``Limiter``.
public struct RedisLimiter: Limiter {
    private let calls: any CacheCalls
    private let options: LimiterOptions
    private let clock: any StoreClock
    private let notes: StoreNotes

    /// - Parameter clock: names the windows of the deployed layout, and nothing else: all else runs on the server's time.
    public init(
        _ calls: any CacheCalls, _ options: LimiterOptions = LimiterOptions(), tally: any StoreTally = NoTally(),
        clock: any StoreClock = SystemClock()
    ) {
        self.calls = calls
        self.options = options
        self.clock = clock
        notes = StoreNotes(tally, LimiterOptions.namespace)
    }

    public func allow(_ id: String, within limit: WindowLimit) async throws(CacheError) -> LimitVerdict {
        let plan = try options.plan(limit, id, at: clock.now)
        let arguments = [Array(String(limit.window.wholeMilliseconds).utf8)]
        return try await ask(.window, arguments, plan) { counted, others throws(RESPShapeError) in
            let (count, rest) = (try counted.count(at: 0), try counted.count(at: 1))
            return LimitVerdict(count: count +| others, of: limit.limit, rest: .milliseconds(rest))
        }
    }

    public func allow(_ id: String, within limit: RateLimit) async throws(CacheError) -> LimitVerdict {
        let plan = try options.plan(limit, id)
        let rate: GCRA
        do throws(StoreProblem) { rate = try GCRA(limit) } catch { throw CacheError(error) }
        let arguments = [rate.interval, rate.burst].map { Array(String($0).utf8) }
        return try await ask(.rate, arguments, plan) { decided, _ throws(RESPShapeError) in
            LimitVerdict(
                isAllowed: try decided.count(at: 0) == 1, remaining: try decided.count(at: 1),
                rest: .milliseconds(try decided.count(at: 2)))
        }
    }

    /// The block, what the other layout has counted, and the script, in one round trip.
    private func ask(
        _ script: StoreScript, _ arguments: [[UInt8]], _ plan: LimitPlan,
        _ read: (RESPValue, Int) throws(RESPShapeError) -> LimitVerdict
    ) async throws(CacheError) -> LimitVerdict {
        var asked = [CacheCall.pttl(plan.blockKey), script.call(plan.key, arguments)]
        if options.countsOtherLayout, let other = plan.otherKey { asked.append(.get(other)) }
        do throws(CacheError) {
            var replies = try await calls.pipeline(asked)
            guard replies.count == asked.count else { throw .protocolError("\(replies.count) replies") }
            if replies[1].isUnknownScript { replies[1] = try await calls.send(script.fullCall(plan.key, arguments)) }
            // A block and the other layout's count are rarely there.
            let block = try replies[0].timeLeft
            notes.count(.sideMisses, by: (block == nil ? 1 : 0) + replies.dropFirst(2).count { $0 == .null })
            if let block { return .blocked(for: block.rest) }
            if replies[1].isWrongType {
                notes.wrongType(plan.key)
                return options.verdictInOutage()
            }
            let others = replies.count > 2 ? (try? replies[2].count) ?? 0 : 0
            return try replies[1].reading { reply throws(RESPShapeError) in try read(reply, others) }
        } catch {
            if error.isOfCaller { throw error }
            notes.count(.drops)
            return options.verdictInOutage()
        }
    }

    public func usage(_ id: String, of limit: WindowLimit) async throws(CacheError) -> Int? {
        let plan = try options.plan(limit, id, at: clock.now)
        let keys = [plan.key] + (plan.otherKey.map { [$0] } ?? [])
        let counts = try await calls.pipeline(keys.map { .get($0) }).compactMap { try? $0.count }
        return counts.isEmpty ? nil : counts.reduce(0, +|)
    }

    public func reset(_ id: String, _ limit: WindowLimit) async throws(CacheError) {
        let plan = try options.plan(limit, id, at: clock.now)
        let keys = [plan.key] + (plan.otherKey.map { [$0] } ?? [])
        for reply in try await calls.pipeline(keys.map { .unlink($0) }) {
            if let error = reply.cacheError { throw error }
        }
    }

    public func block(_ id: String, for time: Duration) async throws(CacheError) {
        let key = try options.blockKey(id)
        try time.storeLife("the block")
        let reply = try await calls.send(.set(key, "1", for: time))
        if let error = reply.cacheError { throw error }
    }

    public func unblock(_ id: String) async throws(CacheError) -> Bool {
        let reply = try await calls.send(.unlink(try options.blockKey(id)))
        return try reply.reading { reply throws(RESPShapeError) in try reply.count > 0 }
    }

    public func isBlocked(_ id: String) async throws(CacheError) -> Bool {
        let key = try options.blockKey(id)
        do throws(CacheError) {
            let isBlocked = try await calls.send(.pttl(key)).timeLeft != nil
            if !isBlocked { notes.count(.sideMisses) }
            return isBlocked
        } catch {
            if error.isOfCaller { throw error }
            notes.count(.drops)
            return options.outage == .closed
        }
    }
}

extension RESPValue {
    /// An element of an array, which is a count.
    fileprivate func count(at index: Int) throws(RESPShapeError) -> Int {
        let elements = try array
        guard elements.indices.contains(index) else {
            throw RESPShapeError(expected: "\(index + 1) elements", found: "\(elements.count)")
        }
        return try elements[index].count
    }
}
