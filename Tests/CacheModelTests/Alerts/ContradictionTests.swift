import Support
import Testing

@testable import CacheModel

/// One source alone is not believed where another one contradicts it.
@Suite struct ContradictionTests {
    /// A cluster of so many primaries with a replica each; an hour and some seconds after the watching began.
    private struct Cluster {
        var slots: [[ClosedRange<Int>]] = [[0...5460], [5461...10922], [10923...16383]]
        var keys = [5000, 5000, 5000]
        var silent: Set<Int> = []
        /// Whose answers are those of before, and since when.
        var late: Set<Int> = []
        var health: [Int: String] = [:]

        func address(_ index: Int) -> String { "10.0.0.\(index):6379" }

        func snapshot(at seconds: Int) -> Snapshot {
            var snapshot = Sample.healthy
            snapshot.elapsed = .seconds(seconds)
            snapshot.deployment = .cluster
            snapshot.nodes = (0..<6).map { index in
                var node = Sample.node()
                node.address = address(index)
                node.info?.server.runID = "run \(index)"
                node.keys = index < 3 ? keys[index] : keys[index - 3]
                node.info?.replication.replicas = []
                node.info?.replication.connectedReplicas = index < 3 ? 1 : 0
                if index >= 3 {
                    node.info?.replication.role = .replica
                    node.info?.replication.linkUp = true
                }
                if silent.contains(index) {
                    node.info = nil
                    node.refusal = Refusal(.hung)
                }
                if late.contains(index) { node.late = .seconds(1) }
                return node
            }
            snapshot.topology = Topology(
                cluster: ClusterMap(
                    shards: (0..<3).map { index in
                        ClusterMap.Shard(
                            slots: slots[index],
                            primary: ClusterMap.Node(id: "\(index)", address: address(index), health: "online"),
                            replicas: [
                                ClusterMap.Node(
                                    id: "\(index + 3)", address: address(index + 3),
                                    health: health[index + 3] ?? "online")
                            ])
                    }))
            return snapshot
        }
    }

    private func raised(_ engine: AlertEngine, _ id: Alert.ID) -> [Alert] { engine.raised.filter { $0.id == id } }

    // MARK: one poll

    @Test func onePollThatFailedIsNoBrokenCluster() {
        var engine = AlertEngine()
        var cluster = Cluster()
        _ = engine.evaluate(cluster.snapshot(at: 1))
        cluster.silent = [1, 5]
        _ = engine.evaluate(cluster.snapshot(at: 2))
        #expect(engine.raised.isEmpty, "\(engine.raised.map(\.message))")
        cluster.silent = []
        _ = engine.evaluate(cluster.snapshot(at: 3))
        cluster.silent = [1]
        _ = engine.evaluate(cluster.snapshot(at: 4))
        #expect(engine.raised.isEmpty, "an answer in between")
        _ = engine.evaluate(cluster.snapshot(at: 5))
        #expect(raised(engine, .clusterDegraded).first?.level == .critical)
        var once = AlertEngine(immediate: true)
        _ = once.evaluate(cluster.snapshot(at: 1))
        #expect(raised(once, .clusterDegraded).first?.level == .critical, "a single look has no second probe")
    }

    @Test func onePollOfTheSentinelsThatFailedIsNoLostQuorum() {
        func snapshot(_ up: Int, at seconds: Int) -> Snapshot {
            var snapshot = Sample.healthy
            snapshot.elapsed = .seconds(seconds)
            snapshot.topology = Topology(
                sentinel: SentinelTopology(
                    service: "m", primary: "a:1", quorum: 2,
                    watches: (0..<3).map { index in
                        SentinelTopology.Watch(
                            address: "s\(index)",
                            answer: index < up
                                ? SentinelAnswer(view: SentinelView(primary: SentinelView.Member(address: "a:1")))
                                : SentinelAnswer(refusal: Refusal(.hung)))
                    }))
            return snapshot
        }
        var engine = AlertEngine()
        _ = engine.evaluate(snapshot(3, at: 1))
        _ = engine.evaluate(snapshot(0, at: 2))
        #expect(raised(engine, .sentinelQuorum).isEmpty)
        _ = engine.evaluate(snapshot(0, at: 3))
        #expect(raised(engine, .sentinelQuorum).first?.level == .critical)
    }

