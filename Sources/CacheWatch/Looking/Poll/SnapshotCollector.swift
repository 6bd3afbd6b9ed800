package import CacheCore
internal import CacheWire
public import CacheModel
internal import FoundationEssentials

/// Collects snapshots of a deployment: one pipeline a node and poll, all nodes at once.
public actor SnapshotCollector {
    private let deployment: any Deployment
    private let timeout: Duration
    private let ledger: RevocationLedger?
    private nonisolated let began: ContinuousClock.Instant
    /// Looks at the keyspace of the same deployment.
    public nonisolated let surveyor: KeyspaceSurveyor
    private var polls: [String: NodePoll] = [:]
    /// As each node was last seen.
    private var seen: [String: NodeSnapshot] = [:]
    /// Since when a node has been asked that has not answered.
    private var underWay: [String: ContinuousClock.Instant] = [:]
    private var awaited: Set<String> = []
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isTimed = false
    /// What the slowest node took that has answered this time.
    private var usualTime: Duration?

    /// How long others are waited for at least, once one node has answered.
    private static let grace = Duration.milliseconds(150)

    /// - Parameters:
    ///   - deadline: of what looks at many keys at once.
    ///   - ledger: revocations that each poll looks for.
    package init(
        deployment: any Deployment, timeout: Duration, deadline: Duration = .seconds(15),
        classifier: KeyClassifier = KeyClassifier(), ledger: RevocationLedger? = nil
    ) {
        let began = ContinuousClock.now
        self.deployment = deployment
        self.timeout = timeout
        self.ledger = ledger
        self.began = began
        surveyor = KeyspaceSurveyor(
            deployment: deployment, classifier: classifier, deadline: deadline,
            elapsed: { ContinuousClock.now - began })
    }

    public init(settings: Settings, ledger: RevocationLedger? = nil) {
        self.init(
            deployment: settings.deployment, timeout: settings.timeout, deadline: settings.flightDeadline,
            classifier: settings.classifier, ledger: ledger)
    }

    /// Monotonic time since this collector was made.
    public nonisolated var elapsed: Duration { ContinuousClock.now - began }

    /// One poll of all nodes. A node that fails is a value in the snapshot; nothing is thrown.
    ///
    /// It takes at most the connect time-out, a reply time-out and a second look at a server that refused. Where others
    /// have answered, one that is late is not waited for: it stands in the snapshot as it was last seen.
    public func collect() async -> Snapshot {
        await deployment.survey()
        let links = await deployment.nodes()
        for link in links where underWay[link.name] == nil { begin(link) }
        await answers(of: Set(links.map(\.name)))
        var nodes = links.map(node)
        if deployment.kind == .standalone, nodes[0].info?.clusterEnabled == true {
            nodes[0].warnings.append("one node of a cluster: --cluster watches all of them")
        }
        let names = Set(links.map(\.name))
        (polls, seen) = (polls.filter { names.contains($0.key) }, seen.filter { names.contains($0.key) })
        var snapshot = Snapshot(
            takenAt: .now, elapsed: ContinuousClock.now - began, target: deployment.target,
            deployment: deployment.kind, nodes: nodes, database: deployment.database)
        snapshot.topology = await deployment.topology()
        if let map = snapshot.topology?.cluster {
            let primaries = Set(map.primaries.map(\.address))
            snapshot.sum = .sum(of: nodes.filter { primaries.contains($0.address) }, address: "all primaries")
        }
        if let ledger {
            // One that is late would keep the others waiting.
            let answering = nodes.filter { $0.reachable && !$0.isSentinel && $0.late == nil }.map(\.address)
            let router = KeyRouter(deployment: deployment) { [timeout] link throws(CacheError) in
                try await OperationNode.open(link, deadline: timeout)
            }
            if !answering.isEmpty { snapshot.revocations = await ledger.check(by: router, on: Set(answering)) }
        }
        return snapshot
    }

    // MARK: polls under way

    private func begin(_ link: NodeLink) {
        underWay[link.name] = .now
        let poll = polls[link.name] ?? NodePoll(address: link.name, purpose: link.purpose)
        Task { [began, timeout] in
            let (poll, node) = await Self.poll(link, poll, began: began, timeout: timeout)
            self.answered(link.name, poll, node)
        }
    }

    private func answered(_ name: String, _ poll: NodePoll, _ node: NodeSnapshot) {
        underWay[name] = nil
        (polls[name], seen[name]) = (poll, node)
        awaited.remove(name)
        if awaited.isEmpty { return release() }
        // Whoever answers shows how long it takes; that a node refuses at once shows nothing.
        if node.reachable, !node.isSentinel { usualTime = max(usualTime ?? .zero, node.roundTrip ?? .zero) }
        // One that was never seen is waited for: there is nothing to show in its place.
        guard let usualTime, !isTimed, awaited.allSatisfy({ seen[$0] != nil }) else { return }
        isTimed = true
        let grace = max(Self.grace, usualTime * 4)
        Task {
            try? await Task.sleep(for: grace)
            self.release()
        }
    }

    private func answers(of names: Set<String>) async {
        awaited = names.filter { underWay[$0] != nil }
        guard !awaited.isEmpty else { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func release() {
        (isTimed, usualTime) = (false, nil)
        for one in waiting { one.resume() }
        waiting = []
    }

    /// What is known of a node now.
    private func node(_ link: NodeLink) -> NodeSnapshot {
        let since = underWay[link.name].map { ContinuousClock.now - $0 }
        guard var node = seen[link.name] else {
            var node = NodeSnapshot(address: link.name)
            node.isSentinel = link.purpose == .sentinel
            node.refusal = Refusal(.hung, detail: "no reply within \(Format.duration(since ?? .zero)) yet")
            return node
        }
        node.late = since
        return node
    }

    /// Closes the connections, so that the next poll opens new ones, and asks once more what was denied.
    public func reconnect() async {
        for link in await deployment.nodes() {
            await link.close()
            await link.forgetDenied()
        }
        await surveyor.close()
    }

    public func close() async {
        await surveyor.close()
        await deployment.close()
    }

    private static func poll(
        _ link: NodeLink, _ memory: NodePoll, began: ContinuousClock.Instant, timeout: Duration
    ) async -> (NodePoll, NodeSnapshot) {
        var poll = memory
        do throws(CacheError) {
            try await link.connect()
            let asked = poll.questions(without: await link.denied)
            let start = ContinuousClock.now
            let replies = try await link.pipeline(asked.map(\.command), deadline: timeout)
            let end = ContinuousClock.now
            let circumstances = NodePoll.Circumstances(
                elapsed: end - began, roundTrip: end - start, traffic: link.traffic, warnings: await link.warnings,
                anonymous: link.endpoint.password == nil)
            var (node, errors) = poll.digest(replies, to: asked.map(\.question), circumstances)
            for (question, words) in errors { await link.note(question, error: words) }
            node.denied = await link.denied.list
            return (poll, node)
        } catch {
            var node = poll.failed(error.refusal)
            node.denied = await link.denied.list
            return (poll, node)
        }
    }
}

extension WallTime {
    /// The clock of this machine.
    public static var now: WallTime {
        WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
