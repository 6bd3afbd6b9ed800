internal import CacheWire
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import RedisValues

/// A server's connections to one node. It performs what a ``NodePoolState`` decides.
final class NodePool: Sendable {
    let endpoint: Endpoint
    let name: String
    let observer: (any PoolObserver)?
    let dialler: Dialler
    private let allowsWrites: Bool
    private let journal: PoolJournal
    private let reminds: Duration
    /// Hears that the node does not answer, or does again.
    private let onTurn: @Sendable () -> Void
    private let state: NIOLockedValueBox<NodePoolShell>

    init(
        _ endpoint: Endpoint, dialler: Dialler, settings: PoolSettings, allowsWrites: Bool, journal: PoolJournal,
        observer: (any PoolObserver)?, onTurn: @escaping @Sendable () -> Void
    ) {
        self.endpoint = endpoint
        name = endpoint.name
        self.dialler = dialler
        self.allowsWrites = allowsWrites
        self.journal = journal
        self.observer = observer
        self.onTurn = onTurn
        reminds = settings.reminds
        state = NIOLockedValueBox(NodePoolShell(NodePoolState(settings.limits)))
    }

    deinit { for connection in state.withLockedValue(\.openConnections) { connection.close() } }

    // MARK: who wants a connection

    /// Sends commands in one write.
    ///
    /// - Parameter isLast: whether it may be sent although the pool ends.
    func ask(
        _ commands: [Command], until deadline: NIODeadline, isLast: Bool = false
    ) async -> Result<[RESPValue], PipelineFailure> {
        let (id, refusal) = state.withLockedValue { $0.enter(commands, isLast: isLast) }
        if let refusal { return .failure(PipelineFailure(refusal, wasSent: false)) }
        if !allowsWrites, let writing = commands.first(where: CommandTable.mayWrite) {
            return .failure(PipelineFailure(.readOnly(CommandTable.name(of: writing)), wasSent: false))
        }
        let call = PoolCall(id, commands, deadline: deadline, began: .now(), pool: self)
        return await call.answer.value(
            cancelled: .failure(PipelineFailure(.cancelled, wasSent: true)),
            begin: { begin(call) }, onCancel: { [weak self] in self?.leave(id) })
    }

    private func begin(_ call: PoolCall) {
        let (connection, actions) = state.withLockedValue { $0.begin(call) }
        if let connection { connection.send(call) } else { run(actions) }
    }

    /// A connection for one user alone, to be given back.
    ///
    /// - Returns: a failure also where none comes free by the deadline.
    func connection(until deadline: NIODeadline) async -> Result<PoolWish.Grant, CacheError> {
        let (id, refusal) = state.withLockedValue { $0.enter([], isLast: false) }
        if let refusal { return .failure(refusal) }
        let wish = PoolWish(id, deadline: deadline, pool: self)
        return await wish.answer.value(
            cancelled: .failure(.cancelled),
            begin: { run(state.withLockedValue { $0.want(wish, .exclusive) }) },
            onCancel: { [weak self] in self?.leave(id) })
    }

    /// - Parameter isSpoilt: whether nobody else can use it.
    func giveBack(_ grant: PoolWish.Grant, isSpoilt: Bool) {
        run(
            state.withLockedValue { state in
                (isSpoilt ? state.close(grant.id, .used) : []) + state.release(grant.user, .lost)
            })
    }

    private func leave(_ id: Int) { run(state.withLockedValue { $0.leave(id) }) }

    /// What came of a call; its connection is free for others.
    func ended(
        _ call: PoolCall, _ outcome: Result<[RESPValue], PipelineFailure>
    ) -> Result<[RESPValue], PipelineFailure> {
        switch outcome {
        case .success(let replies):
            for case .error(let words) in replies {
                if let refusal = BreakerState.reason(of: words) {
                    run(state.withLockedValue { $0.release(call.id, .cannot(refusal), about: call.commands.last) })
                    return outcome
                }
                if MemoryGate.isRefusal(words) { state.withLockedValue { $0.ranOutOfMemory(words) } }
            }
            run(state.withLockedValue { $0.answered(call, isDone: replies) })
            return outcome
        case .failure(let failure):
            guard failure.error != .cancelled else {
                run(state.withLockedValue { $0.release(call.id, .lost) })
                return outcome
            }
            let isLate = call.deadline <= .now()
            run(state.withLockedValue { $0.failed(call.id, isLate && failure.wasSent ? .timedOut : .lost) })
            // Whoever was sent beside the one that was late has failed with its connection.
            guard case .timedOut = failure.error else { return outcome }
            let error = isLate ? CacheError.timedOut(call.allowed) : .closed(midReply: false)
            return .failure(PipelineFailure(error, wasSent: failure.wasSent))
        }
    }

