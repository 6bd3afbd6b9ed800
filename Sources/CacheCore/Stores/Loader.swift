internal import CacheWire
internal import RedisValues

/// Looks into a cache, and loads what is not there: once in this process, and by a lease once in all of them.
///
/// Nothing that a cache does or does not do fails a call: where it is away, the value is loaded.
struct Loader: Sendable {
    let storage: any ValueStorage
    let clock: any StoreClock
    let notes: StoreNotes
    private let flights: Flights

    /// Bytes of what is kept at most.
    static let largest = 1 << 20
    /// How long who waits for another server waits between two looks.
    static let poll = Duration.milliseconds(50)

    init(_ storage: any ValueStorage, clock: any StoreClock, notes: StoreNotes, flights: Flights) {
        (self.storage, self.clock, self.notes, self.flights) = (storage, clock, notes, flights)
    }

    func value<Value>(
        _ plan: LoadPlan<Value>, within deadline: Duration?,
        load: @escaping @Sendable () async throws -> Value?
    ) async throws -> Value? {
        let ticket = flights.enter(plan.flight)
        let look: Look<Value>
        // Who would wait for the load that is under way need not look.
        do throws(CacheError) { look = ticket.isLoading ? .unseen : try await self.look(plan) } catch {
            flights.leave(ticket)
            throw error
        }
        count(look)
        switch look {
        case .fresh(let value):
            flights.leave(ticket)
            return value
        case .stale(let value):
            flights.refresh(ticket) { try await lead(plan, look, $0, load: load) }
            return value
        case .unseen, .missing, .away, .crowded: break
        }
        let outcome = await flights.join(ticket, within: deadline) { try await lead(plan, look, $0, load: load) }
        switch outcome {
        case .value(let value): return value as? Value
        case .failed(let error): throw error
        case .left(let error): throw error
        case .ofAnother: return try await timed(load)
        }
    }

    /// Keeps a value that somebody has anyway.
    ///
    /// - Throws: ``CacheError/cancelled``.
    func keep<Value>(_ value: Value?, _ plan: LoadPlan<Value>) async throws(CacheError) {
        flights.forget(plan.keys[0])
        guard let record = plan.encode(value, clock.now) else { return }
        try await write(record)
    }

    /// Removes what is kept, and lets nothing of before come back.
    func remove(_ keys: [[UInt8]]) async throws(CacheError) {
        flights.forget(keys[0])
        do throws(CacheError) { try await storage.remove(keys) } catch {
            if !error.isOfCaller { notes.count(.drops) }
            throw error
        }
    }

    // MARK: looking

    /// - Parameter counts: whether this look is the store's, which counts what cannot be understood once a call.
    private func look<Value>(
        _ plan: LoadPlan<Value>, counts: Bool = true
    ) async throws(CacheError) -> Look<Value> {
        let stored: [StoredValue]
        do throws(CacheError) { stored = try await storage.read(plan.keys) } catch {
            if error.isOfCaller { throw error }
            if case .exhausted = error { return .crowded }
            notes.noRight(error)
            return .away
        }
        var mayKeep = true
        var stale: LoadPlan<Value>.Found?
        let gone = stored.count { $0 == .missing }
        for (index, value) in stored.enumerated() {
            switch value {
            case .missing: continue
            case .wrongType:
                notes.wrongType(plan.keys[index])
                if index == 0 { mayKeep = false }
            case .bytes(let bytes):
                guard let found = plan.decode(bytes, index) else {
                    if counts { notes.count(.undecodable) }
                    continue
                }
                guard found.value != nil || plan.takesNothing else { continue }
                guard let end = found.freshUntil, end <= clock.now else {
                    notes.count(.sideMisses, by: gone)
                    return .fresh(found.value)
                }
                // That there is nothing is not said any longer than it holds; and who keeps values for ever does not
                // have them served for ever.
                if found.value != nil, clock.now < end.adding(found.stale) { stale = stale ?? found }
            }
        }
        // Where nothing was found, one of those that are gone is the store's own miss.
        notes.count(.sideMisses, by: stale == nil && counts ? max(0, gone - 1) : gone)
        return stale.map { .stale($0.value) } ?? .missing(mayKeep: mayKeep)
    }

    private func count<Value>(_ look: Look<Value>) {
        switch look {
        case .fresh(let value): notes.count(value == nil ? .negative : .hits)
        case .stale: notes.count(.stale)
        case .unseen, .missing: notes.count(.misses)
        case .away, .crowded: notes.count(.drops)
        }
    }

