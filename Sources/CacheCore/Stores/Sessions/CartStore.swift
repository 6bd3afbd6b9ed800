public import CacheWire
internal import RedisValues

/// Whose cart it is.
public enum CartOwner: Hashable, Sendable {
    /// Who has logged in, by id.
    case user(String)
    /// Who has not, by the token of the cookie.
    case guest(String)
}

/// Shopping carts, each of one person.
///
/// A cart lives for as long as it is used, and is only written over the version that was read, as sessions are: see
/// ``SessionStore``. Where the cache is away, every call throws ``CacheError``.
public protocol CartStore<Value>: Sendable {
    associatedtype Value: Codable & Sendable

    /// Begins a cart.
    ///
    /// - Returns: the cart and its first version, or `.conflict` where one stands there already.
    func create(_ value: Value, of owner: CartOwner) async throws(CacheError) -> SaveOutcome<Value>

    /// The cart as it stands, whose time begins anew; nil where there is none.
    func read(_ owner: CartOwner) async throws(CacheError) -> Versioned<Value>?

    /// Writes a cart over the version that was read.
    ///
    /// - Returns: `.conflict` with what stands there where somebody else has written meanwhile, and `.gone` where the cart
    ///   was paid for or left: no slow request revives it.
    func save(_ value: Value, over version: Int64, of owner: CartOwner) async throws(CacheError) -> SaveOutcome<Value>

    /// Ends a cart, such as one that was paid for; says whether there was one.
    func delete(_ owner: CartOwner) async throws(CacheError) -> Bool

    /// Puts a guest's cart into the user's who has logged in, and ends the guest's.
    ///
    /// Each line comes over once, whatever breaks in between: the guest's cart is taken first, so that no request of the
    /// guest adds to it any more and no other user gets it; the user's is written over the version that was read, with a
    /// note of what it has taken in; the guest's goes last. Where a call has thrown, the same call goes on from there, for
    /// as long as the guest's cart would have lived. A server calls it on a log-in, and whenever a user still sends a
    /// guest's token.
    ///
    /// - Parameter combine: gets the guest's cart, and the user's where there is one; it may be asked again where the user
    ///   has written meanwhile.
    /// - Returns: the user's cart; nil where the guest has none, and nothing has changed; `.conflict` where the user's
    ///   cannot be understood, or does not rest long enough to be written: the same call tries again.
    func merge(
        guest token: String, into user: String, combine: @Sendable (_ guest: Value, _ user: Value?) -> Value
    ) async throws(CacheError) -> SaveOutcome<Value>?
}

/// Carts in Redis: `cart:user:<id>` and `cart:guest:<token>`, hashes of `version` and `data`.
///
/// The user of the connection needs `~cart:* +eval +evalsha +exists +hget +hincrby +hmget +hset +pexpire +type
/// +unlink`.
public struct RedisCarts<Value: Codable & Sendable>: CartStore {
    private let carts: Carts<Value>

    /// - Parameters:
    ///   - life: of a cart that nobody uses.
    ///   - keyPrefix: in front of every key.
    /// - Throws: ``CacheError/input(_:)`` for a life that is not positive.
    public init(
        _ calls: any CacheCalls, life: Duration = .seconds(7200), keyPrefix: String = "",
        clock: any StoreClock = SystemClock(), tally: any StoreTally = NoTally()
    ) throws(CacheError) {
        let notes = StoreNotes(tally, CartKeys.namespace)
        let desk = StoreDesk(calls: calls, notes: notes, rule: ServerHashes.rule(keyPrefix + "cart:"))
        let store = try VersionedStore<Value>(ServerHashes(desk: desk), notes, clock, life: life)
        carts = Carts(store: store, keys: CartKeys(keyPrefix: keyPrefix))
    }

    public func create(_ value: Value, of owner: CartOwner) async throws(CacheError) -> SaveOutcome<Value> {
        try await carts.store.create(value, at: carts.keys.key(owner))
    }

    public func read(_ owner: CartOwner) async throws(CacheError) -> Versioned<Value>? {
        try await carts.store.read(carts.keys.key(owner))
    }

    public func save(
        _ value: Value, over version: Int64, of owner: CartOwner
    ) async throws(CacheError) -> SaveOutcome<Value> {
        try await carts.store.save(value, over: version, at: carts.keys.key(owner))
    }

    public func delete(_ owner: CartOwner) async throws(CacheError) -> Bool {
        try await carts.store.remove(carts.keys.key(owner))
    }

    public func merge(
        guest token: String, into user: String, combine: @Sendable (_ guest: Value, _ user: Value?) -> Value
    ) async throws(CacheError) -> SaveOutcome<Value>? {
        try await carts.merge(guest: token, into: user, combine)
    }
}

/// Carts in this process: the twin of ``RedisCarts`` for tests and for one server alone.
public struct MemoryCarts<Value: Codable & Sendable>: CartStore {
    private let carts: Carts<Value>

    /// - Parameters:
    ///   - memory: whose bounds hold for all stores that share it.
    ///   - life: of a cart that nobody uses.
    /// - Throws: ``CacheError/input(_:)`` for a life that is not positive.
    public init(
        _ memory: StoreMemory = StoreMemory(), life: Duration = .seconds(7200), keyPrefix: String = "",
        tally: any StoreTally = NoTally()
    ) throws(CacheError) {
        let notes = StoreNotes(tally, CartKeys.namespace)
        let store = try VersionedStore<Value>(MemoryHashes(memory: memory), notes, memory.clock, life: life)
        carts = Carts(store: store, keys: CartKeys(keyPrefix: keyPrefix))
    }

    public func create(_ value: Value, of owner: CartOwner) async throws(CacheError) -> SaveOutcome<Value> {
        try await carts.store.create(value, at: carts.keys.key(owner))
    }

    public func read(_ owner: CartOwner) async throws(CacheError) -> Versioned<Value>? {
        try await carts.store.read(carts.keys.key(owner))
    }

    public func save(
        _ value: Value, over version: Int64, of owner: CartOwner
    ) async throws(CacheError) -> SaveOutcome<Value> {
        try await carts.store.save(value, over: version, at: carts.keys.key(owner))
    }

    public func delete(_ owner: CartOwner) async throws(CacheError) -> Bool {
        try await carts.store.remove(carts.keys.key(owner))
    }

    public func merge(
        guest token: String, into user: String, combine: @Sendable (_ guest: Value, _ user: Value?) -> Value
    ) async throws(CacheError) -> SaveOutcome<Value>? {
        try await carts.merge(guest: token, into: user, combine)
    }
}
