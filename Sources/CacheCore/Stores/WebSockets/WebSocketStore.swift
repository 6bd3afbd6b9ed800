public import CacheWire
public import RedisValues

/// Which WebSocket connections there are, on whatever server.
///
/// A connection is known for as long as it sends a ``heartbeat(_:)`` within its life. In the layout of deployed servers
/// sets list the connections of a user and from an address; in the guide's nothing does. Where the cache is away, every
/// call throws ``CacheError``: the connections themselves go on.
public protocol WebSocketStore: Sendable {
    /// Tells of a connection; of one that is known, it takes the place of what was known.
    ///
    /// - Returns: the session as it is kept: UUIDs in lower case.
    /// - Throws: ``CacheError/input(_:)`` for ids that are no UUIDs in the deployed layout.
    func open(_ session: WebSocketSession) async throws(CacheError) -> WebSocketSession

    /// What is known of a connection; nil where that is nothing.
    func session(_ id: String) async throws(CacheError) -> WebSocketSession?

    /// Something has come over the connection: it is known for another life.
    ///
    /// - Returns: nil where it is not known any more, and stays so: a server opens it again or ends it.
    func heartbeat(_ id: String) async throws(CacheError) -> WebSocketSession?

    /// Changes what is known, such as subscriptions, or who has logged in; begins another life.
    ///
    /// - Parameter change: may be asked again where somebody else has written meanwhile.
    /// - Returns: nil where it is not known any more.
    func update(
        _ id: String, _ change: @Sendable (inout WebSocketSession) -> Void
    ) async throws(CacheError) -> WebSocketSession?

    /// The connection has ended; says whether it was known.
    func close(_ id: String) async throws(CacheError) -> Bool

    /// A user's connections, the oldest first: those of the deployed layout. Who has ended without a word is taken off the
    /// list by this.
    func sessions(ofUser user: String) async throws(CacheError) -> [WebSocketSession]

    /// The same for an address.
    func sessions(fromIP address: String) async throws(CacheError) -> [WebSocketSession]
}

/// WebSocket connections in Redis: `ws:session:<id>`, or `ws:session/<uuid>` with its sets.
///
/// The user of the connection needs `~ws:session:* ~ws:session/* +eval +evalsha +get +mget +pexpire +pttl +sadd +set
/// +smembers +srem +unlink`.
public struct RedisWebSockets: WebSocketStore {
    private let sockets: WebSockets

    /// - Parameters:
    ///   - layout: in which connections are told of; they are looked for in both.
    ///   - life: without a heartbeat.
    ///   - keyPrefix: in front of every key.
    /// - Throws: ``CacheError/input(_:)`` for a life that is not positive.
    public init(
        _ calls: any CacheCalls, layout: StoreLayout = .guide, life: Duration = .seconds(7200), keyPrefix: String = "",
        clock: any StoreClock = SystemClock(), tally: any StoreTally = NoTally()
    ) throws(CacheError) {
        let notes = StoreNotes(tally, WebSockets.namespace)
        let rule =
            "~\(keyPrefix)ws:session:* ~\(keyPrefix)ws:session/* "
            + "+eval +evalsha +get +mget +pexpire +pttl +sadd +set +smembers +srem +unlink"
        let ground = ServerRecords(desk: StoreDesk(calls: calls, notes: notes, rule: rule))
        sockets = try WebSockets(ground, notes, clock, layout, life: life, keyPrefix: keyPrefix)
    }

    public func open(_ session: WebSocketSession) async throws(CacheError) -> WebSocketSession {
        try await sockets.open(session)
    }

    public func session(_ id: String) async throws(CacheError) -> WebSocketSession? { try await sockets.session(id) }

    public func heartbeat(_ id: String) async throws(CacheError) -> WebSocketSession? {
        try await sockets.heartbeat(id)
    }

    public func update(
        _ id: String, _ change: @Sendable (inout WebSocketSession) -> Void
    ) async throws(CacheError) -> WebSocketSession? {
        try await sockets.update(id, change)
    }

    public func close(_ id: String) async throws(CacheError) -> Bool { try await sockets.close(id) }

    public func sessions(ofUser user: String) async throws(CacheError) -> [WebSocketSession] {
        try await sockets.sessions(ofUser: user)
    }

    public func sessions(fromIP address: String) async throws(CacheError) -> [WebSocketSession] {
        try await sockets.sessions(fromIP: address)
    }
}

/// WebSocket connections in this process: the twin of ``RedisWebSockets`` for tests and for one server alone.
public struct MemoryWebSockets: WebSocketStore {
    private let sockets: WebSockets

    /// - Parameters:
    ///   - memory: whose bounds hold for all stores that share it.
    ///   - layout: in which connections are told of.
    ///   - life: without a heartbeat.
    /// - Throws: ``CacheError/input(_:)`` for a life that is not positive.
    public init(
        _ memory: StoreMemory = StoreMemory(), layout: StoreLayout = .guide, life: Duration = .seconds(7200),
        keyPrefix: String = "", tally: any StoreTally = NoTally()
    ) throws(CacheError) {
        let notes = StoreNotes(tally, WebSockets.namespace)
        let ground = MemoryRecords(memory: memory, notes: notes)
        sockets = try WebSockets(ground, notes, memory.clock, layout, life: life, keyPrefix: keyPrefix)
    }

    public func open(_ session: WebSocketSession) async throws(CacheError) -> WebSocketSession {
        try await sockets.open(session)
    }

    public func session(_ id: String) async throws(CacheError) -> WebSocketSession? { try await sockets.session(id) }

    public func heartbeat(_ id: String) async throws(CacheError) -> WebSocketSession? {
        try await sockets.heartbeat(id)
    }

    public func update(
        _ id: String, _ change: @Sendable (inout WebSocketSession) -> Void
    ) async throws(CacheError) -> WebSocketSession? {
        try await sockets.update(id, change)
    }

    public func close(_ id: String) async throws(CacheError) -> Bool { try await sockets.close(id) }

    public func sessions(ofUser user: String) async throws(CacheError) -> [WebSocketSession] {
        try await sockets.sessions(ofUser: user)
    }

    public func sessions(fromIP address: String) async throws(CacheError) -> [WebSocketSession] {
        try await sockets.sessions(fromIP: address)
    }
}
