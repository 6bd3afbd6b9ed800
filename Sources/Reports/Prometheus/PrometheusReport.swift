public import CacheModel

/// A snapshot for Prometheus' text-file collector: the metric names of redis_exporter where the metric is the same,
/// `cachewatch_…` for ours.
public enum PrometheusReport {
    public static func render(_ snapshot: Snapshot, alerts: [Alert]) -> String {
        let families =
            ServerMetrics.families(snapshot.dataNodes) + LabelledMetrics.families(snapshot.dataNodes)
            + TopologyMetrics.families(snapshot.topology) + NamespaceMetrics.families(snapshot.namespaces)
            + CounterMetrics.families(snapshot.counters)
            + own(snapshot, alerts: alerts)
        return families.map(\.text).joined()
    }

    private static func own(_ snapshot: Snapshot, alerts: [Alert]) -> [MetricFamily] {
        var status = MetricFamily(
            "cachewatch_status", .gauge, "Verdict on the deployment: 0 ok, 1 warning, 2 critical, 3 unknown.")
        status.add(Double(Verdict(snapshot, alerts: alerts).status.exitStatus), [])
        var taken = MetricFamily(
            "cachewatch_snapshot_timestamp_seconds", .gauge, "When the snapshot was taken, Unix time.")
        taken.add(Double(snapshot.takenAt.milliseconds) / 1000, [])
        var raised = MetricFamily("cachewatch_alert", .gauge, "Alerts that are raised now, 1 each.")
        for alert in alerts {
            raised.add(1, [("id", alert.id.rawValue), ("level", alert.level.rawValue), ("node", alert.node ?? "")])
        }
        return [status, taken, raised] + figures.map { $0.family(snapshot.dataNodes) }
    }

    private static let figures: [Metric] = [
        Metric(
            "cachewatch_memory_pressure_ratio", .gauge, "Memory that eviction counts, of maxmemory.", \.pressure),
        Metric(
            "cachewatch_hit_ratio", .gauge,
            "Hits of all lookups, of late if known, else since start; without revocation checks if they are counted.",
            \.hitRatio),
        Metric("cachewatch_round_trip_seconds", .gauge, "Time of one whole poll.") {
            $0.roundTrip.map { $0 / .seconds(1) }
        },
        Metric("cachewatch_keys", .gauge, "Keys in the chosen database.") { $0.keys.map(Double.init) },
        Metric("cachewatch_denied_commands", .gauge, "Commands that the server refuses to this user or does not know.")
        {
            Double($0.denied.count)
        },
    ]
}