    @Test func oneSentinelThatSeesNoQuorumIsContradictedByTheOthers() {
        var snapshot = Sample.healthy
        func watch(_ name: String, complaint: String?) -> SentinelTopology.Watch {
            SentinelTopology.Watch(
                address: name,
                answer: SentinelAnswer(
                    view: SentinelView(primary: SentinelView.Member(address: "a:1"), complaint: complaint)))
        }
        func level(_ complaints: [String?]) -> Alert.Level? {
            snapshot.topology = Topology(
                sentinel: SentinelTopology(
                    service: "m", primary: "a:1", quorum: 2,
                    watches: complaints.enumerated().map { watch("s\($0.offset)", complaint: $0.element) }))
            var engine = AlertEngine(immediate: true)
            _ = engine.evaluate(snapshot)
            return raised(engine, .sentinelQuorum).first?.level
        }
        #expect(level([nil, nil, nil]) == nil)
        #expect(level(["NOQUORUM 1 usable", nil, nil]) == .warning)
        #expect(level(["NOQUORUM 1 usable", "NOQUORUM 1 usable", nil]) == .critical)
    }

    // MARK: what was not said anew

    @Test func figureThatIsRepeatedWhileANodeIsLateHoldsNothing() {
        var script = AlertScript()
        script.at(0)
        script.at(1, filled(0.8))
        for second in 2..<30 {
            var late = filled(0.8)
            late.late = .seconds(second - 1)
            script.at(second, late)
        }
        #expect(script.raised(.memoryHigh) == nil, "it has been seen once")
        script.at(30, filled(0.8))
        #expect(script.raised(.memoryHigh) != nil, "and again, half a minute later")
    }

    @Test func figureThatIsRepeatedWhileANodeIsLateClearsNothing() {
        var script = AlertScript()
        for second in 0..<12 { script.at(second, filled(0.8)) }
        #expect(script.raised(.memoryHigh) != nil)
        script.at(12)
        for second in 13..<60 {
            script.at(
                second,
                changed { $0.late = .seconds(second - 12) })
        }
        #expect(script.raised(.memoryHigh) != nil)
    }

    /// One that always answers after the others are done with waiting says something new each time.
    @Test func nodeThatIsAlwaysLateIsHeardAllTheSame() {
        var script = AlertScript()
        for second in 0..<20 {
            var node = filled(0.95)
            (node.late, node.answeredAt) = (.milliseconds(200), .seconds(second))
            script.at(second, node)
        }
        #expect(script.raised(.memoryHigh)?.level == .critical)
    }

    @Test func failureThatIsRepeatedWhileANodeIsLateIsOneFailure() {
        var script = AlertScript()
        script.at(0)
        for second in 1..<5 {
            var node = Sample.unreachable.nodes[0]
            node.answeredAt = .seconds(1)
            if second > 1 { node.late = .seconds(second) }
            script.at(second, node)
        }
        #expect(script.raised(.unreachable) == nil)
        var again = Sample.unreachable.nodes[0]
        (again.answeredAt, again.late) = (.seconds(5), .milliseconds(100))
        script.at(5, again)
        #expect(script.raised(.unreachable) != nil)
    }

    // MARK: what is not told

    @Test func figureThatIsNotToldClearsNothingAndStandsNotForEver() {
        var script = AlertScript(immediate: true)
        script.at(0, filled(0.95))
        let silent = changed { $0.info?.memory = ServerInfo.Memory() }
        for second in 1..<200 { script.at(second, silent) }
        #expect(script.raised(.memoryHigh) != nil)
        for second in 200..<320 { script.at(second, silent) }
        #expect(script.raised(.memoryHigh) == nil)
    }

    @Test func ratesThatAreNotKnownClearNoCriticalAlert() {
        var script = AlertScript()
        script.at(0, changed { $0.rates?.evicted = 12 })
        for second in 1..<60 { script.at(second, changed { $0.rates = nil }) }
        #expect(script.raised(.evicting)?.level == .critical)
        for second in 60..<100 { script.at(second) }
        #expect(script.raised(.evicting) == nil)
    }