    // MARK: loading

    /// What the one load of a key does.
    ///
    /// - Parameter look: what the one who began it has seen.
    private func lead<Value>(
        _ plan: LoadPlan<Value>, _ look: Look<Value>, _ number: Int, load: @Sendable () async throws -> Value?
    ) async throws -> Flights.Brought {
        var seen = look
        // The load that was awaited has failed, or was of another.
        if case .unseen = look { seen = try await self.look(plan) }
        let mayKeep: Bool
        switch seen {
        case .fresh(let value): return brought(value, plan)
        case .missing(false), .away: mayKeep = false
        case .missing, .stale, .unseen: mayKeep = true
        case .crowded:
            // All who looked wait for this load by now: there is room for a look, and the herd of the next moment finds
            // the value.
            let value = try await timed(load)
            if case .missing(true) = try await self.look(plan, counts: false) { try await keep(value, plan, number) }
            return brought(value, plan)
        }
        guard mayKeep, let life = plan.lease else {
            let value = try await timed(load)
            if mayKeep { try await keep(value, plan, number) }
            return brought(value, plan)
        }
        let lease = plan.keys[0] + Array(":lease".utf8)
        let token = Array((0..<16).map { _ in UInt8.random(in: 0...255) }.hexadecimal.utf8)
        switch try await wait(for: lease, token, life, plan) {
        case .found(let value): return brought(value, plan)
        case .none:
            let value = try await timed(load)
            try await keep(value, plan, number)
            return brought(value, plan)
        case .mine:
            do {
                let value = try await timed(load)
                try await keep(value, plan, number)
                await release(lease, token)
                return brought(value, plan)
            } catch {
                await release(lease, token)
                throw error
            }
        }
    }

    private enum Lease<Value: Sendable>: Sendable {
        case mine
        /// Somebody else has brought the value.
        case found(Value?)
        /// Nobody can say whose turn it is.
        case none
    }

    /// Until the lease is ours or the value is there: a leader that dies frees one of those who wait, by the lease's end.
    private func wait<Value>(
        for lease: [UInt8], _ token: [UInt8], _ life: Duration, _ plan: LoadPlan<Value>
    ) async throws -> Lease<Value> {
        var waited = Duration.zero
        // What stands there for longer than several leaders would have is no lease.
        while waited <= life * 4 {
            do throws(CacheError) {
                if try await storage.claim(lease, token, for: life) {
                    guard let found = try await found(plan) else { return .mine }
                    await release(lease, token)
                    return .found(found.value)
                }
            } catch {
                if error.isOfCaller { throw error }
                notes.noRight(error)
                notes.count(.drops)
                return .none
            }
            try await clock.sleep(for: Self.poll)
            waited += Self.poll
            if let found = try await found(plan) { return .found(found.value) }
        }
        return .none
    }

    /// What somebody has brought meanwhile.
    private func found<Value>(_ plan: LoadPlan<Value>) async throws(CacheError) -> Fresh<Value>? {
        guard case .fresh(let value) = try await look(plan, counts: false) else { return nil }
        return Fresh(value: value)
    }

    private struct Fresh<Value: Sendable>: Sendable {
        let value: Value?
    }

    private func brought<Value>(_ value: Value?, _ plan: LoadPlan<Value>) -> Flights.Brought {
        Flights.Brought(value: value as any Sendable, isForAll: plan.isForAll(value))
    }

    private func timed<Value>(_ load: @Sendable () async throws -> Value?) async throws -> Value? {
        let start = ContinuousClock.now
        let value = try await load()
        notes.count(.loads)
        notes.count(.loadMilliseconds, by: Int((ContinuousClock.now - start).wholeMilliseconds))
        return value
    }

    private func keep<Value>(_ value: Value?, _ plan: LoadPlan<Value>, _ number: Int) async throws(CacheError) {
        guard flights.isCurrent(number, plan.flight), let record = plan.encode(value, clock.now) else { return }
        try await write(record)
    }

    private func write(_ record: ValueRecord) async throws(CacheError) {
        guard record.bytes.count <= Self.largest else {
            notes.count(.drops)
            return
        }
        do throws(CacheError) { try await storage.write(record.bytes, at: record.key, for: record.life) } catch {
            if error.isOfCaller { throw error }
            notes.noRight(error)
            notes.count(.drops)
        }
    }

    /// Also where the task is cancelled: others wait for it.
    private func release(_ lease: [UInt8], _ token: [UInt8]) async {
        await Task { try? await storage.release(lease, token) }.value
    }
}
