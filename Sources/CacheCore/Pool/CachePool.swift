internal import CacheWire
public import Logging
internal import NIOCore
public import RedisValues

/// The connections of a server to its cache: many callers share a few, and an outage costs a call microseconds.
///
/// Connections are opened when they are wanted; ``run(atEnd:)`` closes them. After failures a node is not asked until a
/// probe of the pool's own has reached it again: calls throw ``CacheError/unavailable(since:reason:)`` meanwhile. A call
/// is sent again only where it was never written, or where twice is once.
public final class CachePool: CacheCalls {
    /// By which `CLIENT LIST` shows its connections.
    public let name: String
    public let settings: PoolSettings
    let routes: PoolRoutes
    /// The one pool of a server that is alone: nobody has to look for it.
    private let only: NodePool?
    private let observer: (any PoolObserver)?

    /// How often a call is sent elsewhere at most.
    static let hops = 5

    /// Nothing is connected yet.
    ///
    /// - Parameters:
    ///   - name: of the service, printable ASCII without blanks.
    ///   - logger: gets a line for each change of state, and one a minute in an outage.
    ///   - observer: is told of each call.
    /// - Throws: ``CacheError/input(_:)`` for a name that servers do not take, and for settings outside of their ranges.
    public init(
        _ configuration: CacheConfiguration, name: String, settings: PoolSettings = .production,
        logger: Logger = Logger(label: "cachecore"), observer: (any PoolObserver)? = nil
    ) throws(CacheError) {
        guard !name.isEmpty, name.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .input(
                "a client's name is printable ASCII without blanks, not \"\(Printable.escape(name, limit: 60))\"")
        }
        if let objection = settings.objection { throw .input(objection) }
        var configuration = configuration
        configuration.clientName = name
        configuration.courtesies = [.name(name)]
        self.name = name
        self.settings = settings
        self.observer = observer
        let dialler = Dialler(
            tls: configuration.tls, timeout: configuration.timeout,
            courtesies: [.name(name), .libraryName("cachecore"), .libraryVersion(LibraryVersion.text)],
            threads: settings.threads)
        let journal = PoolJournal(logger: logger, size: settings.size)
        let allowsWrites = configuration.allowsWrites
        routes = PoolRoutes(configuration.deployment, dialler: dialler, drain: settings.drain) { endpoint, routes in
            NodePool(
                endpoint, dialler: dialler, settings: settings, allowsWrites: allowsWrites, journal: journal,
                observer: observer, onTurn: { [weak routes] in routes?.survey() })
        }
        only =
            configuration.kind == .standalone
            ? NodePool(
                configuration.endpoint, dialler: dialler, settings: settings, allowsWrites: allowsWrites,
                journal: journal, observer: observer, onTurn: {}) : nil
    }

    // MARK: calls

    /// Sends a command, and waits for its reply: on a connection that others use as well.
    ///
    /// - Throws: ``CacheError``: ``CacheError/exhausted`` and ``CacheError/unavailable(since:reason:)`` where nothing was
    ///   sent, ``CacheError/timedOut(_:)`` after the deadline, ``CacheError/unknown(_:)`` where a command for which twice
    ///   is not once was sent and its reply was lost, ``CacheError/forbidden(_:)`` with the ACL rule that is missing.
    public func send(_ call: CacheCall) async throws(CacheError) -> RESPValue { try await send(call, isLast: false) }

    /// Sends several commands, in one write a node.
    ///
    /// - Throws: ``CacheError`` as ``send(_:)`` does, of the first one that has no reply.
    public func pipeline(_ calls: [CacheCall]) async throws(CacheError) -> [RESPValue] {
        try await pipeline(calls, isLast: false)
    }

    func send(_ call: CacheCall, isLast: Bool) async throws(CacheError) -> RESPValue {
        let began = NIODeadline.now()
        defer { observer?.called(for: .nanoseconds((NIODeadline.now() - began).nanoseconds)) }
        let deadline = began + settings.deadline.amount
        let pool = try await pool(of: call.key, until: deadline)
        let outcome = await pool.ask([call.command], until: deadline, isLast: isLast)
        if case .success(let replies) = outcome {
            // Nearly always.
            guard case .error = replies[0] else { return replies[0] }
        }
        let course = PoolCourse(pool: self, call: call, deadline: deadline, isLast: isLast)
        return try await course.follow(outcome, at: pool).get()
    }

    func pipeline(_ calls: [CacheCall], isLast: Bool) async throws(CacheError) -> [RESPValue] {
        guard let first = calls.first else { return [] }
        let began = NIODeadline.now()
        defer { observer?.called(for: .nanoseconds((NIODeadline.now() - began).nanoseconds)) }
        let deadline = began + settings.deadline.amount
        guard routes.movesKeys else {
            let pool = try await pool(of: first.key, until: deadline)
            let part = PoolPart(pool: pool, indices: Array(calls.indices))
            return try await finish([part.ask(calls, deadline, isLast)], calls, deadline, isLast)
        }
        var parts: [String: PoolPart] = [:]
        for index in calls.indices {
            let pool = try await pool(of: calls[index].key, until: deadline)
            parts[pool.name, default: PoolPart(pool: pool, indices: [])].indices.append(index)
        }
        let asked = await withTaskGroup(of: PoolPart.Asked.self) { group in
            for part in parts.values { group.addTask { await part.ask(calls, deadline, isLast) } }
            var asked: [PoolPart.Asked] = []
            for await one in group { asked.append(one) }
            return asked
        }
        return try await finish(asked, calls, deadline, isLast)
    }

    /// The replies in the order of the calls; those that lie elsewhere are gone after one by one.
    private func finish(
        _ asked: [PoolPart.Asked], _ calls: [CacheCall], _ deadline: NIODeadline, _ isLast: Bool
    ) async throws(CacheError) -> [RESPValue] {
        var replies = [RESPValue](repeating: .null, count: calls.count)
        for part in asked {
            for (place, index) in part.indices.enumerated() {
                let outcome: Result<[RESPValue], PipelineFailure>
                switch part.outcome {
                case .success(let all):
                    guard case .error = all[place] else {
                        replies[index] = all[place]
                        continue
                    }
                    outcome = .success([all[place]])
                case .failure(let failure): outcome = .failure(failure)
                }
                let course = PoolCourse(pool: self, call: calls[index], deadline: deadline, isLast: isLast)
                replies[index] = try await course.follow(outcome, at: part.pool).get()
            }
        }
        return replies
    }

    func pool(of key: [UInt8], until deadline: NIODeadline) async throws(CacheError) -> NodePool {
        if let only { return only }
        if let known = routes.known(key) { return try known.get() }
        return try await routes.find(key, until: deadline).get()
    }

    // MARK: a connection alone

    /// Lends a connection to one user alone: for MULTI, WATCH, blocking commands and SUBSCRIBE.
    ///
    /// Connections that are lent count as those that are shared do; one is left to all others, where there is more than
    /// one. What the body leaves open, a transaction or a subscription, ends with it.
    ///
    /// - Parameter key: whose node is meant; needed in a cluster.
    /// - Throws: ``CacheError`` where there is none by the deadline of a call, and what the body throws.
    public nonisolated(nonsending) func withConnection<Answer: Sendable>(
        about key: [UInt8] = [], _ body: (PoolConnection) async throws -> Answer
    ) async throws -> Answer {
        let deadline = NIODeadline.now() + settings.deadline.amount
        let pool = try await pool(of: key, until: deadline)
        let grant = try await pool.connection(until: deadline).get()
        let connection = PoolConnection(grant.connection, deadline: settings.deadline)
        defer { pool.giveBack(grant, isSpoilt: !connection.isClean) }
        return try await body(connection)
    }

    // MARK: what it does

    /// What it is doing and has done, at once.
    public var statistics: PoolStatistics {
        pools.reduce(into: PoolStatistics()) { $0.add($1.statistics) }
    }

    /// Whether another node may be primary instead of one that is not any more.
    var hasSuccessors: Bool { only == nil }

    private var pools: [NodePool] { only.map { [$0] } ?? routes.pools }

    // MARK: an end

    /// Waits until its task is cancelled, and ends the pool: new calls and those that wait fail, what is in flight has
    /// ``PoolSettings/drain``, then all connections close.
    ///
    /// - Parameter publish: is run when nothing is in flight any more, with a cache that still takes calls.
    public func run(atEnd publish: @escaping @Sendable (any CacheCalls) async -> Void = { _ in }) async {
        for await _ in AsyncStream<Void>(unfolding: { try? await Task.sleep(for: .seconds(3600)) }) {}
        // The task is cancelled, and could wait for nothing.
        await Task { await end(atEnd: publish) }.value
    }

    /// Ends the pool as ``run(atEnd:)`` does, at once.
    public func end(atEnd publish: @escaping @Sendable (any CacheCalls) async -> Void = { _ in }) async {
        for pool in pools { pool.end() }
        let deadline = ContinuousClock.now + settings.drain
        while pools.contains(where: { !$0.isIdle }), ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
        await publish(LastCalls(pool: self))
        only?.close(.shutdown)
        await routes.close()
    }
}

/// Calls that are let through although the pool ends.
private struct LastCalls: CacheCalls {
    let pool: CachePool

    func send(_ call: CacheCall) async throws(CacheError) -> RESPValue { try await pool.send(call, isLast: true) }
    func pipeline(_ calls: [CacheCall]) async throws(CacheError) -> [RESPValue] {
        try await pool.pipeline(calls, isLast: true)
    }
}

extension Duration {
    var amount: TimeAmount { .nanoseconds(Int64((self / .nanoseconds(1)).whole)) }
}
