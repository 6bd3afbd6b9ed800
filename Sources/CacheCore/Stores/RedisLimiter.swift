public import CacheWire
public import RedisValues

/// A limiter that counts on a server, by scripts: see ``Limiter``.
///
/// The user of the connection needs `~rate:limit:* ~rcommerce:rate:limit/* ~rcommerce:blocklist:* +eval +evalsha +get
/// +incr +pexpire +pttl +set +time +unlink`.
public struct RedisLimiter: Limiter {
    private let desk: StoreDesk
    private let options: LimiterOptions
    private let clock: any StoreClock

    /// - Parameter clock: names the windows of the deployed layout, and nothing else: all else runs on the server's time.
    public init(
        _ calls: any CacheCalls, _ options: LimiterOptions = LimiterOptions(), tally: any StoreTally = NoTally(),
        clock: any StoreClock = SystemClock()
    ) {
        let notes = StoreNotes(tally, LimiterOptions.namespace)
        desk = StoreDesk(calls: calls, notes: notes, rule: Self.rule(options.prefix))
        (self.options, self.clock) = (options, clock)
    }

    static func rule(_ prefix: String) -> String {
        let keys = "~rate:limit:* ~\(prefix):rate:limit/* ~\(prefix):blocklist:*"
        return "\(Printable.escape(keys)) +eval +evalsha +get +incr +pexpire +pttl +set +time +unlink"
    }

    public func allow(_ id: String, within limit: WindowLimit) async throws(CacheError) -> LimitVerdict {
        let plan = try options.plan(limit, id, at: clock.now)
        let arguments = [limit.window.millisecondDigits]
        return try await ask(.window, arguments, plan, of: limit.limit) { counted throws(RESPShapeError) in
            .counted(try counted.count(at: 0), rest: .milliseconds(try counted.count(at: 1)))
        }
    }

    public func allow(_ id: String, within limit: RateLimit) async throws(CacheError) -> LimitVerdict {
        let plan = try options.plan(limit, id)
        let rate = try options.rate(limit)
        let arguments = [rate.interval, rate.burst].map { Array(String($0).utf8) }
        return try await ask(.rate, arguments, plan, of: limit.burst) { decided throws(RESPShapeError) in
            let (remaining, rest) = (Int64(try decided.count(at: 1)), Int64(try decided.count(at: 2)))
            return .decided(
                GCRA.Decision(isAllowed: try decided.count(at: 0) == 1, instant: nil, remaining: remaining, rest: rest))
        }
    }

    /// The block, what the other layout has counted, and the script, in one round trip.
    private func ask(
        _ script: StoreScript, _ arguments: [[UInt8]], _ plan: LimitPlan, of limit: Int,
        _ read: (RESPValue) throws(RESPShapeError) -> LimitCount
    ) async throws(CacheError) -> LimitVerdict {
        let otherKey = options.otherKey(plan)
        let asked =
            [CacheCall.pttl(plan.blockKey), script.call(plan.key, arguments)] + (otherKey.map { [.get($0)] } ?? [])
        do throws(CacheError) {
            var replies = try await desk.pipeline(asked)
            guard replies.count == asked.count else {
                throw desk.notes.failed(.protocolError("\(replies.count) replies"))
            }
            if replies[1].isUnknownScript { replies[1] = try await desk.send(script.fullCall(plan.key, arguments)) }
            let block = try desk.accepted(replies[0]).timeLeft
            let others = try replies.dropFirst(2).map { reply throws(CacheError) in try desk.accepted(reply) }
            var finding = LimitFinding(
                block: block.map { LimitFinding.Block(rest: $0.rest) }, count: nil,
                others: others.first.flatMap { try? $0.count }, isMissing: others.first == .null)
            // Also where the counter cannot be read, which is thrown.
            desk.notes.count(.sideMisses, by: finding.sideMisses)
            if block == nil { finding.count = try count(in: replies[1], read) }
            return options.verdict(finding, of: limit, at: plan, desk.notes)
        } catch {
            guard error.isOutage else { throw error }
            return options.verdictInOutage()
        }
    }

    private func count(
        in reply: RESPValue, _ read: (RESPValue) throws(RESPShapeError) -> LimitCount
    ) throws(CacheError) -> LimitCount {
        let reply = try desk.accepted(reply)
        if reply.isWrongType { return .wrongType }
        do throws(CacheError) { return try reply.reading(read) } catch { throw desk.notes.failed(error) }
    }

    public func usage(_ id: String, of limit: WindowLimit) async throws(CacheError) -> Int? {
        let plan = try options.plan(limit, id, at: clock.now)
        let replies = try await desk.pipeline(plan.keys.map { .get($0) })
        let counts = try replies.map { reply throws(CacheError) in try desk.accepted(reply) }.compactMap {
            try? $0.count
        }
        return counts.isEmpty ? nil : counts.reduce(0, +|)
    }

    public func reset(_ id: String, _ limit: WindowLimit) async throws(CacheError) {
        let plan = try options.plan(limit, id, at: clock.now)
        for reply in try await desk.pipeline(plan.keys.map { .unlink($0) }) { _ = try desk.accepted(reply) }
    }

    public func block(_ id: String, for time: Duration) async throws(CacheError) {
        let key = try options.blockKey(id)
        try time.storeLife("the block")
        _ = try await desk.send(.set(key, "1", for: time))
    }

    public func unblock(_ id: String) async throws(CacheError) -> Bool {
        let reply = try await desk.send(.unlink(try options.blockKey(id)))
        return try reply.reading { reply throws(RESPShapeError) in try reply.count > 0 }
    }

    public func isBlocked(_ id: String) async throws(CacheError) -> Bool {
        let key = try options.blockKey(id)
        do throws(CacheError) {
            let isBlocked = try await desk.send(.pttl(key)).timeLeft != nil
            if !isBlocked { desk.notes.count(.sideMisses) }
            return isBlocked
        } catch {
            guard error.isOutage else { throw error }
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
