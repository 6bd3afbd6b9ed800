package import CacheWire
package import RedisValues
internal import NIOConcurrencyHelpers

/// The way to one node for one purpose: the only owner of a connection, which several may use at once.
///
/// It performs what ``PoolState`` decides. Connections are opened when they are wanted, and never leave it: what is
/// handed out is a ``Session``.
package actor Line {
    /// What a line is there for: nothing waits behind what another one does.
    package enum Purpose: CaseIterable, Sendable {
        /// Figures, with each poll.
        case poll
        /// Who belongs to the deployment.
        case members
        /// Estimates and sweeps.
        case survey
        /// Lists of keys, and what they hold.
        case browse
        /// Lists of the clients: with ten thousand of them they are megabytes.
        case clients
        /// Operations.
        case act
        /// What a server keeps in its cache.
        case serve

        var mayWrite: Bool { self == .act || self == .serve }
        /// What looks besides leaves the last places of a server to the polls.
        var givesWay: Bool { self == .survey || self == .browse || self == .clients }
        /// nil for those of values.
        fileprivate var limits: ReplyLimits? { self == .poll || self == .members ? .figures : nil }
    }

    package nonisolated let endpoint: Endpoint
    package nonisolated let name: String
    package nonisolated let purpose: Purpose
    /// False for a line over which no writing command can be sent.
    package nonisolated let allowsWrites: Bool
    private nonisolated let dialler: Dialler
    private nonisolated let counter: TrafficCounter
    /// As known when the last reply came.
    package func denied() -> DeniedCommands {
        let late = late.withLockedValue { late in
            defer { late = [] }
            return late
        }
        for (courtesy, words) in late { known.note(courtesy.commandName, error: words) }
        // Doubts may have come from another line, or with a dial.
        if doubts.isOver(hasDoubts: known.hasDoubts, at: now) { known.forgetDoubts() }
        return known
    }
    private var known: DeniedCommands
    private var doubts = DoubtClock()
    /// Courtesies that were refused on connections in use.
    private nonisolated let late = NIOLockedValueBox<[(Courtesy, [UInt8])]>([])
    package private(set) var warnings: [String] = []
    /// True once it is known which of the commands that look at keys are allowed.
    package private(set) var knowsKeyCommands = false

    private var pool = PoolState()
    // By the numbers of their ids: the first dictionary of each key type takes the runtime 0.1 ms, and `--once` ten.
    private var connections: [Int: Connection] = [:]
    private var dials: [Int: Task<Void, Never>] = [:]
    private var waiting: [Int: CheckedContinuation<Result<Lease, CacheError>, Never>] = [:]
    /// Who gives back what it was handed.
    private var users: Set<Int> = []
    /// Why the last dial failed, in more than a refusal can say.
    private var failure: CacheError?
    /// True from a dial that came through until one fails: the way in is right, and who fails next may be told so
    /// without a second look, which takes up to a second.
    private var isWayProven = false
    private var isRetired: Bool
    private nonisolated let room: Room
    private var ids = 0
    private let start = ContinuousClock.now

    package init(
        endpoint: Endpoint, dialler: Dialler, purpose: Purpose = .poll, allowsWrites: Bool = false,
        counter: TrafficCounter = TrafficCounter(), denied: DeniedCommands = DeniedCommands(), isRetired: Bool = false,
        room: Room = Room()
    ) {
        self.room = room
        self.endpoint = endpoint
        self.dialler = dialler
        self.purpose = purpose
        self.allowsWrites = allowsWrites
        self.counter = counter
        known = denied
        self.isRetired = isRetired
        name = endpoint.name
    }

    // MARK: using it

    /// A connection to work on, opened where there is none.
    ///
    /// - Parameter deadline: of each reply; nil takes the time-out of the settings.
    /// - Throws: ``CacheError/refused(_:)``, after a second look where the failure left the reason open;
    ///   the first failure behind a dial that came through is told as it is.
    package func session(deadline: Duration? = nil) async throws(CacheError) -> Session {
        Session(line: self, lease: try await lease().get(), deadline: deadline ?? dialler.timeout)
    }

    /// Opens the connection where there is none.
    ///
    /// - Throws: ``CacheError/refused(_:)``, after a second look where the first failure left the reason open.
    package func connect() async throws(CacheError) { _ = try await session() }

    /// Sends commands in one write, connecting first where needed.
    package func pipeline(_ commands: [Command], deadline: Duration) async throws(CacheError) -> [RESPValue] {
        try await session(deadline: deadline).ask(commands)
    }

    package var isConnected: Bool { connections.values.contains(where: \.isOpen) }

    /// Closes the connections; who waits for one, or asks next, gets a new one.
    package func drop() { perform(pool.drop()) }

    /// Closes the connections for good; who waits or asks is told so.
    package func close() { perform(pool.close()) }

    /// Closes the connections as soon as nobody uses them.
    package func retire() {
        isRetired = true
        closeIfIdle()
    }

    /// The same, for as long as the server has no place for the polls.
    func giveWay() {
        if purpose.givesWay { closeIfIdle() }
    }

    // MARK: what is known of the node

    /// What was moved over this line since the program began.
    package nonisolated var traffic: Traffic { counter.total }

    /// Adds to our own load what the server did beyond replying.
    package nonisolated func caused(hits: Int, misses: Int, commands: Int = 0) {
        counter.caused(hits: hits, misses: misses, commands: commands)
    }

    /// Remembers what is refused for good.
    package func note(_ command: String, error: [UInt8], permission: String? = nil, keys: String = "~*") {
        known.note(command, error: error, permission: permission, keys: keys)
    }

    package func noteKeyCommandsKnown() { knowsKeyCommands = true }

    /// Asks again what was denied: for an operator who has just been granted it.
    package func forgetDenied() {
        late.withLockedValue { $0 = [] }
        (known, doubts) = (DeniedCommands(), DoubtClock())
        knowsKeyCommands = false
    }

    // MARK: the machine's shell

    private func lease() async -> Result<Lease, CacheError> {
        ids += 1
        let id = PoolState.WaiterID(ids)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting[id.number] = continuation
                if Task.isCancelled { return leave(id) }
                // One that has ended may not have been told yet.
                for (number, connection) in connections where !connection.isOpen {
                    ended(PoolState.ConnectionID(number))
                }
                perform(pool.want(id, now: now))
            }
        } onCancel: {
            Task { await self.leave(id) }
        }
    }

    private var now: Duration { ContinuousClock.now - start }

    private func leave(_ id: PoolState.WaiterID) {
        guard let continuation = waiting.removeValue(forKey: id.number) else { return }
        perform(pool.giveUp(id))
        continuation.resume(returning: .failure(.cancelled))
    }

    private func release(_ id: PoolState.WaiterID) {
        users.remove(id.number)
        perform(pool.release(id))
        if isRetired || purpose.givesWay && room.refusal != nil { closeIfIdle() }
    }

    private func closeIfIdle() {
        if users.isEmpty, waiting.isEmpty { drop() }
    }

    private func perform(_ effects: [PoolState.Effect]) {
        for effect in effects {
            switch effect {
            case .dial(let id): dials[id.number] = Task { await self.dial(id) }
            case .abandon(let id): dials.removeValue(forKey: id.number)?.cancel()
            case .hand(let id, let waiters): for waiter in waiters { hand(id, to: waiter) }
            case .fail(let waiters, let refusal):
                let cause = failure.flatMap { $0.refusal == refusal ? $0 : nil } ?? .refused(refusal)
                for waiter in waiters { waiting.removeValue(forKey: waiter.number)?.resume(returning: .failure(cause)) }
            case .close(let id): connections.removeValue(forKey: id.number)?.close()
            // Who watches paces itself: there is no rest between dials.
            case .wake: break
            // Of pools with a bound on who waits and on how long a connection is idle: a line has none.
            case .exhaust, .ping: break
            }
        }
    }

    private func hand(_ id: PoolState.ConnectionID, to waiter: PoolState.WaiterID) {
        guard let connection = connections[id.number], let continuation = waiting.removeValue(forKey: waiter.number)
        else { return }
        users.insert(waiter.number)
        let lease = Lease(connection) { Task { await self.release(waiter) } }
        continuation.resume(returning: .success(lease))
    }

    private func dial(_ id: PoolState.DialID) async {
        var outcome: Result<PoolState.ConnectionID, Refusal>
        do throws(CacheError) {
            if purpose.givesWay, let refusal = room.refusal { throw .refused(refusal) }
            let dialled = try await dialler.dial(
                endpoint, traffic: counter, denied: denied(), allowsWrites: allowsWrites, limits: purpose.limits,
                onLateRefusal: { [weak self] courtesy, words in
                    self?.late.withLockedValue { $0.append((courtesy, words)) }
                })
            let connection = PoolState.ConnectionID(id.number)
            connections[connection.number] = dialled.connection
            (known, warnings) = (dialled.denied, dialled.warnings)
            isWayProven = true
            dialled.connection.whenClosed { [weak self] in Task { await self?.ended(connection) } }
            outcome = .success(connection)
        } catch {
            let cause = isWayProven ? error : await dialler.explained(error, at: endpoint)
            isWayProven = false
            failure = cause
            outcome = .failure(cause.refusal)
        }
        if purpose == .poll { room.note(outcome) }
        dials[id.number] = nil
        perform(pool.dialled(id, outcome, now: now, jitter: .random(in: 0...1)))
    }

    private func ended(_ id: PoolState.ConnectionID) {
        connections[id.number] = nil
        perform(pool.ended(id, now: now))
    }
}

/// The use of a connection, given back when nobody holds it any more.
final class Lease: Sendable {
    let connection: Connection
    private let giveBack: @Sendable () -> Void

    init(_ connection: Connection, giveBack: @escaping @Sendable () -> Void) {
        self.connection = connection
        self.giveBack = giveBack
    }

    deinit { giveBack() }
}
