public import CacheWire
public import RedisValues

/// Keeps values, and loads those that are not there.
///
/// An id has 256 bytes at most and no control characters; that of a query may be any text. What makes no sense throws
/// ``CacheError/input(_:)`` before anything is sent. Where the cache is away, values are loaded: no call fails because of
/// it. Values over 1 MiB are not kept.
public protocol ValueCache: Sendable {
    /// A value, from the cache or else loaded.
    ///
    /// One load a key is under way in this process, for all who ask; it goes on while one of them waits. A stale value is
    /// served at once, and loaded anew behind it.
    ///
    /// - Parameters:
    ///   - deadline: how long this call waits for a load; nil for as long as it takes.
    ///   - load: what it throws is thrown by all who wait, and is not kept.
    /// - Throws: what `load` throws; ``CacheError/timedOut(_:)`` where the deadline is over, ``CacheError/cancelled``
    ///   where the task is cancelled.
    func value<Value: Codable & Sendable>(
        _ id: String, in space: CacheSpace, within deadline: Duration?,
        load: @escaping @Sendable () async throws -> Value
    ) async throws -> Value

    /// The same for a value that there may not be, which is kept as well where ``CacheSpace/negative`` says so.
    ///
    /// - Returns: nil where there is none.
    func value<Value: Codable & Sendable>(
        _ id: String, in space: CacheSpace, within deadline: Duration?,
        load: @escaping @Sendable () async throws -> Value?
    ) async throws -> Value?

    /// Keeps a value without a question: it has just been written to the database. A cache that is away is counted.
    func keep<Value: Codable & Sendable>(_ value: Value, _ id: String, in space: CacheSpace) async throws(CacheError)

    /// Removes a value, and lets no load of before bring it back.
    ///
    /// - Throws: ``CacheError`` where it may still be there.
    func remove(_ id: String, in space: CacheSpace) async throws(CacheError)
}

extension ValueCache {
    public func value<Value: Codable & Sendable>(
        _ id: String, in space: CacheSpace, load: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await value(id, in: space, within: nil, load: load)
    }

    public func value<Value: Codable & Sendable>(
        _ id: String, in space: CacheSpace, load: @escaping @Sendable () async throws -> Value?
    ) async throws -> Value? {
        try await value(id, in: space, within: nil, load: load)
    }
}

/// Values on a server: see ``ValueCache``.
public struct RedisValueCache: ValueCache {
    let loading: ValueLoading

    public init(
        _ calls: any CacheCalls, tally: any StoreTally = NoTally(), clock: any StoreClock = SystemClock()
    ) {
        loading = ValueLoading(RedisStorage(calls: calls), tally, clock)
    }

    public func value<Value: Codable & Sendable>(
        _ id: String, in space: CacheSpace, within deadline: Duration?,
        load: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await loading.value(id, in: space, within: deadline, load: load)
    }

    public func value<Value: Codable & Sendable>(
        _ id: String, in space: CacheSpace, within deadline: Duration?,
        load: @escaping @Sendable () async throws -> Value?
    ) async throws -> Value? {
        try await loading.valueIfAny(id, in: space, within: deadline, load: load)
    }

    public func keep<Value: Codable & Sendable>(
        _ value: Value, _ id: String, in space: CacheSpace
    ) async throws(CacheError) {
        try await loading.keep(value, id, in: space)
    }

    public func remove(_ id: String, in space: CacheSpace) async throws(CacheError) {
        try await loading.remove(id, in: space)
    }
}

/// Values in this process: see ``ValueCache``.
public struct MemoryValueCache: ValueCache {
    let loading: ValueLoading

    public init(_ memory: StoreMemory, tally: any StoreTally = NoTally()) {
        loading = ValueLoading(MemoryStorage(memory: memory), tally, memory.clock)
    }

    public func value<Value: Codable & Sendable>(
        _ id: String, in space: CacheSpace, within deadline: Duration?,
        load: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await loading.value(id, in: space, within: deadline, load: load)
    }

    public func value<Value: Codable & Sendable>(
        _ id: String, in space: CacheSpace, within deadline: Duration?,
        load: @escaping @Sendable () async throws -> Value?
    ) async throws -> Value? {
        try await loading.valueIfAny(id, in: space, within: deadline, load: load)
    }

    public func keep<Value: Codable & Sendable>(
        _ value: Value, _ id: String, in space: CacheSpace
    ) async throws(CacheError) {
        try await loading.keep(value, id, in: space)
    }

    public func remove(_ id: String, in space: CacheSpace) async throws(CacheError) {
        try await loading.remove(id, in: space)
    }
}
