import CacheModel
import Support
import Testing

/// What the header, the reports and the exit status say at a glance.
@Suite struct VerdictTests {
    private func verdict(_ snapshot: Snapshot, known: [String: Int] = [:]) -> Verdict {
        Verdict(snapshot, alerts: Sample.alerts(of: snapshot), known: known)
    }

    @Test func healthIsOneWordAndItsRoundTrip() {
        let verdict = verdict(Sample.healthy)
        #expect(verdict.status == .ok && verdict.causes.isEmpty)
        #expect(verdict.variants == ["healthy 412 µs", "healthy"])
    }

    @Test func whatIsWorstIsSaidAndTheOthersAreCounted() {
        let verdict = verdict(Sample.full)
        #expect(verdict.status == .critical)
        #expect(verdict.words == "critical: evicting 140/s +2")
        #expect(verdict.variants.last == "critical +3")
    }

    @Test func refusedWritesAreCriticalByThemselves() {
        var snapshot = Sample.healthy
        snapshot.nodes[0].rates?.errors = ["OOM": 12]
        #expect(verdict(snapshot).words == "critical: refusing writes")
        snapshot = Sample.replica
        #expect(verdict(snapshot).words.hasPrefix("critical: replication link to cache-1 is down for"))
    }

    @Test func whatIsNotKnownIsNeverHealthy() {
        var snapshot = Sample.healthy
        snapshot.nodes[0].info?.memory.used = nil
        #expect(verdict(snapshot).words == "unknown: INFO leaves out used_memory")
        snapshot = Sample.healthy
        snapshot.nodes[0].late = .seconds(4)
        #expect(verdict(snapshot).words == "unknown: no answer for 4.0 s")
        snapshot.nodes[0].late = .milliseconds(40)
        #expect(verdict(snapshot).status == .ok)
        snapshot.deployment = .cluster
        #expect(verdict(snapshot).words == "unknown: nobody tells who belongs to the cluster")
    }

    // MARK: clusters

    /// Three primaries with a third of the slots each; those of the names answer.
    private func cluster(answering: Set<String>, failing: Int = 0) -> Snapshot {
        let names = ["a:1", "b:1", "c:1"]
        let slots = [0...5460, 5461...10922, 10923...16383]
        var map = ClusterMap(
            shards: zip(names, slots).map { name, slots in
                ClusterMap.Shard(slots: [slots], primary: ClusterMap.Node(id: name, address: name))
            })
        (map.isUp, map.assignedSlots, map.failingSlots) = (answering.count == 3, 16_384, failing)
        var snapshot = Sample.healthy
        snapshot.deployment = .cluster
        snapshot.topology = Topology(cluster: map)
        snapshot.nodes = names.map { name in
            var node = Sample.node()
            node.address = name
            guard !answering.contains(name) else { return node }
            node = NodeSnapshot(address: name)
            node.refusal = Refusal(.refused)
            return node
        }
        snapshot.sum = .sum(of: snapshot.nodes, address: "all primaries")
        return snapshot
    }

    @Test func aClusterIsOfPartsAndSlots() {
        let whole = cluster(answering: ["a:1", "b:1", "c:1"])
        #expect(verdict(whole).words == "healthy 412 µs")
        #expect(ClusterReach(whole)?.isPartial == false && whole.sum?.missingParts == nil)
        let part = cluster(answering: ["a:1", "b:1"])
        let said = verdict(part)
        #expect(said.status == .critical && said.more == 0)
        #expect(said.words == "critical: 2 of 3 primaries, 10,923 of 16,384 slots")
        #expect(part.sum?.missingParts?.words == "2 of 3 primaries")
    }

    @Test func keysOutOfReachAreCountedWhereTheyWereKnown() {
        let part = cluster(answering: ["a:1", "b:1"])
        #expect(
            verdict(part, known: ["a:1": 5, "c:1": 833_000]).words
                == "critical: 2 of 3 primaries, 833 k keys out of reach, 10,923 of 16,384 slots")
        #expect(ClusterReach(part, known: ["a:1": 5])?.lostKeys == nil)
    }

    /// A poll before it is an alert, the header knows already.
    @Test func aPartThatIsMissingIsToldBeforeItIsAnAlert() {
        let said = Verdict(cluster(answering: ["b:1"]), alerts: [])
        #expect(said.status == .warning && said.causes.first == "1 of 3 primaries")
    }

    @Test func slotsThatTheClusterCallsFailingAreOutOfReach() {
        let reach = ClusterReach(cluster(answering: ["a:1", "b:1", "c:1"], failing: 5461))
        #expect(reach?.slots == 10_923 && reach?.isPartial == true)
    }

    @Test func everyAlertHasItsFewWords() {
        for id in Alert.ID.allCases {
            let alert = Alert(
                id: id, level: .warning, message: "Some thing: " + String(repeating: "long ", count: 40), value: 0.5,
                since: Sample.takenAt)
            #expect(!alert.brief.isEmpty && alert.brief.count <= 60, "\(id): \(alert.brief)")
        }
    }
}
