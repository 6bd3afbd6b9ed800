internal import CacheModel

/// What the members of a deployment tell of each other.
///
/// ```
/// sentinel     mymaster   primary 10.0.0.5:6379   3 of 3 answer, quorum 2
///              10.0.0.7:26379   connection refused
/// ```
struct TextTopology {
    let topology: Topology

    func write(to page: inout TextPage) {
        if let cluster = topology.cluster { write(cluster, to: &page) }
        guard let sentinel = topology.sentinel else { return }
        page.blank()
        page.field(
            "sentinel",
            [
                sentinel.service, "primary \(sentinel.primary ?? Format.unknown)",
                "\(sentinel.up) of \(sentinel.watches.count) answer" + (sentinel.quorum.map { ", quorum \($0)" } ?? ""),
            ])
        for watch in sentinel.watches where !watch.isUp {
            page.write("\(watch.address)   \(watch.answer.refusal?.reason ?? Format.unknown)", indent: 13, hanging: 15)
        }
        for other in sentinel.dissenting {
            page.write("another primary is named, too: \(other)", indent: 13, hanging: 15)
        }
        if !sentinel.down.isEmpty {
            page.write("thought gone: \(sentinel.down.joined(separator: ", "))", indent: 13, hanging: 15)
        }
    }

    private func write(_ cluster: ClusterMap, to page: inout TextPage) {
        page.blank()
        page.field(
            "cluster",
            [
                cluster.isUp.map { $0 ? "up" : "down in part" },
                "\(Format.count(cluster.coveredSlots)) of \(Format.count(KeySlot.count, "slot"))",
                "\(cluster.primaries.count) primaries", "\(cluster.replicas.count) replicas", "epoch \(cluster.epoch)",
            ])
        for shard in cluster.shards {
            let slots = shard.slots.prefix(4).map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: " ")
            let more = shard.slots.count > 4 ? " and \(shard.slots.count - 4) more" : ""
            let replicas = shard.replicas.map(\.address).joined(separator: ", ")
            page.write(
                "\(shard.primary?.address ?? "no primary")   \(slots.isEmpty ? "no slots" : slots + more)"
                    + (replicas.isEmpty ? "" : "   replicas \(replicas)"), indent: 13, hanging: 15)
        }
    }
}
