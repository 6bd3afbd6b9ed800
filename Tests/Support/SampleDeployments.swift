public import CacheModel

/// Deployments whose members tell nonsense about each other, read as the parsers read it.
extension Sample {
    private static let poison = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{0301}日本\n\r\t\"\\"

    private static func text(_ text: String) -> RESPValue { .string(Array(text.utf8)) }

    /// Names, ids, roles and states of nodes are hostile, and so is what a node calls itself.
    public static var hostileCluster: Snapshot {
        func node(_ index: Int, role: String) -> RESPValue {
            .array([
                text("id"), text("\(index)\(poison)"), text("endpoint"), text("node-\(index)\(poison)"),
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
        map?.take(info: Array("cluster_state:\(poison)\r\ncluster_current_epoch:-1\r\ncluster_slots_fail:99999".utf8))
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
            fields("primary\(poison)"), .array([fields("replica\(poison)")]), .array([fields("sentinel\(poison)")]),
            .error(Array("NOQUORUM \(poison)".utf8)), .array([text(poison), text("1")]),
        ]
        var state = SentinelState(service: Printable.escape(poison), sentinels: ["s:1", "s:2"])
        if let view = try? SentinelView(replies) { state.take(["s:1": SentinelAnswer(view: view)]) }
        state.take(["s:2": SentinelAnswer(refusal: Refusal(.other, detail: Printable.escape(poison)))])
        var snapshot = hostile
        snapshot.deployment = .sentinel
        snapshot.topology = Topology(sentinel: state.topology)
        return snapshot
    }
}
