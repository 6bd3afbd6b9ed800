import Support
import Testing

@testable import CacheModel

/// An alert that nothing raises would be missed by nobody: each has a scene here, and the compiler asks for the next.
@Suite struct EveryAlertTests {
    @Test(arguments: Alert.ID.allCases) func thereIsASceneThatRaisesIt(id: Alert.ID) {
        var engine = AlertEngine()
        var changes: [AlertChange] = []
        for snapshot in Self.scene(of: id) { changes += engine.evaluate(snapshot) }
        #expect(engine.raised.contains { $0.id == id }, "\(engine.raised.map(\.id))")
    }

    @Test(arguments: Alert.ID.allCases) func itsRuleIsItsOwn(id: Alert.ID) {
        switch id.source {
        case .node(let rule): #expect(rule.id == id)
        case .namespaces(let rule): #expect(rule.id == id)
        case .topology(let rule): #expect(rule.id == id)
        case .revocations: #expect(id == .revocationLost)
        }
    }

    /// What needs time is not known after one look; a level that is simply too high is.
    @Test(arguments: Alert.ID.allCases) func aSingleLookRaisesWhatNeedsNoPast(id: Alert.ID) throws {
        var engine = AlertEngine(immediate: true)
        _ = engine.evaluate(try #require(Self.scene(of: id).last))
        #expect(engine.raised.contains { $0.id == id } == !Self.needsAPast(id))
    }

    /// Whether it is known only from what was there before.
    private static func needsAPast(_ id: Alert.ID) -> Bool {
        switch id {
        case .hitRatioLow, .restarted, .datasetLost, .namespaceVanished, .primaryChanged: true
        case .unreachable, .memoryHigh, .evicting, .revocationsEvictable, .refusingWrites, .fragmentation, .clientsHigh,
            .clientsRejected, .connectionChurn, .clientsBlocked, .ttlContractBroken, .prefixNeverExpires,
            .replicationBroken,
            .sentinelQuorum,
            .clusterDegraded, .persistenceFailing, .accessDenied, .noPassword, .revocationLost,
            .slowQueries:
            false
        }
    }

    private static func scene(of id: Alert.ID) -> [Snapshot] {
        switch id {
        case .unreachable: polls(Sample.unreachable.nodes[0], Sample.unreachable.nodes[0])
        case .memoryHigh: held(filled(0.95))
        case .evicting: polls(changed { $0.rates?.evicted = 140 })
        case .revocationsEvictable: [looked(Sample.estimate, at: 0)]
        case .refusingWrites: polls(changed { $0.rates?.errors = ["OOM": 3] })
        case .fragmentation:
            held(
                changed {
                    $0.info?.memory.allocatorFragmentationRatio = 1.9
                    $0.info?.memory.allocatorFragmentation = 500_000_000
                })
        case .clientsHigh: held(changed { $0.info?.clients.connected = 9_500 })
        case .clientsRejected: polls(changed { $0.rates?.rejectedConnections = 1 })
        case .connectionChurn: held(changed { $0.rates?.connections = 9_000 })
        case .clientsBlocked: held(changed { $0.info?.clients.blocked = 300 })
        case .slowQueries:
            polls(Sample.node(), changed { $0.slowlog = [entry(9_999, "KEYS")] + ($0.slowlog ?? []) })
        case .hitRatioLow:
            (0...31).map { step in
                at(step * 10, [changed { $0.info?.stats.keyspaceMisses? += step * 9_000 }])
            }
        case .ttlContractBroken: [looked(Sample.estimate, at: 0)]
        case .namespaceVanished: [looked(Sample.fullSweep, at: 0), looked(emptied, at: 60)]
        case .prefixNeverExpires: [looked(unbounded, at: 0)]
        case .replicationBroken: held(Sample.replica.nodes[0])
        case .sentinelQuorum: [deployed(Topology(sentinel: sentinel(primary: "a:1", isUp: false)), at: 0)]
        case .primaryChanged:
            ["a:1", "b:1"].enumerated().map { index, primary in
                deployed(Topology(sentinel: sentinel(primary: primary, isUp: true)), at: index)
            }
        case .clusterDegraded:
            [deployed(Topology(cluster: ClusterMap(shards: [.init(slots: [0...99], primary: nil)])), at: 0)]
        case .persistenceFailing: polls(changed { $0.info?.persistence.lastSaveSucceeded = false })
        case .restarted: polls(Sample.node(), changed { $0.info?.server.runID = "another" })
        case .datasetLost: polls(Sample.node(), changed { $0.keys = 0 })
        case .accessDenied: polls(changed { $0.rates?.errors = ["NOPERM": 1] })
        case .noPassword: polls(changed { $0.defaultUserOpen = true })
        case .revocationLost:
            [at(0, [Sample.node()])].map { one in
                var snapshot = one
                snapshot.revocations = RevocationCheck(watched: 2, lost: ["4f3c"])
                return snapshot
            }
        }
    }

    // MARK: what scenes are made of

    private static func at(_ seconds: Int, _ nodes: [NodeSnapshot]) -> Snapshot {
        Snapshot(
            takenAt: WallTime(seconds: Sample.takenAt.seconds + Int64(seconds)), elapsed: .seconds(seconds),
            target: "redis://cache-1:6379/0", nodes: nodes)
    }

    /// A node a second.
    private static func polls(_ nodes: NodeSnapshot...) -> [Snapshot] {
        nodes.enumerated().map { at($0.offset, [$0.element]) }
    }

    /// The same for as long as the threshold `hold`.
    private static func held(_ node: NodeSnapshot) -> [Snapshot] { [0, 5, 10].map { at($0, [node]) } }

    private static func looked(_ report: NamespaceReport, at seconds: Int) -> Snapshot {
        var snapshot = at(seconds, [Sample.node()])
        snapshot.namespaces = report
        snapshot.namespaces?.elapsed = .seconds(seconds)
        return snapshot
    }

    /// A sweep that has found nothing.
    private static var emptied: NamespaceReport {
        .sweep(
            KeyspaceTally(classifier: KeyClassifier()), full: true, complete: true, expected: 0,
            NamespaceReport.Circumstances(
                takenAt: Sample.takenAt, elapsed: .seconds(60), took: .seconds(1)))
    }

    /// A sweep that has found 20 MiB of keys that nobody knows.
    private static var unbounded: NamespaceReport {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for number in 0..<20 {
            let key = Array("reco:home:\(number)".utf8)
            tally.note(KeyFacts(lifetime: .never, bytes: 1 << 20), key: key.span, namespace: tally.count(key.span))
        }
        return .sweep(
            tally, full: true, complete: true, expected: 20,
            NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: .zero, took: .seconds(1)))
    }

    private static func deployed(_ topology: Topology, at seconds: Int) -> Snapshot {
        var snapshot = at(seconds, [Sample.node()])
        snapshot.topology = topology
        return snapshot
    }

    private static func sentinel(primary: String, isUp: Bool) -> SentinelTopology {
        let view = SentinelView(primary: SentinelView.Member(address: primary))
        let answer = isUp ? SentinelAnswer(view: view) : SentinelAnswer(refusal: Refusal(.refused))
        return SentinelTopology(
            service: "mymaster", primary: primary, quorum: 1,
            watches: [SentinelTopology.Watch(address: "s:1", answer: answer)])
    }

    private static func entry(_ id: Int, _ command: String) -> SlowlogEntry {
        SlowlogEntry(id: id, at: Sample.takenAt, duration: .milliseconds(20), command: [command])
    }
}
