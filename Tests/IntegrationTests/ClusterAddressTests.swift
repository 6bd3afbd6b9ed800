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

    private static func shard(_ slots: [Int], _ nodes: [(id: String, port: Int, health: String)])
        -> AnsweringServer.Answer
    {
        .array([
            .string("slots"), .array(slots.map { .integer($0) }), .string("nodes"),
            .array(
                nodes.map { node in
                    .array([
                        .string("id"), .string(node.id), .string("port"), .integer(node.port), .string("endpoint"),
                        .string("10.0.0.1"), .string("role"), .string("master"), .string("health"),
                        .string(node.health),
                    ])
                }),
        ])
    }

    /// `CLUSTER SHARDS` lists the slots of a failed primary with nobody; the node itself routes by `CLUSTER SLOTS`.
    @Test func slotsAreThoseByWhichTheNodeRoutes() async throws {
        let server = try AnsweringServer { words, _ in
            guard words[0] == "CLUSTER" else { return .error("ERR unknown command") }
            func range(_ first: Int, _ last: Int, _ port: Int, _ id: String) -> AnsweringServer.Answer {
                .array([
                    .integer(first), .integer(last),
                    .array([.string("10.0.0.1"), .integer(port), .string(id)]),
                ])
            }
            return switch words[1] {
            case "INFO": .string("cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_current_epoch:7\r\n")
            case "SLOTS": .array([range(0, 8191, 7000, "a"), range(8192, 16_383, 7002, "c")])
            default:
                .array([
                    Self.shard([0, 8191], [("a", 7000, "online")]),
                    Self.shard([], [("b", 7001, "fail"), ("c", 7002, "online")]),
                ])
            }
        }
        let cluster = Cluster(settings: try settings(server.url))
        #expect(try await cluster.primaries().map(\.name) == ["10.0.0.1:7000", "10.0.0.1:7002"])
        let map = await cluster.topology()?.cluster
        #expect(map?.coveredSlots == 16_384 && map?.replicas.map(\.id) == ["b"])
        await cluster.close()
    }

    /// Behind one load balancer at one port: what is done there thrice is not done on three nodes.
    @Test func primariesThatShareAnAddressAreNotActedOn() async throws {
        let server = try AnsweringServer { words, _ in
            guard words[0] == "CLUSTER" else { return .error("ERR unknown command") }
            if words[1] == "INFO" { return .string("cluster_state:ok\r\ncluster_slots_assigned:16384\r\n") }
            return .array([
                Self.shard([0, 8191], [("a", 7000, "online")]), Self.shard([8192, 16_383], [("b", 7000, "online")]),
            ])
        }
        let cluster = Cluster(settings: try settings(server.url))
        let error = await #expect(throws: CacheError.self) { try await cluster.primaries() }
        #expect(error?.refusal.kind == .noAddress && error?.refusal.detail.contains("10.0.0.1:7000") == true)
        await cluster.close()
    }
}
