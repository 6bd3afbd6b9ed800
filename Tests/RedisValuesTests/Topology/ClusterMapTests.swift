import RedisValues
import Support
import Testing

private func bulk(_ text: String) -> RESPValue { .string(Array(text.utf8)) }

@Suite struct ClusterMapTests {
    private func text(_ text: String) -> RESPValue { .string(Array(text.utf8)) }

    private func node(_ host: String, _ port: Int, _ role: String, id: String = "x", health: String = "online")
        -> RESPValue
    {
        .array([
            text("id"), text(id), text("port"), .integer(Int64(port)), text("ip"), text(host), text("endpoint"),
            text(host), text("role"), text(role), text("replication-offset"), .integer(1), text("health"), text(health),
        ])
    }

    private func shard(_ slots: [Int], _ nodes: [RESPValue]) -> RESPValue {
        .array([
            text("slots"), .array(slots.map { .integer(Int64($0)) }), text("nodes"), .array(nodes),
        ])
    }

    @Test func keysLieWhereTheServerPutsThem() throws {
        let server = try RedisServer(["--cluster-enabled", "yes"])
        for key in ["", "a", "123456789", "{user}:cart", "x{}y", "a{b{c}d}", "{a}{b}", "}{", "{", "ä€", "session:42"] {
            let slot = Int(try server.cli("CLUSTER", "KEYSLOT", key).filter(\.isNumber))
            #expect(KeySlot.of(Array(key.utf8)) == slot, "\(key)")
        }
        #expect(KeySlot.of([UInt8]([0x7b, 0xff, 0x00, 0x7d, 0x01])) == KeySlot.of([0xff, 0x00]))
    }

