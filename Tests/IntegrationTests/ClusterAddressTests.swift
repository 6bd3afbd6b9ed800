import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// What nodes of a cluster announce, and where they are reached.
@Suite struct ClusterAddressTests {
    private func settings(_ url: String) throws -> Settings {
        try IntegrationTests.settings(url, timeout: .seconds(5)) { $0.clusterEnabled = true }
    }

    /// Clusters behind a load balancer, a NAT or a tunnel tell clients not to use the address that nodes have inside.
    @Test func endpointThatIsLeftOutIsWhereItWasAsked() async throws {
        let server = try RedisServer([
            "--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.9", "--cluster-preferred-endpoint-type",
            "unknown-endpoint",
        ])
        try server.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        try eventually("it is up") { try server.cli("CLUSTER", "INFO").contains("cluster_state:ok") }
        for index in 0..<20 { try server.cli("SET", "session:\(index)", "x") }
        let collector = SnapshotCollector(settings: try settings("redis://127.0.0.1:\(server.port)"))
        let snapshot = await collector.collect()
        #expect(snapshot.nodes.map(\.address) == ["127.0.0.1:\(server.port)"] && snapshot.sum?.keys == 20)
        await collector.close()
    }

    @Test func hostThatIsNotKnownIsReachedByItsAddress() async throws {
        let farm = try ClusterFarm()
        try farm.fill((0..<20).map { "SET session:\($0) x" })
        for server in farm.servers { try server.cli("CONFIG", "SET", "cluster-preferred-endpoint-type", "hostname") }
        #expect(try farm.servers[0].cli("CLUSTER", "SHARDS").contains("?"))
        let collector = SnapshotCollector(settings: try settings(farm.servers[0].url))
        let snapshot = await collector.collect()
        #expect(Set(snapshot.nodes.map(\.address)) == Set(farm.addresses) && snapshot.sum?.keys == 20)
        await collector.close()
    }

    /// It is listed; nobody is dialled instead of it, and nothing is said of the whole.
    @Test func nodeThatAnnouncesNoAddressIsNotDialled() async throws {
        let server = try AnsweringServer { words, _ in
            guard words[0] == "CLUSTER" else { return .error("ERR unknown command") }
            if words[1] == "INFO" { return .string("cluster_state:ok\r\ncluster_current_epoch:1\r\n") }
            func shard(_ slots: [Int], _ endpoint: String, _ port: Int) -> AnsweringServer.Answer {
                .array([
                    .string("slots"), .array(slots.map { .integer($0) }), .string("nodes"),
                    .array([
                        .array([
                            .string("id"), .string("\(port)"), .string("port"), .integer(port), .string("endpoint"),
                            .string(endpoint), .string("role"), .string("master"),
                        ])
                    ]),
                ])
            }
            return .array([shard([0, 8191], "10.0.0.1", 7000), shard([8192, 16_383], "?", 7001)])
        }
        let cluster = Cluster(settings: try settings(server.url))
        let error = await #expect(throws: CacheError.self) { try await cluster.primaries() }
        #expect(error?.refusal.kind == .noAddress)
        #expect(await cluster.nodes().map(\.name) == ["10.0.0.1:7000"])
        let topology = await cluster.topology()
        #expect(topology?.cluster?.primaries.map(\.address) == ["10.0.0.1:7000", "?:7001"])
        // Whoever has an address is asked for its own keys.
        let keys = (0..<100).map { Array("k\($0)".utf8) }
        for key in keys {
            if KeySlot.of(key) < 8192 {
                #expect(try await cluster.holder(of: key).name == "10.0.0.1:7000")
            } else {
                await #expect(throws: CacheError.self) { try await cluster.holder(of: key) }
            }
        }
        await cluster.close()
        #expect(!server.seen.isEmpty)
    }
}
