import CacheModel
import Testing

/// Whether what was noted of one deployment is true of the one that answers now.
@Suite struct DeploymentIdentityTests {
    private func server(_ runID: String, startedAt: Int64, history: String? = nil) -> ServerIdentity {
        var server = ServerIdentity(runID: runID)
        (server.startedAt, server.seenAt) = (WallTime(seconds: startedAt), WallTime(seconds: 1000))
        server.installation = ServerIdentity.Installation(
            port: 6379, executable: "/bin/redis", configFile: "", operatingSystem: "Linux")
        server.history = history.map { ServerIdentity.History(id: $0, offset: 100) }
        return server
    }

    private func deployment(
        _ servers: ServerIdentity..., target: String = "redis://localhost:6379/0", nodes: Set<String> = []
    ) -> DeploymentIdentity {
        DeploymentIdentity(target: target, servers: servers, nodeIDs: nodes)
    }

    @Test func oneServerThatIsKnownAgainIsEnough() {
        let before = deployment(server("a", startedAt: 10), server("b", startedAt: 10))
        #expect(deployment(server("b", startedAt: 10), server("c", startedAt: 20)).verdict(on: before) == .same)
        #expect(deployment(server("c", startedAt: 1200)).verdict(on: before) == .same, "started again")
        #expect(deployment(server("c", startedAt: 20)).verdict(on: before) == .another)
        #expect(deployment(ServerIdentity(runID: "c")).verdict(on: before) == .unknown)
        #expect(deployment().verdict(on: before) == .unknown && before.verdict(on: deployment()) == .unknown)
    }

    @Test func aPastInCommonIsEnough() {
        let before = deployment(server("a", startedAt: 10, history: "h"))
        var behind = server("b", startedAt: 20, history: "h")
        behind.history?.offset = 7
        #expect(deployment(behind).verdict(on: before) == .same, "it was promoted and lacks the last writes")
        #expect(deployment(server("b", startedAt: 20, history: "g")).verdict(on: before) == .another)
    }

    /// Nodes come, go and are silent; the others know them.
    @Test func aClusterIsKnownByTheIdsOfItsNodes() {
        let before = deployment(server("a", startedAt: 10), nodes: ["1", "2", "3"])
        #expect(deployment(server("b", startedAt: 20), nodes: ["3", "4"]).verdict(on: before) == .same)
        #expect(deployment(server("b", startedAt: 20), nodes: ["4", "5", ""]).verdict(on: before) == .another)
        #expect(deployment(server("a", startedAt: 10), nodes: [""]).verdict(on: before) == .same, "by its run")
    }

    @Test(arguments: ["redis://localhost:6379/0", "redis://127.0.0.1:1/0", "unix:///run/r.sock?db=0"])
    func aNameThatIsNobodysSaysNothing(target: String) {
        let before = deployment(server("a", startedAt: 10), target: target)
        let another = deployment(server("b", startedAt: 20), target: target)
        #expect(another.isMeant(by: before) == .another && another.isMeant(by: nil) == .unknown)
        #expect(!another.isStill(before) && !deployment(target: target).isStill(before))
        #expect(before.isStill(before) && before.isMeant(by: before) == .same)
    }

    /// What is to be there is to be there whoever it is; what was seen there is true as long as it is the same one.
    @Test func theNameOfSomebodySaysWhoIsMeant() {
        let target = "redis://cache-1:6379/0"
        let before = deployment(server("a", startedAt: 10), target: target)
        let another = deployment(server("b", startedAt: 20), target: target)
        #expect(another.isMeant(by: before) == .same && another.isMeant(by: nil) == .same)
        #expect(!another.isStill(before) && deployment(target: target).isStill(before))
    }

    @Test func aLineOfTheLedgerKeepsIt() throws {
        let place = deployment(server("b", startedAt: 10, history: "h"), ServerIdentity(runID: "a"), nodes: ["2", "1"])
        #expect(place.key == "a,b")
        let json = JSONValue.object(place.members)
        #expect(DeploymentIdentity(target: "redis://localhost:6379/0", json: json) == place)
        #expect(DeploymentIdentity(target: "redis://localhost:6379/0", json: .object([])) == nil)
        #expect(DeploymentIdentity(target: "x", servers: [ServerIdentity()]).key.isEmpty)
    }
}