    @Test func shardsAreRead() throws {
        let reply = RESPValue.array([
            shard([8192, 16383], [node("10.0.0.2", 6379, "master", id: "b")]),
            shard(
                [0, 100, 200, 8191],
                [
                    node("", 6379, "replica"), node("10.0.0.9", 1, "master", health: "failed"),
                    node("10.0.0.1", 6379, "master", id: "a"),
                ]),
            shard([], [node("10.0.0.3", 6379, "master", id: "c")]),
        ])
        var map = try ClusterMap(shards: reply, host: "seed", usesTLS: false)
        #expect(map.primaries.map(\.address) == ["10.0.0.1:6379", "10.0.0.2:6379"])
        #expect(
            map.replicas.map(\.address) == ["seed:6379", "10.0.0.9:1", "10.0.0.3:6379"],
            "a failed primary is one no more, and one without slots serves nobody")
        #expect(map.coveredSlots == 101 + 7992 + 8192)
        #expect(map.owner(of: 150) == nil && map.owner(of: 200) == "10.0.0.1:6379")
        map.apply(info: Array("cluster_enabled:1\r\ncluster_state:fail\r\ncluster_current_epoch:9\r\n".utf8))
        #expect(map.isUp == false && map.epoch == 9)
        map.rename { $0 == "10.0.0.1:6379" ? "127.0.0.1:16379" : $0 }
        #expect(map.owner(of: 0) == "127.0.0.1:16379")
    }

    @Test func slotsAreRead() throws {
        func place(_ host: String, _ port: Int) -> RESPValue {
            .array([text(host), .integer(Int64(port)), text("id")])
        }
        let reply = RESPValue.array([
            .array([.integer(100), .integer(16_383), place("10.0.0.2", 6379)]),
            .array([.integer(0), .integer(50), place("10.0.0.1", 6379), place("10.0.0.4", 6379)]),
            .array([.integer(51), .integer(99), place("10.0.0.1", 6379), place("10.0.0.4", 6379)]),
            .array([.integer(5), .integer(3), place("10.0.0.7", 6379)]), .array([.null, .array([]), .null]),
        ])
        let map = try ClusterMap(slots: reply, host: "seed")
        #expect(map.primaries.map(\.address) == ["10.0.0.1:6379", "10.0.0.2:6379"])
        #expect(map.coveredSlots == 16_384)
        #expect(map.shards[0].slots == [0...50, 51...99])
    }

    struct Announced: CustomStringConvertible {
        /// nil where it is not told.
        var endpoint: RESPValue?
        var ip: RESPValue?
        var address: String
        var description: String { "\(String(describing: endpoint)) \(String(describing: ip))" }
    }

    /// Asked over `seed`.
    @Test(arguments: [
        Announced(endpoint: bulk("10.0.0.1"), ip: bulk("10.0.0.1"), address: "10.0.0.1:7000"),
        Announced(endpoint: bulk("Cache-1.Example"), ip: bulk("10.0.0.1"), address: "cache-1.example:7000"),
        Announced(endpoint: bulk("FD00::0:5"), ip: nil, address: "[fd00::5]:7000"),
        // Do not use what is announced: a load balancer, a tunnel, NAT.
        Announced(endpoint: .null, ip: bulk("10.0.0.1"), address: "seed:7000"),
        Announced(endpoint: bulk(""), ip: bulk("10.0.0.1"), address: "seed:7000"),
        Announced(endpoint: .null, ip: nil, address: "seed:7000"),
        // A host that is not known.
        Announced(endpoint: bulk("?"), ip: bulk("10.0.0.1"), address: "10.0.0.1:7000"),
        Announced(endpoint: bulk("?"), ip: bulk("fd00::5"), address: "[fd00::5]:7000"),
        Announced(endpoint: bulk("?"), ip: nil, address: "?:7000"),
        Announced(endpoint: bulk("?"), ip: bulk(""), address: "?:7000"),
        Announced(endpoint: bulk("?"), ip: bulk("?"), address: "?:7000"),
        // What is not told.
        Announced(endpoint: nil, ip: bulk("10.0.0.1"), address: "10.0.0.1:7000"),
        Announced(endpoint: nil, ip: bulk(""), address: "seed:7000"),
        Announced(endpoint: nil, ip: .null, address: "seed:7000"),
        Announced(endpoint: nil, ip: bulk("?"), address: "?:7000"),
        Announced(endpoint: nil, ip: nil, address: "seed:7000"),
        // What nobody can dial.
        Announced(endpoint: bulk("\u{1b}[2J"), ip: nil, address: "?:7000"),
        Announced(endpoint: bulk("u:p@a"), ip: nil, address: "?:7000"),
        Announced(endpoint: bulk("a b"), ip: bulk("10.0.0.1"), address: "10.0.0.1:7000"),
        Announced(endpoint: .integer(5), ip: nil, address: "?:7000"),
    ])
    func endpointSaysWhatIsDialled(_ row: Announced) throws {
        var fields: [RESPValue] = [text("id"), text("x"), text("port"), .integer(7000), text("role"), text("master")]
        if let endpoint = row.endpoint { fields += [text("endpoint"), endpoint] }
        if let ip = row.ip { fields += [text("ip"), ip] }
        let shards = try ClusterMap(
            shards: .array([shard([0, 16_383], [.array(fields)])]), host: "seed", usesTLS: false)
        #expect(shards.primaries.map(\.address) == [row.address])
        #expect(shards.primaries.allSatisfy { $0.hasAddress } == !row.address.hasPrefix("?"))
        guard let endpoint = row.endpoint else { return }
        // The preferred endpoint stands first; whatever else there is comes behind the id.
        let others = row.ip.map { [RESPValue.array([text("ip"), $0])] } ?? []
        let place = RESPValue.array([endpoint, .integer(7000), text("x")] + others)
        let slots = try ClusterMap(slots: .array([.array([.integer(0), .integer(16_383), place])]), host: "seed")
        #expect(slots.primaries.map(\.address) == [row.address])
    }

    @Test func nodesWithoutAnAddressAreToldApart() throws {
        func place(_ id: String) -> RESPValue { .array([text("?"), .integer(7000), text(id)]) }
        let map = try ClusterMap(
            slots: .array([
                .array([.integer(0), .integer(99), place("a")]), .array([.integer(100), .integer(16_383), place("b")]),
            ]), host: "seed")
        #expect(map.primaries.map(\.id) == ["a", "b"] && map.coveredSlots == 16_384)
    }

    /// After a primary has failed `CLUSTER SHARDS` of Redis 7 and Valkey lists its replacement without slots.
    @Test func slotsAreOfWhomTheNodeRoutesTo() throws {
        let shards = RESPValue.array([
            shard([0, 8191], [node("a", 1, "master", id: "a"), node("d", 1, "replica", id: "d")]),
            shard([], [node("b", 1, "master", id: "b", health: "fail"), node("e", 1, "master", id: "e")]),
        ])
        func place(_ name: String) -> RESPValue { .array([text(name), .integer(1), text(name)]) }
        let slots = RESPValue.array([
            .array([.integer(0), .integer(8191), place("a"), place("d")]),
            .array([.integer(8192), .integer(16_383), place("e")]),
        ])
        var map = try ClusterMap(shards: shards, host: "seed", usesTLS: false)
        map.apply(info: Array("cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_current_epoch:7".utf8))
        #expect(!map.isConsistent && map.owner(of: 9000) == nil && map.openSlots == 0)
        map.correctOwners(by: try ClusterMap(slots: slots, host: "seed"))
        #expect(map.isConsistent && map.owner(of: 9000) == "e:1" && map.owner(of: 5) == "a:1")
        #expect(map.epoch == 7 && map.isUp == true)
        #expect(map.shards.map { $0.replicas.map(\.id) } == [["d"], ["b"]])
        #expect(map.shards[1].replicas[0].health == "fail")
        #expect(map.nodeIDs == ["a", "b", "d", "e"])
    }

    /// Behind one load balancer, at one port: whoever answers there is not all of them.
    @Test func primariesThatShareAnAddressAreTold() {
        func map(_ addresses: [String]) -> ClusterMap {
            ClusterMap(
                shards: addresses.enumerated().map {
                    ClusterMap.Shard(
                        slots: [$0.offset...$0.offset],
                        primary: ClusterMap.Node(id: "\($0.offset)", address: $0.element))
                })
        }
        #expect(map(["a:1", "b:1", "?:1", "?:1"]).sharedAddress == nil)
        let shared = map(["a:1", "b:1", "b:1"]).sharedAddress
        #expect(shared?.address == "b:1" && shared?.primaries == 2)
    }

    @Test func movedSlotsAreFound() {
        func map(_ cut: Int) -> ClusterMap {
            ClusterMap(shards: [
                ClusterMap.Shard(slots: [0...cut], primary: ClusterMap.Node(id: "a", address: "a:1")),
                ClusterMap.Shard(slots: [cut + 1...16_383], primary: ClusterMap.Node(id: "b", address: "b:1")),
            ])
        }
        #expect(map(5000).slotsMoved(since: map(7000)) == Set(5001...7000))
        #expect(map(5000).slotsMoved(since: map(5000)).isEmpty)
    }

    /// Whatever a server answers, nothing breaks.
    @Test func nonsenseIsRefusedOrLeftOut() {
        var generator = SeededGenerator(seed: 11)
        func value(_ depth: Int) -> RESPValue {
            switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &generator) {
            case 0: .null
            case 1: .integer([-1, 0, 5, 16_383, 16_384, .max, .min].randomElement(using: &generator) ?? 0)
            case 2:
                text(
                    ["slots", "nodes", "port", "ip", "role", "master", "", "\u{1b}", "id"].randomElement(
                        using: &generator) ?? "")
            case 3: .error(Array("ERR x".utf8))
            case 4: .string((0..<4).map { _ in UInt8.random(in: 0...255, using: &generator) })
            default: .array((0..<Int.random(in: 0..<6, using: &generator)).map { _ in value(depth + 1) })
            }
        }
        for _ in 0..<3000 {
            let wild = value(0)
            for map in [
                try? ClusterMap(shards: wild, host: "h", usesTLS: true), try? ClusterMap(slots: wild, host: "h"),
            ] {
                #expect(map?.primaries.isEmpty != true)
                _ = map?.coveredSlots
            }
        }
    }
}
