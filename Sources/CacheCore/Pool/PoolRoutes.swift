internal import CacheWire
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import RedisValues

/// Which pool serves which key: what a deployment says of its nodes, where nobody has to wait for it.
final class PoolRoutes: Sendable {
    private let deployment: any Deployment
    private let dialler: Dialler
    private let drain: Duration
    private let make: @Sendable (Endpoint, PoolRoutes) -> NodePool
    private let state: NIOLockedValueBox<State>

    private struct State {
        /// Of each slot, or of all keys; nil where the deployment has to be asked.
        var owners: [NodePool?]
        var pools: [String: NodePool] = [:]
        /// Nobody knows who belongs to the deployment.
        var outage: CacheError?
        var isSurveying = false
        var listening: Task<Void, Never>?
        var isClosed = false
    }

    init(
        _ deployment: any Deployment, dialler: Dialler, drain: Duration,
        make: @escaping @Sendable (Endpoint, PoolRoutes) -> NodePool
    ) {
        self.deployment = deployment
        self.dialler = dialler
        self.drain = drain
        self.make = make
        state = NIOLockedValueBox(State(owners: [NodePool?](repeating: nil, count: deployment.movesKeys ? 16_384 : 1)))
    }

    var movesKeys: Bool { deployment.movesKeys }
    var pools: [NodePool] { state.withLockedValue { Array($0.pools.values) } }

    // MARK: who serves a key

    /// - Returns: nil where ``find(_:until:)`` has to ask.
    func known(_ key: [UInt8]) -> Result<NodePool, CacheError>? {
        let slot = slot(of: key)
        return state.withLockedValue { state in
            if let pool = state.owners[slot] { return .success(pool) }
            return state.outage.map { .failure($0) }
        }
    }

    func find(_ key: [UInt8], until deadline: NIODeadline) async -> Result<NodePool, CacheError> {
        listen()
        let found: Result<NodePool, CacheError> = await race(until: deadline) { [self] in
            do throws(CacheError) { return .success(adopt(try await deployment.holder(of: key), of: key)) } catch {
                return .failure(error)
            }
        }
        if case .failure(let error) = found, error != .cancelled, error.refusal.kind != .clusterDown {
            lose(error.refusal)
        }
        return found
    }

    /// The pool of the node that another one has named.
    func pool(_ name: NodeName, by pool: NodePool, of key: [UInt8], isOwner: Bool) async -> NodePool {
        let here = Node(endpoint: pool.endpoint, dialler: dialler, allowsWrites: false)
        let node = await deployment.node(announced: name, by: here)
        return isOwner ? adopt(node, of: key) : self.pool(at: node.endpoint)
    }

    private func slot(of key: [UInt8]) -> Int { deployment.movesKeys ? KeySlot.of(key) : 0 }

    private func pool(at endpoint: Endpoint) -> NodePool {
        state.withLockedValue { state in
            if let known = state.pools[endpoint.name] { return known }
            let pool = make(endpoint, self)
            if state.isClosed { pool.close(.shutdown) } else { state.pools[endpoint.name] = pool }
            return pool
        }
    }

    private func adopt(_ node: Node, of key: [UInt8]) -> NodePool {
        let pool = pool(at: node.endpoint)
        let slot = slot(of: key)
        state.withLockedValue { $0.owners[slot] = pool }
        return pool
    }

    // MARK: who belongs to the deployment

    /// Asks anew, and goes on for as long as some node does not answer.
    func survey() {
        let begins = state.withLockedValue { state in
            guard !state.isSurveying, !state.isClosed else { return false }
            state.isSurveying = true
            return true
        }
        guard begins else { return }
        Task { [self] in
            var rest = Backoff(initial: .milliseconds(100), maximum: .seconds(5))
            repeat {
                await surveyOnce()
                guard isInDoubt else { break }
                try? await Task.sleep(for: rest.next(jitter: .random(in: 0...1)))
            } while isInDoubt
            state.withLockedValue { $0.isSurveying = false }
        }
    }

    /// The same once, for somebody who waits for it.
    func survey(until deadline: NIODeadline) async {
        let _: Result<Bool, CacheError> = await race(until: deadline) { [self] in
            await surveyOnce()
            return .success(true)
        }
    }

    private var isInDoubt: Bool {
        let (pools, isLost, isClosed) = state.withLockedValue {
            (Array($0.pools.values), $0.outage != nil, $0.isClosed)
        }
        return !isClosed && (isLost || pools.contains { $0.unavailable != nil })
    }

    private func surveyOnce() async {
        await deployment.survey()
        do throws(CacheError) {
            _ = try await deployment.primaries()
            state.withLockedValue { $0.outage = nil }
            forget()
        } catch { if pools.isEmpty { lose(error.refusal) } }
    }

    /// What was known of owners is asked anew; pools of nodes that are no primaries any more end.
    private func forget() {
        let gone = state.withLockedValue { state in
            let gone = state.pools.values.filter { !deployment.isPrimary($0.name) }
            for pool in gone { state.pools[pool.name] = nil }
            for index in state.owners.indices { state.owners[index] = nil }
            return gone
        }
        for pool in gone { Task { [drain] in await pool.drain(for: drain, .outage) } }
    }

    private func lose(_ refusal: Refusal) {
        state.withLockedValue { state in
            if state.outage == nil { state.outage = .unavailable(since: PoolJournal.wallTime(), reason: refusal) }
        }
        survey()
    }

    /// Hears what the deployment itself tells of changes.
    private func listen() {
        state.withLockedValue { state in
            guard state.listening == nil, !state.isClosed else { return }
            state.listening = Task { [weak self, deployment] in
                for await _ in deployment.changes { self?.forget() }
            }
        }
    }

    // MARK: an end

    func close() async {
        let (pools, listening) = state.withLockedValue { state in
            state.isClosed = true
            return (Array(state.pools.values), state.listening)
        }
        listening?.cancel()
        for pool in pools { pool.close(.shutdown) }
        await deployment.close()
    }

    /// What comes first, the answer or the deadline; what is under way goes on without anybody.
    private func race<Value: Sendable>(
        until deadline: NIODeadline, _ work: @escaping @Sendable () async -> Result<Value, CacheError>
    ) async -> Result<Value, CacheError> {
        let answer = OneAnswer<Result<Value, CacheError>>()
        return await answer.value(
            cancelled: .failure(.cancelled),
            begin: {
                Task { answer.end(await work()) }
                dialler.schedule(in: .nanoseconds(max(0, (deadline - NIODeadline.now()).nanoseconds))) {
                    let words = "nobody has told in time who belongs to the deployment"
                    answer.end(.failure(.refused(Refusal(.timedOut, detail: words))))
                }
            }, onCancel: {})
    }
}

extension NodePool {
    /// Refuses new calls, lets what is in flight have so much time, and closes all connections.
    func drain(for time: Duration, _ reason: PoolStatistics.Closing) async {
        end()
        let deadline = ContinuousClock.now + time
        while !isIdle, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
        close(reason)
    }
}
