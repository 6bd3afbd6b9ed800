import CacheModel
import Testing

@Suite struct TopologyAlertTests {
    private func snapshot(at second: Int64, _ topology: SentinelTopology) -> Snapshot {
        var snapshot = Snapshot(
            takenAt: WallTime(seconds: second), elapsed: .seconds(second), target: "t", deployment: .sentinel,
            nodes: [NodeSnapshot(address: "a:1")])
        snapshot.topology = Topology(sentinel: topology)
        return snapshot
    }

    private func topology(_ primary: String?, up: Int, of all: Int, quorum: Int = 2) -> SentinelTopology {
        SentinelTopology(
            service: "m", primary: primary, quorum: quorum,
            watches: (0..<all).map { index in
                SentinelTopology.Watch(
                    address: "s\(index)",
                    answer: index < up
                        ? SentinelAnswer(view: SentinelView(primary: SentinelView.Member(address: primary ?? "x")))
                        : SentinelAnswer(refusal: Refusal(.refused)))
            })
    }

    @Test(
        arguments: [
            (3, 3, nil), (2, 3, .warning), (1, 3, .critical), (0, 3, .critical), (2, 4, .critical),
        ] as [(Int, Int, Alert.Level?)])
    func quorum(up: Int, all: Int, level: Alert.Level?) {
        var engine = AlertEngine(immediate: true)
        _ = engine.evaluate(snapshot(at: 1, topology("a:1", up: up, of: all)))
        #expect(engine.raised.first { $0.id == .sentinelQuorum }?.level == level)
    }

    @Test func aFailOverIsNewsForAWhile() {
        var engine = AlertEngine()
        _ = engine.evaluate(snapshot(at: 1, topology("a:1", up: 3, of: 3)))
        #expect(!engine.raised.contains { $0.id == .primaryChanged })
        _ = engine.evaluate(snapshot(at: 2, topology("b:1", up: 3, of: 3)))
        let alert = engine.raised.first { $0.id == .primaryChanged }
        #expect(alert?.level == .warning && alert?.message.contains("b:1 is primary in the place of a:1") == true)
        _ = engine.evaluate(snapshot(at: 500, topology("b:1", up: 3, of: 3)))
        #expect(engine.raised.contains { $0.id == .primaryChanged })
        _ = engine.evaluate(snapshot(at: 700, topology("b:1", up: 3, of: 3)))
        #expect(!engine.raised.contains { $0.id == .primaryChanged })
    }

    /// A message names another primary; the sentinels that are asked do not, and then they do.
    @Test func failOverThatNoSentinelConfirmsIsNoNews() {
        var engine = AlertEngine()
        var announced = topology("a:1", up: 3, of: 3)
        _ = engine.evaluate(snapshot(at: 1, announced))
        announced.primary = "b:1"
        _ = engine.evaluate(snapshot(at: 2, announced))
        #expect(!engine.raised.contains { $0.id == .primaryChanged })
        _ = engine.evaluate(snapshot(at: 3, topology("b:1", up: 3, of: 3)))
        #expect(engine.raised.contains { $0.id == .primaryChanged })
    }

    /// Who answers and may not be asked may well be watching.
    @Test(arguments: [Refusal.Kind.noPermission, .unknownCommand, .commandRefused])
    func sentinelsThatMayNotBeAskedAreNoOutage(kind: Refusal.Kind) {
        var refusing = topology("a:1", up: 0, of: 3)
        for index in refusing.watches.indices {
            refusing.watches[index].answer = SentinelAnswer(refusal: Refusal(kind))
        }
        var engine = AlertEngine(immediate: true)
        _ = engine.evaluate(snapshot(at: 1, refusing))
        let alert = engine.raised.first { $0.id == .sentinelQuorum }
        #expect(alert?.level == .warning && alert?.message.contains("not known: 3 of 3 sentinels refuse") == true)
        refusing.watches[0].answer = SentinelAnswer(refusal: Refusal(.refused))
        refusing.watches[1].answer = SentinelAnswer(refusal: Refusal(.refused))
        _ = engine.evaluate(snapshot(at: 2, refusing))
        #expect(engine.raised.first { $0.id == .sentinelQuorum }?.level == .critical, "one alone is no majority")
    }
}
