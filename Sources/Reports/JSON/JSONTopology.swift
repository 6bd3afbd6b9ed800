internal import CacheModel

/// What the members of a deployment tell of each other.
enum JSONTopology {
    static func value(_ topology: Topology) -> JSONValue {
        .object([("sentinel", sentinel(topology.sentinel)), ("cluster", cluster(topology.cluster))])
    }

    private static func cluster(_ cluster: ClusterMap?) -> JSONValue {
        guard let cluster else { return .null }
        return .object([
            ("up", cluster.isUp.map { .boolean($0) } ?? .null), ("epoch", .integer(cluster.epoch)),
            ("covered_slots", .integer(cluster.coveredSlots)),
            (
                "shards",
                .array(
                    cluster.shards.map { shard in
                        .object([
                            ("primary", JSONValue(shard.primary?.address)),
                            (
                                "slots",
                                .array(shard.slots.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) })
                            ),
                            ("replicas", JSONValue(shard.replicas.map(\.address))),
                        ])
                    })
            ),
        ])
    }

    private static func sentinel(_ sentinel: SentinelTopology?) -> JSONValue {
        guard let sentinel else { return .null }
        return .object([
            ("service", .string(sentinel.service)), ("primary", JSONValue(sentinel.primary)),
            ("quorum", JSONValue(sentinel.quorum)), ("up", .integer(sentinel.up)),
            ("down_nodes", JSONValue(sentinel.down)), ("other_primaries", JSONValue(sentinel.dissenting)),
            (
                "sentinels",
                .array(
                    sentinel.watches.map { watch in
                        .object([
                            ("address", .string(watch.address)), ("reachable", .boolean(watch.isUp)),
                            ("refusal", JSONValue(watch.answer.refusal?.reason)),
                            ("primary", JSONValue(watch.answer.view?.primary.address)),
                            ("complaint", JSONValue(watch.answer.view?.complaint)),
                        ])
                    })
            ),
        ])
    }
}
