internal import CacheModel

/// The metrics of redis_exporter with labels of their own.
enum LabelledMetrics {
    private typealias Labels = [(name: String, value: String)]

    static func families(_ nodes: [NodeSnapshot]) -> [MetricFamily] {
        [instance(nodes), link(nodes), lag(nodes)] + keyspace(nodes) + commands(nodes) + [errors(nodes)]
    }

    private static func instance(_ nodes: [NodeSnapshot]) -> MetricFamily {
        var family = MetricFamily("redis_instance_info", .gauge, "What the node is, in its labels.")
        for node in nodes {
            guard let info = node.info else { continue }
            family.add(
                1,
                [
                    ("node", node.address), ("role", exporterRole(node.role)),
                    ("software", info.server.software?.rawValue ?? ""), ("redis_version", info.server.version ?? ""),
                    ("redis_mode", info.server.mode ?? ""), ("os", info.server.operatingSystem ?? ""),
                    ("run_id", info.server.runID ?? ""), ("maxmemory_policy", info.memory.policy ?? ""),
                ])
        }
        return family
    }

    /// The exporter passes on the words of `INFO`.
    private static func exporterRole(_ role: ServerInfo.Role?) -> String {
        switch role {
        case .primary: "master"
        case .replica: "slave"
        case .sentinel: "sentinel"
        case nil: ""
        }
    }

    private static func link(_ nodes: [NodeSnapshot]) -> MetricFamily {
        var family = MetricFamily("redis_master_link_up", .gauge, "Whether the replica's link to its primary is up.")
        for node in nodes {
            guard let replication = node.info?.replication, let linkUp = replication.linkUp else { continue }
            let port = replication.primaryPort.map(String.init) ?? ""
            let labels: Labels = [
                ("node", node.address), ("master_host", replication.primaryHost ?? ""), ("master_port", port),
            ]
            family.add(linkUp ? 1 : 0, labels)
        }
        return family
    }

    private static func lag(_ nodes: [NodeSnapshot]) -> MetricFamily {
        var family = MetricFamily("redis_connected_slave_lag_seconds", .gauge, "How far a replica is behind.")
        for node in nodes {
            for replica in node.info?.replication.replicas ?? [] {
                let labels: Labels = [
                    ("node", node.address), ("replica", replica.address), ("slave_state", replica.state ?? ""),
                ]
                family.add(replica.lag.map { $0 / .seconds(1) }, labels)
            }
        }
        return family
    }

    private static func keyspace(_ nodes: [NodeSnapshot]) -> [MetricFamily] {
        var keys = MetricFamily("redis_db_keys", .gauge, "Keys by database.")
        var expiring = MetricFamily("redis_db_keys_expiring", .gauge, "Keys with a time to live by database.")
        var lifetime = MetricFamily("redis_db_avg_ttl_seconds", .gauge, "Mean time to live by database.")
        for node in nodes {
            for (number, database) in (node.info?.keyspace ?? [:]).sorted(by: { $0.key < $1.key }) {
                let labels: Labels = [("node", node.address), ("db", "db\(number)")]
                keys.add(Double(database.keys), labels)
                expiring.add(database.expires.map(Double.init), labels)
                lifetime.add(database.averageTTL.map { $0 / .seconds(1) }, labels)
            }
        }
        return [keys, expiring, lifetime]
    }

    private static func commands(_ nodes: [NodeSnapshot]) -> [MetricFamily] {
        var calls = MetricFamily("redis_commands_total", .counter, "Calls by command.")
        var time = MetricFamily("redis_commands_duration_seconds_total", .counter, "Server time by command.")
        var rejected = MetricFamily("redis_commands_rejected_calls_total", .counter, "Calls refused by command.")
        var failed = MetricFamily("redis_commands_failed_calls_total", .counter, "Calls that failed by command.")
        for node in nodes {
            for (name, stats) in (node.commands ?? [:]).sorted(by: { $0.key < $1.key }) {
                let labels: Labels = [("node", node.address), ("cmd", name)]
                calls.add(Double(stats.calls), labels)
                time.add(stats.time / .seconds(1), labels)
                rejected.add(stats.rejectedCalls.map(Double.init), labels)
                failed.add(stats.failedCalls.map(Double.init), labels)
            }
        }
        return [calls, time, rejected, failed]
    }

    private static func errors(_ nodes: [NodeSnapshot]) -> MetricFamily {
        var family = MetricFamily("redis_errors_total", .counter, "Replies with an error by kind.")
        for node in nodes {
            for (name, count) in (node.info?.errors ?? [:]).sorted(by: { $0.key < $1.key }) {
                family.add(Double(count), [("node", node.address), ("err", name)])
            }
        }
        return family
    }
}
