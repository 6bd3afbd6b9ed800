package import CacheWire
package import RedisValues
internal import NIOConcurrencyHelpers

/// A primary and its replicas, watched by sentinels that replace the primary when it is gone.
package actor Sentinel: Deployment {
    package nonisolated let kind = DeploymentKind.sentinel
    package nonisolated let target: String
    package nonisolated let database: Int
    package nonisolated let changes: AsyncStream<Void>
    private nonisolated let changed: AsyncStream<Void>.Continuation
    /// The address of the primary, dialled; for those who cannot wait.
    private nonisolated let current = NIOLockedValueBox<String?>(nil)
    private let configuration: CacheConfiguration
    private let registry: NodeRegistry
    private var addresses: NodeAddresses
    private var state: SentinelState
    /// By the sentinels' announced names: each is asked in surveys, and listened to in between.
    private var subscriptions: [String: Subscription] = [:]
    private lazy var round = Round<SentinelAnswer>(grace: Self.grace) { [weak self] name, answer in
        await self?.record(answer, of: name)
        return answer.view == nil ? nil : .zero
    }
    private var isClosed = false

    /// Once one sentinel has answered, the others may take so much longer.
    private static let grace = Duration.milliseconds(100)
    /// How long a fail-over may take until nobody waits for it any more.
    private static let patience = Duration.seconds(60)
    private static let askingEvery = Duration.milliseconds(200)
    private static let channel = "+switch-master"

    package init(_ configuration: CacheConfiguration, service: String) {
        self.configuration = configuration
        database = configuration.endpoint.database
        target = configuration.target
        registry = configuration.registry
        addresses = NodeAddresses(configuration)
        state = SentinelState(service: service, sentinels: configuration.seeds)
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: who belongs to it

    package func survey() async {
        await canvass()
        // Whom the first ones have told of.
        let asked = await round.late
        if state.sentinels.contains(where: { state.answers[$0] == nil && asked[$0] == nil }) { await canvass() }
        addresses.keep(Set(members))
        await registry.keep(Set(members.map { dialled($0) }))
    }

    private func canvass() async {
        let timeout = configuration.timeout
        let service = state.service
        var questions: [(name: String, ask: @Sendable () async -> SentinelAnswer)] = []
        for name in state.sentinels {
            let node: Node
            do throws(CacheError) { node = try sentinel(name) } catch {
                record(SentinelAnswer(refusal: error.refusal), of: name)
                continue
            }
            listen(to: name, node)
            questions.append(
                (name, { await SentinelAnswer.ask(node.line(.members), about: service, timeout: timeout) }))
        }
        await round.run(questions)
    }

    /// Polls see fail-overs, too, only later.
    private func listen(to name: String, _ node: Node) {
        guard !isClosed, subscriptions[name] == nil else { return }
        subscriptions[name] = Subscription(
            to: Self.channel, at: node.endpoint, dialler: configuration.dialler
        ) { [weak self] message in await self?.hear(message) }
    }

    private func record(_ answer: SentinelAnswer, of name: String) { note(state.record([name: answer])) }

    /// Asks what is true of a message until somebody confirms it, or a majority shows that it came late.
    private func hear(_ message: String) async {
        guard !isClosed, state.apply(switchMessage: message) else { return }
        note(true)
        for _ in 0..<2 * SentinelState.insistence {
            await canvass()
            guard state.isAnnounced, !isClosed else { return }
            try? await Task.sleep(for: Self.askingEvery)
        }
    }

    private func note(_ isAnother: Bool) {
        let address = state.primary.map(dialled)
        current.withLockedValue { $0 = address }
        if isAnother { changed.yield() }
    }

    private var members: [String] { [state.primary].compactMap { $0 } + state.replicas + state.sentinels }

    // MARK: its nodes

    package func nodes() async -> [Node] {
        let data = ([state.primary].compactMap { $0 } + state.replicas).compactMap { try? node($0) }
        let nodes = data + state.sentinels.compactMap { try? sentinel($0) }
        return nodes.isEmpty ? [registry.node(at: configuration.endpoint)] : nodes
    }

    package func primaries() async throws(CacheError) -> [Node] {
        if state.primary == nil { await survey() }
        if let primary = state.primary { return [try node(primary)] }
        throw .refused(whyNoPrimary)
    }

    /// The refusal that says most: that the service is not known says more than that somebody does not answer.
    private var whyNoPrimary: Refusal {
        let refusals = state.sentinels.compactMap { name in state.answers[name]?.refusal.map { (name, $0) } }
        if let (_, unknown) = refusals.first(where: { $0.1.kind == .noSuchService }) { return unknown }
        let words = refusals.map { "\($0) \($1.reason)" }.joined(separator: ", ")
        return Refusal(.noPrimary, detail: words)
    }

    package func successor(of node: String) async -> Node? {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end, !Task.isCancelled, !isClosed {
            await survey()
            if let primary = state.primary, dialled(primary) != node {
                guard let successor = try? self.node(primary) else { return nil }
                // The sentinels are told by the first one; that it is one already is another matter.
                if await successor.isReadyPrimary(timeout: configuration.timeout) { return successor }
            }
            try? await Task.sleep(for: Self.askingEvery)
        }
        return nil
    }

    package nonisolated func isPrimary(_ node: String) -> Bool { current.withLockedValue { $0 == nil || $0 == node } }

    package func topology() async -> Topology? { Topology(sentinel: state.topology) }

    package func close(_ purpose: Line.Purpose) async { await registry.close(purpose) }

    package func close() async {
        isClosed = true
        for subscription in subscriptions.values { subscription.close() }
        await round.close()
        await registry.close()
        changed.finish()
    }

    // MARK: addresses

    /// What is dialled to reach what is announced.
    private func dialled(_ address: String) -> String { addresses.dialled(address) }

    /// - Throws: ``CacheError/refused(_:)`` for a node whose name cannot be read.
    private func node(_ address: String) throws(CacheError) -> Node {
        registry.node(at: try addresses.endpoint(of: address))
    }

    private func sentinel(_ address: String) throws(CacheError) -> Node {
        var endpoint = try addresses.endpoint(of: address)
        // A sentinel has no databases, and users of its own.
        (endpoint.database, endpoint.username) = (0, configuration.sentinelUsername)
        endpoint.password = configuration.sentinelPassword
        return registry.node(at: endpoint, purpose: .sentinel)
    }
}

extension SentinelAnswer {
    /// What a sentinel says about a service.
    static func ask(_ line: Line, about service: String, timeout: Duration) async -> SentinelAnswer {
        let name = Array(service.utf8)
        let words = ["MASTER", "REPLICAS", "SENTINELS", "CKQUORUM", "GET-MASTER-ADDR-BY-NAME"]
        do throws(CacheError) {
            let replies = try await line.pipeline(
                words.map { Command([Array("SENTINEL".utf8), Array($0.utf8), name]) }, deadline: timeout)
            if case .error(let words) = replies[0] {
                let text = Printable.escape(words, limit: 200)
                if text.contains("No such master") {
                    return SentinelAnswer(refusal: Refusal(.noSuchService, detail: Printable.escape(name)))
                }
                return SentinelAnswer(refusal: Refusal(reply: words) ?? Refusal(ofCommand: words))
            }
            do throws(RESPShapeError) { return SentinelAnswer(view: try SentinelView(replies)) } catch {
                return SentinelAnswer(refusal: Refusal(.notRedis, detail: error.description))
            }
        } catch { return SentinelAnswer(refusal: error.refusal) }
    }
}
