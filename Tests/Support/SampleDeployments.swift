public import CacheModel

/// Deployments that are in trouble, or whose members tell nonsense about each other, read as the parsers read it.
extension Sample {
    /// A bad hour, with all that the other samples lack: a node that loads, a replica that synchronises, one that does
    /// not answer yet, a sweep that was refused half way, and a revocation that is gone.
    public static var troubled: Snapshot {
        var loading = node()
        loading.info?.persistence.loading = true
        loading.info?.persistence.loadingPercent = 41.5
        loading.info?.persistence.loadingETA = 12
        loading.info?.unknown = ["io_threads_active": "0"]
        loading.rates?.errors = ["NOPERM": 0.5]
        loading.warnings = ["the server's certificate is not verified"]
        var syncing = replica.nodes[0]
        syncing.info?.replication.linkUp = true
        syncing.info?.replication.linkDownFor = nil
        syncing.info?.replication.lastPrimaryIO = .seconds(3)
        syncing.info?.replication.syncInProgress = true
        var late = node()
        late.address = "cache-3:6379"
        late.late = .seconds(4)
        late.answeredAt = elapsed - .seconds(4)
        late.ownTraffic = OwnTraffic(commands: 40, hits: 3)
        var snapshot = snapshot(loading)
        snapshot.nodes += [syncing, late]
        snapshot.namespaces = halfSweep
        snapshot.namespaces?.refusal = Refusal(.hung, detail: "2 s")
        snapshot.namespaces?.denied = [DeniedCommand(command: "MEMORY USAGE", needs: "+memory|usage")]
        snapshot.revocations = RevocationCheck(watched: 3, lost: ["4f3c2a"], unanswered: ["9b1d"])
        snapshot.revocations?.refused = "EXISTS needs +exists"
        snapshot.clients = countedLooks[0]
        snapshot.clients?.refused["cache-3:6379"] = Refusal(.hung, detail: "no reply within 2.0 s")
        snapshot.clients?.leftOut = 1
        return snapshot
    }

    private static let poison = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{0301}日本\n\r\t\"\\"

    private static func text(_ text: String) -> RESPValue { .string(Array(text.utf8)) }

    /// Ids, roles and states of nodes are hostile; a host that is not a name is refused where it is read.
    public static var hostileCluster: Snapshot {
        func node(_ index: Int, role: String) -> RESPValue {
            .array([
                text("id"), text("\(index)\(poison)"), text("endpoint"), text("node-\(index)"),
                text("port"), .integer(6379), text("role"), text(role), text("health"), text(poison),
            ])
        }
        let shards = RESPValue.array(
            (0..<3).map { index in
                .array([
                    text("slots"), .array([.integer(Int64(index * 5461)), .integer(Int64(index * 5461 + 5460))]),
                    text("nodes"), .array([node(index, role: "master"), node(index + 3, role: poison)]),
                ])
            })
        var map = try? ClusterMap(shards: shards, host: "h", usesTLS: false)
        map?.apply(
            info: Array(
                "cluster_state:\(poison)\r\ncluster_current_epoch:-1\r\ncluster_slots_assigned:5\r\ncluster_slots_fail:99999"
                    .utf8))
        var snapshot = hostile
        snapshot.deployment = .cluster
        snapshot.target = "redis-cluster://\(Printable.escape(poison))/0"
        snapshot.topology = Topology(cluster: map)
        let nodes = (map?.primaries ?? []) + (map?.replicas ?? [])
        snapshot.nodes = nodes.map { one in
            var node = snapshot.nodes[0]
            node.address = one.address
            return node
        }
        snapshot.sum = .sum(of: snapshot.nodes, address: "all primaries")
        return snapshot
    }

    /// The same of sentinels.
    public static var hostileSentinels: Snapshot {
        func fields(_ host: String) -> RESPValue {
            .array([
                text("ip"), text(host), text("port"), text("6379"), text("flags"), text("s_down,\(poison)"),
                text("quorum"), text("99999999999"), text("config-epoch"), text("-5"),
            ])
        }
        let replies: [RESPValue] = [
            fields("primary"), .array([fields("replica")]), .array([fields("sentinel")]),
            .error(Array("NOQUORUM \(poison)".utf8)), .array([text("primary"), text("1")]),
        ]
        var state = SentinelState(service: Printable.escape(poison), sentinels: ["s:1", "s:2"])
        if let view = try? SentinelView(replies) { state.record(["s:1": SentinelAnswer(view: view)]) }
        state.record(["s:2": SentinelAnswer(refusal: Refusal(.other, detail: Printable.escape(poison)))])
        var snapshot = hostile
        snapshot.deployment = .sentinel
        snapshot.topology = Topology(sentinel: state.topology)
        snapshot.revocations = RevocationCheck(problem: "/state/revocations.jsonl is a link")
        return snapshot
    }
}
