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

    /// - Parameter ledger: revocations that each poll looks for.
    package init(
        deployment: any Deployment, timeout: Duration, classifier: KeyClassifier = KeyClassifier(),
        ledger: RevocationLedger? = nil
    ) {
        let began = ContinuousClock.now
        self.deployment = deployment
        self.timeout = timeout
        self.ledger = ledger
        self.began = began
        surveyor = KeyspaceSurveyor(
            deployment: deployment, classifier: classifier, timeout: timeout,
            elapsed: { ContinuousClock.now - began })
    }

    public init(settings: Settings, ledger: RevocationLedger? = nil) {
        self.init(
            deployment: Standalone(settings: settings), timeout: settings.timeout, classifier: settings.classifier,
            ledger: ledger)
    }

    /// Monotonic time since this collector was made.
    public nonisolated var elapsed: Duration { ContinuousClock.now - began }

    /// One poll of all nodes. A node that fails is a value in the snapshot; nothing is thrown.
    ///
    /// It takes at most the connect time-out, a reply time-out and a second look at a server that refused.
    public func collect() async -> Snapshot {
        let links = await deployment.nodes()
        let nodes = await withTaskGroup(of: (Int, NodePoll, NodeSnapshot).self) { group in
            for (index, link) in links.enumerated() {
                let poll = polls[link.name] ?? NodePoll(address: link.name)
                group.addTask { [began, timeout] in
                    let (poll, node) = await Self.poll(link, poll, began: began, timeout: timeout)
                    return (index, poll, node)
                }
            }
            var nodes = [NodeSnapshot?](repeating: nil, count: links.count)
            for await (index, poll, node) in group {
                polls[node.address] = poll
                nodes[index] = node
            }
            return nodes.compactMap { $0 }
        }
        var snapshot = Snapshot(
            takenAt: .now, elapsed: ContinuousClock.now - began, target: deployment.target,
            deployment: deployment.kind, nodes: nodes, database: deployment.database)
        if let ledger, let link = links.first, nodes.first?.reachable == true {
            snapshot.revocations = await ledger.check(on: link, deadline: timeout)
        }
        return snapshot
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
