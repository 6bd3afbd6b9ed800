package import CacheWire
package import RedisValues
internal import Synchronization

/// A primary and its replicas, watched by sentinels that replace the primary when it is gone.
package actor Sentinel: Deployment {
    package nonisolated let kind = DeploymentKind.sentinel
    package nonisolated let target: String
    package nonisolated let database: Int
    package nonisolated let changes: AsyncStream<Void>
    private nonisolated let changed: AsyncStream<Void>.Continuation
    /// The address of the primary, dialled; for those who cannot wait.
    private nonisolated let current = Mutex<String?>(nil)
    private let configuration: CacheConfiguration
    private let dialler: Dialler
    private var state: SentinelState
    private var sentinels: [String: SentinelLink] = [:]
    private var links: [String: NodeLink] = [:]
    private var asking: Set<String> = []
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var hasView = false
    private var isClosed = false

    /// Once one sentinel has answered, the others may take so much longer.
    private static let grace = Duration.milliseconds(100)
    /// How long a fail-over may take until nobody waits for it any more.
    private static let patience = Duration.seconds(60)
    private static let askingEvery = Duration.milliseconds(200)

    package init(_ configuration: CacheConfiguration, service: String) {
        self.configuration = configuration
        database = configuration.endpoint.database
        target = configuration.target
        dialler = configuration.dialler
        state = SentinelState(service: service, sentinels: configuration.seeds)
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: who belongs to it

    package func survey() async {
        await canvass()
        // Whom the first ones have told of.
        if state.sentinels.contains(where: { state.answers[$0] == nil && !asking.contains($0) }) { await canvass() }
    }

    private func canvass() async {
        for name in state.sentinels where asking.insert(name).inserted {
            let link = sentinel(name)
            if !isClosed { link.listen { [weak self] message in Task { await self?.hear(message) } } }
            let timeout = configuration.timeout
            Task {
                let answer = await link.ask(timeout: timeout)
                self.answered(name, answer)
            }
        }
        guard !asking.isEmpty else { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func answered(_ name: String, _ answer: SentinelAnswer) {
        asking.remove(name)
        note(state.take([name: answer]))
        if asking.isEmpty { return release() }
        if answer.view != nil, !hasView {
            hasView = true
            Task {
                try? await Task.sleep(for: Self.grace)
                self.release()
            }
        }
    }

    private func release() {
        hasView = false
        for one in waiting { one.resume() }
        waiting = []
    }

    private func hear(_ message: String) { note(state.take(switchMessage: message)) }

    private func note(_ isAnother: Bool) {
        let address = state.primary.map(dialled)
        current.withLock { $0 = address }
        if isAnother { changed.yield() }
    }

    // MARK: its nodes

    package func nodes() async -> [NodeLink] {
        let data = ([state.primary].compactMap { $0 } + state.replicas).map(link)
        return data + state.sentinels.map { sentinel($0).link }
    }

    package func primaries() async throws(CacheError) -> [NodeLink] {
        if state.primary == nil { await survey() }
        if let primary = state.primary { return [link(primary)] }
        throw .refused(whyNoPrimary)
    }

    /// The refusal that says most: that the service is not known says more than that somebody does not answer.
    private var whyNoPrimary: Refusal {
        let refusals = state.sentinels.compactMap { name in state.answers[name]?.refusal.map { (name, $0) } }
        if let (_, unknown) = refusals.first(where: { $0.1.kind == .noSuchService }) { return unknown }
        let words = refusals.map { "\($0) \($1.reason)" }.joined(separator: ", ")
        return Refusal(.noPrimary, detail: words)
    }

    package func successor(of node: String) async -> NodeLink? {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end, !Task.isCancelled, !isClosed {
            await survey()
            if let primary = state.primary, dialled(primary) != node {
                let link = link(primary)
                // The sentinels are told by the first one; that it is one already is another matter.
                if await link.isReadyPrimary(timeout: configuration.timeout) { return link }
            }
            try? await Task.sleep(for: Self.askingEvery)
        }
        return nil
    }

    package nonisolated func isPrimary(_ node: String) -> Bool { current.withLock { $0 == nil || $0 == node } }

    package func topology() async -> Topology? { Topology(sentinel: state.topology) }

    package func close() async {
        isClosed = true
        for link in sentinels.values { await link.close() }
        for link in links.values { await link.close() }
        changed.finish()
    }

    // MARK: addresses

    /// What is dialled to reach what is announced.
    private func dialled(_ address: String) -> String { configuration.addressMap[address] ?? address }

    private func link(_ address: String) -> NodeLink {
        let name = dialled(address)
        if let known = links[name] { return known }
        let made = NodeLink(endpoint: configuration.endpoint(at: name), dialler: dialler)
        links[name] = made
        return made
    }

    private func sentinel(_ address: String) -> SentinelLink {
        if let known = sentinels[address] { return known }
        var endpoint = configuration.endpoint(at: dialled(address))
        // A sentinel has no databases, and a password of its own.
        (endpoint.database, endpoint.username, endpoint.password) = (0, nil, configuration.sentinelPassword)
        let made = SentinelLink(
            name: address, endpoint: endpoint, service: state.service, dialler: dialler)
        sentinels[address] = made
        return made
    }
}