    /// Whoever leaves takes along what stands and what waits.
    @Test func nodeThatLeavesLeavesNothingBehind() {
        var script = AlertScript()
        for second in 0..<20 { script.at(second, nodes: [Sample.node(), other(filled(0.95))]) }
        #expect(script.raised(.memoryHigh)?.node == "cache-2:6379")
        script.at(20, nodes: [Sample.node()])
        #expect(script.engine.raised.isEmpty)
        script.at(21, nodes: [Sample.node(), other(filled(0.95))])
        #expect(script.engine.raised.isEmpty, "the hold begins anew")
    }

    private func other(_ node: NodeSnapshot) -> NodeSnapshot {
        var node = node
        node.address = "cache-2:6379"
        return node
    }

    // MARK: lost datasets

    @Test func nodeThatHasGivenItsSlotsAwayHasLostNothing() {
        var engine = AlertEngine()
        var cluster = Cluster()
        _ = engine.evaluate(cluster.snapshot(at: 1))
        cluster.slots = [[0...5459], [5460...10922], [10923...16383]]
        cluster.keys = [4998, 5002, 5000]
        _ = engine.evaluate(cluster.snapshot(at: 2))
        cluster.keys = [0, 10_000, 5000]
        _ = engine.evaluate(cluster.snapshot(at: 3))
        #expect(raised(engine, .datasetLost).isEmpty, "its keys are gone before its slots")
        cluster.slots = [[], [0...10922], [10923...16383]]
        for second in 4..<9 { _ = engine.evaluate(cluster.snapshot(at: second)) }
        #expect(raised(engine, .datasetLost).isEmpty, "\(engine.raised.map(\.message))")
    }

    @Test func nodeOfAClusterThatWasFlushedHasLostItsDataset() {
        var engine = AlertEngine()
        var cluster = Cluster()
        _ = engine.evaluate(cluster.snapshot(at: 1))
        cluster.keys[0] = 0
        for second in 2..<4 { _ = engine.evaluate(cluster.snapshot(at: second)) }
        #expect(raised(engine, .datasetLost).map(\.node) == ["10.0.0.0:6379", "10.0.0.3:6379"])
        #expect(AlertGroup.groups(of: raised(engine, .datasetLost)).count == 1, "one line for one cause")
    }

    @Test func cacheWhoseLastKeysHaveExpiredHasLostNothing() {
        var script = AlertScript()
        script.at(0, changed { $0.keys = 3 })
        script.at(
            1,
            changed {
                $0.keys = 0
                $0.info?.stats.expiredKeys = 9_120_444
            })
        #expect(script.raised(.datasetLost) == nil)
    }

    @Test func replicaThatTakesInItsPrimarysDatasetHasLostNothing() {
        var script = AlertScript()
        func replica(_ keys: Int, syncing: Bool) -> NodeSnapshot {
            var node = Sample.replica.nodes[0]
            node.info?.replication.linkUp = !syncing
            node.info?.replication.syncInProgress = syncing
            node.keys = keys
            return node
        }
        script.at(0, replica(100, syncing: false))
        for second in 1..<30 { script.at(second, replica(0, syncing: true)) }
        #expect(script.raised(.datasetLost) == nil)
        #expect(script.raised(.replicationBroken)?.level == .warning, "its link is not down: it synchronises")
    }

    // MARK: clocks

    /// By the server's clock, which is so many seconds ahead of ours.
    @Test(arguments: [(0, 5, true), (0, 1800, false), (3600, 1800, false), (3600, 5, true), (-120, 5, true)])
    func slowLogIsReadByTheServersOwnClock(skew: Int64, ago: Int64, isNews: Bool) {
        var script = AlertScript(immediate: true)
        script.at(
            0,
            changed {
                let now = Sample.takenAt.seconds + skew
                $0.info?.server.time = WallTime(seconds: now)
                $0.slowlog = [
                    SlowlogEntry(
                        id: 7, at: WallTime(seconds: now - ago), duration: .milliseconds(18), command: ["KEYS", "*"])
                ]
            })
        #expect((script.raised(.slowQueries) != nil) == isNews)
    }

    // MARK: who is a replica, and who is primary