    // MARK: what is known

    /// Why calls are refused just now; nil where they are not.
    var unavailable: CacheError? { state.withLockedValue(\.unavailable) }

    var statistics: PoolStatistics { state.withLockedValue { $0.statistics(of: name) } }

    /// Calls and commands under way, and those who wait.
    var isIdle: Bool { state.withLockedValue { $0.machine.uses == 0 && $0.machine.waiters == 0 } }

    // MARK: an end

    /// New calls are refused, and whoever waits; what is in flight goes on.
    func end() { run(state.withLockedValue { $0.end() }) }

    /// Closes all connections for good.
    func close(_ reason: PoolStatistics.Closing) { run(state.withLockedValue { $0.close(reason) }) }

    // MARK: performing

    private func run(_ actions: [NodePoolShell.Action]) {
        for action in actions {
            switch action {
            case .hand(let waiter, let connection, let id): waiter.handed(connection, as: id)
            case .refuse(let waiter, let error): waiter.refused(error)
            case .dial(let id): dial(id)
            case .abandon(let task): task.cancel()
            case .close(let connection): connection.close()
            case .ping(let connection): ping(connection)
            case .wake(let time): dialler.schedule(in: time) { [weak self] in self?.wake() }
            case .sweep(let time): dialler.schedule(in: time) { [weak self] in self?.sweep() }
            case .tell(let turn):
                journal.note(turn, at: endpoint)
                if case .lost = turn { remind(of: state.withLockedValue(\.outages)) }
                onTurn()
            }
        }
    }

    private func remind(of outage: Int) {
        dialler.schedule(in: reminds) { [weak self] in
            guard let self, let turn = state.withLockedValue({ $0.reminder(of: outage) }) else { return }
            journal.note(turn, at: endpoint)
            remind(of: outage)
        }
    }

    private func wake() { run(state.withLockedValue { $0.wake() }) }
    private func sweep() { run(state.withLockedValue { $0.sweep() }) }

    private static let ping = Command("PING")

    private func ping(_ connection: Connection) {
        // One that does not answer in time closes, which is told like any end.
        try? connection.send(Self.ping, deadline: dialler.timeout) { _ in }
    }

    private func dial(_ id: PoolState.DialID) {
        let (known, probe) = state.withLockedValue { ($0.denied, $0.probe) }
        if state.withLockedValue({ $0.isFirstDial() }) { journal.begin(endpoint) }
        let task = Task { [weak self, dialler, endpoint, allowsWrites] in
            let outcome = await Self.dial(endpoint, dialler, known, probe, allowsWrites)
            guard let self else {
                if case .success(let dialled) = outcome { dialled.connection.close() }
                return
            }
            came(id, outcome)
        }
        state.withLockedValue { $0.note(task, of: id) }
    }

    /// - Parameter probe: what has to be answered by no refusal before anybody is let in.
    private static func dial(
        _ endpoint: Endpoint, _ dialler: Dialler, _ known: DeniedCommands, _ probe: [Command], _ allowsWrites: Bool
    ) async -> Result<Dialler.Dialled, CacheError> {
        do throws(CacheError) {
            let dialled = try await dialler.dial(
                endpoint, traffic: TrafficCounter(), denied: known, allowsWrites: allowsWrites)
            guard !probe.isEmpty else { return .success(dialled) }
            do throws(CacheError) {
                for case .error(let words) in try await dialled.connection.pipeline(probe, deadline: dialler.timeout) {
                    if let refusal = BreakerState.reason(of: words) { throw .refused(refusal) }
                }
                return .success(dialled)
            } catch {
                dialled.connection.close()
                return .failure(error)
            }
        } catch { return .failure(error) }
    }

    private func came(_ id: PoolState.DialID, _ outcome: Result<Dialler.Dialled, CacheError>) {
        run(state.withLockedValue { $0.dialled(id, outcome) })
        guard case .success(let dialled) = outcome else { return }
        let connection = PoolState.ConnectionID(id.number)
        dialled.connection.whenClosed { [weak self] in
            guard let self else { return }
            run(state.withLockedValue { $0.ended(connection) })
        }
        if state.withLockedValue({ $0.isFirstConnection() }) { journal.lookAtRoom(dialled.connection, endpoint) }
    }
}
