internal import CacheWire
internal import NIOConcurrencyHelpers
internal import RedisValues

/// What both value caches do, wherever the values are.
final class ValueLoading: Sendable {
    private let storage: any ValueStorage
    private let tally: any StoreTally
    private let clock: any StoreClock
    private let flights: Flights
    private let draw: @Sendable () -> Double
    /// By namespace: each logs once.
    private let notes = NIOLockedValueBox<[String: StoreNotes]>([:])

    /// - Parameter draw: shortens lives, see ``CacheSpace/life(isNegative:draw:)``.
    init(
        _ storage: any ValueStorage, _ tally: any StoreTally, _ clock: any StoreClock,
        draw: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        (self.storage, self.tally, self.clock, self.draw) = (storage, tally, clock, draw)
        flights = Flights(clock: clock)
    }

    func value<Value: Codable & Sendable>(
        _ id: String, in space: CacheSpace, within deadline: Duration?,
        load: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let plan = try plan(id, space, Value.self, takesNothing: false)
        let value = try await loader(space).value(plan, within: deadline) { try await load() }
        // No plan that takes no nothing brings it.
        if let value { return value }
        return try await load()
    }

    func valueIfAny<Value: Codable & Sendable>(
        _ id: String, in space: CacheSpace, within deadline: Duration?,
        load: @escaping @Sendable () async throws -> Value?
    ) async throws -> Value? {
        let plan = try plan(id, space, Value.self, takesNothing: true)
        return try await loader(space).value(plan, within: deadline, load: load)
    }

    func keep<Value: Codable & Sendable>(
        _ value: Value, _ id: String, in space: CacheSpace
    ) async throws(CacheError) {
        try await loader(space).keep(value, try plan(id, space, Value.self, takesNothing: true))
    }

    func remove(_ id: String, in space: CacheSpace) async throws(CacheError) {
        try await loader(space).remove([try key(id, space)])
    }

    private func loader(_ space: CacheSpace) -> Loader {
        let notes = notes.withLockedValue { all in
            if let known = all[space.name] { return known }
            let new = StoreNotes(tally, space.name)
            all[space.name] = new
            return new
        }
        return Loader(storage, clock: clock, notes: notes, flights: flights)
    }

    private func key(_ id: String, _ space: CacheSpace) throws(CacheError) -> [UInt8] {
        do throws(StoreProblem) { return try space.key(id) } catch { throw CacheError(error) }
    }

    private func plan<Value: Codable & Sendable>(
        _ id: String, _ space: CacheSpace, _ type: Value.Type, takesNothing: Bool
    ) throws(CacheError) -> LoadPlan<Value> {
        let key = try key(id, space)
        return LoadPlan(
            keys: [key], lease: space.lease, takesNothing: takesNothing,
            decode: { bytes, _ in
                StoreJSON.decode(bytes, as: ValueEnvelope<Value>.self).map {
                    LoadPlan.Found(value: $0.value, freshUntil: $0.freshUntil, stale: space.stale)
                }
            },
            encode: { [draw] value, now in
                guard let life = space.life(isNegative: value == nil, draw: draw()) else { return nil }
                let envelope = ValueEnvelope(value, space, key: key, life: life, now: now)
                return (try? StoreJSON.encode(envelope)).map { ValueRecord(key: key, bytes: $0, life: life.whole) }
            }, isForAll: { _ in true })
    }
}