    @Test func replicaThatCopiesAnotherPrimaryIsNotLost() {
        var engine = AlertEngine()
        let cluster = Cluster()
        _ = engine.evaluate(cluster.snapshot(at: 1))
        // The cluster gives it to a primary that has none.
        for second in 2..<30 {
            var snapshot = cluster.snapshot(at: second)
            snapshot.nodes[0].info?.replication.connectedReplicas = 0
            snapshot.nodes[1].info?.replication.connectedReplicas = 2
            _ = engine.evaluate(snapshot)
        }
        #expect(raised(engine, .replicationBroken).isEmpty, "\(engine.raised.map(\.message))")
        for second in 30..<50 {
            var snapshot = cluster.snapshot(at: second)
            snapshot.nodes[0].info?.replication.connectedReplicas = 0
            snapshot.nodes[3].info?.replication.linkUp = false
            _ = engine.evaluate(snapshot)
        }
        #expect(raised(engine, .replicationBroken).contains { $0.node == "10.0.0.0:6379" })
    }

    @Test func replicaThatAnswersIsNotGone() {
        var cluster = Cluster()
        cluster.health = [4: "failed"]
        var engine = AlertEngine(immediate: true)
        _ = engine.evaluate(cluster.snapshot(at: 1))
        let alert = raised(engine, .clusterDegraded).first
        #expect(alert?.level == .warning && alert?.message.contains("answer here") == true, "\(alert?.message ?? "")")
        cluster.silent = [4]
        _ = engine.evaluate(cluster.snapshot(at: 2))
        #expect(raised(engine, .clusterDegraded).first?.message.hasPrefix("1 of 3 replicas are gone") == true)
    }

    @Test func slotsThatTheMapLacksAndTheClusterHasAreNotWithoutOwner() {
        var cluster = Cluster()
        cluster.slots[1] = []
        var snapshot = cluster.snapshot(at: 1)
        snapshot.topology?.cluster?.apply(info: Array("cluster_state:ok\r\ncluster_slots_assigned:16384".utf8))
        var engine = AlertEngine(immediate: true)
        _ = engine.evaluate(snapshot)
        #expect(raised(engine, .clusterDegraded).allSatisfy { $0.level < .critical })
        snapshot.topology?.cluster?.apply(info: Array("cluster_state:fail\r\ncluster_slots_assigned:10922".utf8))
        _ = engine.evaluate(snapshot)
        #expect(raised(engine, .clusterDegraded).first?.message.contains("5,462 of 16,384 slots") == true)
    }

    /// An owner that has given all its slots to another primary becomes the replica of that one.
    @Test func slotsThatWereGivenToAnotherPrimaryAreNoFailOver() {
        func snapshot(_ shards: [ClusterMap.Shard], at seconds: Int) -> Snapshot {
            var snapshot = Sample.healthy
            snapshot.elapsed = .seconds(seconds)
            snapshot.topology = Topology(cluster: ClusterMap(shards: shards))
            return snapshot
        }
        func node(_ name: String) -> ClusterMap.Node { ClusterMap.Node(id: name, address: "\(name):1") }
        var engine = AlertEngine()
        let (low, high) = (0...8191, 8192...16383)
        let before = [
            ClusterMap.Shard(slots: [low], primary: node("a"), replicas: [node("c")]),
            ClusterMap.Shard(slots: [high], primary: node("b")),
        ]
        _ = engine.evaluate(snapshot(before, at: 1))
        let moved = [
            ClusterMap.Shard(slots: [0...16383], primary: node("b"), replicas: [node("a"), node("c")])
        ]
        _ = engine.evaluate(snapshot(moved, at: 2))
        #expect(raised(engine, .primaryChanged).isEmpty)
        engine = AlertEngine()
        _ = engine.evaluate(snapshot(before, at: 1))
        let replaced = [
            ClusterMap.Shard(slots: [low], primary: node("c"), replicas: [node("a")]),
            ClusterMap.Shard(slots: [high], primary: node("b")),
        ]
        _ = engine.evaluate(snapshot(replaced, at: 2))
        #expect(raised(engine, .primaryChanged).first?.message.contains("c:1 is primary") == true)
    }

    @Test func limitBeyondTheHostsMemoryHidesNoFullHost() {
        var script = AlertScript(immediate: true)
        script.at(
            0,
            changed {
                $0.info?.memory.maximum = ByteCount(64 << 30)
                $0.info?.memory.rss = ByteCount(15 << 29)
            })
        #expect(script.raised(.memoryHigh)?.level == .critical)
    }
}
