internal import CacheModel

/// Metrics of what watches a deployment; nothing for a single server.
enum TopologyMetrics {
    static func families(_ topology: Topology?) -> [MetricFamily] {
        if let cluster = topology?.cluster {
            var covered = MetricFamily("cachewatch_cluster_covered_slots", .gauge, "Slots that have an owner.")
            covered.add(Double(cluster.coveredSlots), [])
            var slots = MetricFamily("cachewatch_cluster_slots", .gauge, "Slots of a primary.")
            for shard in cluster.shards {
                if let primary = shard.primary { slots.add(Double(shard.slotCount), [("node", primary.address)]) }
            }
            return [covered, slots]
        }
        guard let sentinel = topology?.sentinel else { return [] }
        var up = MetricFamily("cachewatch_sentinel_up", .gauge, "Whether the sentinel answers and knows the service.")
        for watch in sentinel.watches { up.add(watch.isUp ? 1 : 0, [("sentinel", watch.address)]) }
        var quorum = MetricFamily(
            "cachewatch_sentinel_quorum", .gauge, "Sentinels that have to agree that the primary is gone.")
        quorum.add(sentinel.quorum.map(Double.init), [("service", sentinel.service)])
        var primary = MetricFamily("cachewatch_sentinel_primary_info", .gauge, "The primary, in its labels.")
        if let address = sentinel.primary { primary.add(1, [("service", sentinel.service), ("node", address)]) }
        return [up, quorum, primary]
    }
}
