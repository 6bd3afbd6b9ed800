public import CacheWire
internal import RedisValues

/// Sessions of people who have logged in, each under an id that nobody can guess.
///
/// A session lives for as long as it is used: each ``read(_:)`` and each ``save(_:over:as:)`` begins its time anew. It has
/// a version, and is only written over the one that the writer has read: of two requests of one person, the later one is
/// told so instead of undoing what the first has done.
///
/// Where the cache is away, every call throws ``CacheError`` at once or within its deadline: nobody is known to be logged
/// in then, and whether they are let in is the caller's to say.
public protocol SessionStore<Value>: Sendable {
    associatedtype Value: Codable & Sendable

    /// Begins a session.
    ///
    /// - Parameter id: as it stands in the cookie; 256 bytes at most.
    /// - Returns: the session and its first version, or `.conflict` where one stands there already.
    func create(_ value: Value, as id: String) async throws(CacheError) -> SaveOutcome<Value>

    /// The session as it stands, whose time begins anew.
    ///
    /// - Returns: nil where there is none, where its time has run out, and where it cannot be understood.
    func read(_ id: String) async throws(CacheError) -> Versioned<Value>?

    /// Writes a session over the version that was read.
    ///
    /// - Returns: `.conflict` with what stands there where somebody else has written meanwhile, and `.gone` after a
    ///   log-out: no slow request revives it.
    func save(_ value: Value, over version: Int64, as id: String) async throws(CacheError) -> SaveOutcome<Value>

    /// Ends a session: the log-out.
    ///
    /// - Returns: whether there was one.
    func delete(_ id: String) async throws(CacheError) -> Bool
}

/// Sessions in Redis: `session:<id>`, a hash of `version` and `data`.
///
/// The user of the connection needs `~session:* +eval +evalsha +exists +hget +hincrby +hmget +hset +pexpire +type
/// +unlink`.
public struct RedisSessions<Value: Codable & Sendable>: SessionStore {
    private let store: VersionedStore<Value>
    private let keys: SessionKeys

    /// - Parameters:
    ///   - life: of a session that nobody uses.
    ///   - keyPrefix: in front of every key.
    /// - Throws: ``CacheError/input(_:)`` for a life that is not positive.
    public init(
        _ calls: any CacheCalls, life: Duration = .seconds(7200), keyPrefix: String = "",
        clock: any StoreClock = SystemClock(), tally: any StoreTally = NoTally()
    ) throws(CacheError) {
        let notes = StoreNotes(tally, SessionKeys.namespace)
        keys = SessionKeys(keyPrefix: keyPrefix)
        let desk = StoreDesk(calls: calls, notes: notes, rule: ServerHashes.rule(keys.front))
        store = try VersionedStore(ServerHashes(desk: desk), notes, clock, life: life)
    }

    public func create(_ value: Value, as id: String) async throws(CacheError) -> SaveOutcome<Value> {
        try await store.create(value, at: keys.key(id))
    }

    public func read(_ id: String) async throws(CacheError) -> Versioned<Value>? {
        try await store.read(keys.key(id))
    }

    public func save(_ value: Value, over version: Int64, as id: String) async throws(CacheError) -> SaveOutcome<Value>
    {
        try await store.save(value, over: version, at: keys.key(id))
    }

    public func delete(_ id: String) async throws(CacheError) -> Bool { try await store.remove(keys.key(id)) }
}

/// Sessions in this process: the twin of ``RedisSessions`` for tests and for one server alone.
public struct MemorySessions<Value: Codable & Sendable>: SessionStore {
    private let store: VersionedStore<Value>
    private let keys: SessionKeys

    /// - Parameters:
    ///   - memory: whose bounds hold for all stores that share it.
    ///   - life: of a session that nobody uses.
    /// - Throws: ``CacheError/input(_:)`` for a life that is not positive.
    public init(
        _ memory: StoreMemory = StoreMemory(), life: Duration = .seconds(7200), keyPrefix: String = "",
        tally: any StoreTally = NoTally()
    ) throws(CacheError) {
        let notes = StoreNotes(tally, SessionKeys.namespace)
        keys = SessionKeys(keyPrefix: keyPrefix)
        store = try VersionedStore(MemoryHashes(memory: memory), notes, memory.clock, life: life)
    }

    public func create(_ value: Value, as id: String) async throws(CacheError) -> SaveOutcome<Value> {
        try await store.create(value, at: keys.key(id))
    }

    public func read(_ id: String) async throws(CacheError) -> Versioned<Value>? {
        try await store.read(keys.key(id))
    }

    public func save(_ value: Value, over version: Int64, as id: String) async throws(CacheError) -> SaveOutcome<Value>
    {
        try await store.save(value, over: version, at: keys.key(id))
    }

    public func delete(_ id: String) async throws(CacheError) -> Bool { try await store.remove(keys.key(id)) }
}

private struct SessionKeys: Sendable {
    static let namespace = "session"
    let front: String

    init(keyPrefix: String) { front = keyPrefix + Self.namespace + ":" }

    func key(_ id: String) throws(CacheError) -> [UInt8] { Array(front.utf8) + (try StoreInput.id(id)) }
}
