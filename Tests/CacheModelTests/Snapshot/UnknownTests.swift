import Support
import Testing

@testable import CacheModel

/// What is not known is neither nothing nor fine.
@Suite struct UnknownTests {
    private func verdict(_ change: (inout Snapshot) -> Void) -> HealthStatus {
        var snapshot = Sample.healthy
        change(&snapshot)
        return HealthStatus(snapshot, alerts: Sample.alerts(of: snapshot))
    }

    /// It answers, so it is not unreachable; but nobody knows how it is.
    @Test(arguments: [
        Refusal(.noPermission, detail: "INFO needs +info"), Refusal(.unknownCommand, detail: "INFO"),
        Refusal(.commandRefused, detail: "ERR disabled"), Refusal(.commandFailed, detail: "ERR 42"),
        Refusal(.healthUntold),
    ])
    func infoThatCannotBeReadIsUnknownAndNoBreach(refusal: Refusal) {
        var snapshot = Sample.healthy
        (snapshot.nodes[0].info, snapshot.nodes[0].refusal) = (nil, refusal)
        let alerts = Sample.alerts(of: snapshot)
        #expect(HealthStatus(snapshot, alerts: alerts) == .unknown)
        #expect(alerts.map(\.level) == [.info] && alerts[0].message.hasPrefix("Health not known: "))
        #expect(alerts[0].remedy == [refusal.remedy])
    }

    @Test func infoWithoutWhatAVerdictNeedsIsNotFine() {
        #expect(verdict { $0.nodes[0].info?.memory.used = nil } == .unknown)
        #expect(verdict { $0.nodes[0].info?.clients.connected = nil } == .unknown)
        #expect(verdict { $0.nodes[0].info?.memory = ServerInfo.Memory() } == .unknown)
        #expect(verdict { $0.nodes[0].info?.persistence = ServerInfo.Persistence() } == .ok)
        #expect(
            verdict {
                $0.nodes[0].info?.memory.used = nil; $0.nodes[0].rates?.evicted = 5
            } == .critical)
    }

    @Test func clusterThatNobodyKnowsIsNotFine() {
        #expect(verdict { $0.deployment = .cluster } == .unknown)
        #expect(
            verdict { ($0.deployment, $0.topology) = (.cluster, Topology(cluster: ClusterMap(shards: []))) }
                == .critical
        )
    }

    /// A part of the nodes is not all of them.
    @Test func sumOfWhatOneNodeDoesNotTellIsNotKnown() throws {
        var nodes = [Sample.node(), Sample.node()]
        nodes[1].keys = nil
        nodes[1].info?.memory.used = nil
        nodes[1].info?.memory.maximum = nil
        nodes[1].info?.stats.evictedKeys = nil
        nodes[1].rates?.evicted = nil
        nodes[1].unanswered = [Unanswered("DBSIZE", .failed, "BUSY")]
        let sum = try #require(NodeSnapshot.sum(of: nodes, address: "all"))
        #expect(sum.keys == nil && sum.info?.memory.used == nil && sum.info?.memory.maximum == nil)
        #expect(sum.info?.stats.evictedKeys == nil && sum.rates?.evicted == nil && sum.pressure == nil)
        #expect(sum.info?.clients.connected == 824 && sum.why("DBSIZE")?.words == "BUSY")
    }

    /// One event in a poll of a minute is no rate of nothing.
    @Test func alertsOfRareEventsNameARate() {
        var snapshot = Sample.healthy
        snapshot.nodes[0].rates?.errors = ["OOM": 1 / 60.0, "NOPERM": 1 / 60.0]
        snapshot.nodes[0].rates?.evicted = 1 / 60.0
        snapshot.nodes[0].rates?.rejectedConnections = 2 / 60.0
        let messages = Sample.alerts(of: snapshot).filter { $0.level > .info }.map(\.message)
        #expect(messages.count == 4 && messages.allSatisfy { !$0.contains(" 0.0 ") }, "\(messages)")
        #expect(messages.contains { $0.contains("0.017 OOM errors/s") })
    }

    @Test func revocationsThatMayNotBeLookedForAreNotSaidToHold() throws {
        var check = RevocationCheck(watched: 2, lost: [], unanswered: ["a", "b"])
        #expect(RevocationAlert.finding(check, lost: []) == nil, "it may be answered the next time")
        check.refused = "EXISTS refused: ERR command is not allowed"
        let finding = try #require(RevocationAlert.finding(check, lost: []))
        #expect(finding.level == .warning && finding.message.contains("2 of 2 not answered, EXISTS refused"))
        #expect(RevocationAlert.finding(check, lost: ["c"])?.level == .critical)
    }

    @Test func slowLogThatIsSwitchedOffSaysNothingOfSlowQueries() {
        var node = Sample.node()
        #expect(node.slowlogSilence == nil)
        node.settings["slowlog-log-slower-than"] = "-1"
        #expect(node.slowlogSilence?.contains("switched off") == true)
        node.settings = ["slowlog-max-len": "0"]
        #expect(node.slowlogSilence?.contains("slowlog-max-len") == true)
    }
}
