internal import RedisValues

extension AlertRule {
    static let replicationBroken = AlertRule(
        id: .replicationBroken, hold: .standard,
        knows: {
            let replication = $0.node.info?.replication
            return replication?.role == .replica ? replication?.linkUp != nil : replication?.role != nil
        }
    ) { input in
        guard let replication = input.node.info?.replication else { return nil }
        let host = replication.primaryName
        if replication.role == .replica, replication.linkUp == false, replication.syncInProgress == true {
            return Finding(
                .warning, "Replica takes in the dataset of \(host)",
                remedy: ["Wait for the end of its synchronisation, or look at its log"])
        }
        if replication.role == .replica, replication.linkUp == false {
            let down = replication.linkDownFor.map { " for \(Format.duration($0))" } ?? ""
            return Finding(
                .critical, "Replication link to \(host) is down\(down)",
                value: replication.linkDownFor.map { $0 / .seconds(1) },
                remedy: [
                    "Check that the primary runs and is reachable from the replica",
                    "Check `masterauth` and `masteruser`",
                ])
        }
        // Who is not online has nothing to acknowledge yet.
        let lagging = replication.replicas.filter {
            $0.state ?? "online" == "online" && ($0.lag ?? .zero) / .seconds(1) > input.thresholds.replicaLag
        }
        if let worst = lagging.max(by: { ($0.lag ?? .zero) < ($1.lag ?? .zero) }), let lag = worst.lag {
            return Finding(
                .warning, "Replica \(worst.address) lags \(Format.duration(lag))", value: lag / .seconds(1),
                remedy: ["Check network and load of the replica", "Raise `repl-backlog-size`"])
        }
        if let offline = replication.replicas.first(where: { $0.state != nil && $0.state != "online" }) {
            return Finding(
                .warning, "Replica \(offline.address) is \(offline.state ?? "not online")",
                remedy: ["Wait for the end of its synchronisation, or look at its log"])
        }
        guard let lost = input.memory.lostReplicas else { return nil }
        let names = input.memory.namesOfLostReplicas
        return Finding(
            .warning,
            "Replicas lost: \(Format.count(lost))\(names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")",
            value: Double(lost),
            remedy: ["Check that the replica runs and reaches this node", "Look at the replica's log"])
    }

    static let persistenceFailing = AlertRule(
        id: .persistenceFailing, knows: { $0.node.info?.persistence.lastSaveSucceeded != nil }
    ) { input in
        guard let persistence = input.node.info?.persistence else { return nil }
        let remedy = ["Check free disk space and the rights of the data directory", "Look at the server's log"]
        if persistence.lastSaveSucceeded == false {
            return Finding(.critical, "The last RDB save failed", remedy: remedy)
        }
        if persistence.appendOnlyEnabled == true, persistence.lastAppendWriteSucceeded == false {
            return Finding(.critical, "The last AOF write failed", remedy: remedy)
        }
        if persistence.appendOnlyEnabled == true, persistence.lastRewriteSucceeded == false {
            return Finding(.warning, "The last AOF rewrite failed", remedy: remedy)
        }
        guard let fork = input.node.info?.stats.latestFork, fork / .seconds(1) > input.thresholds.forkSeconds else {
            return nil
        }
        return Finding(
            .warning, "The last fork held the server for \(Format.duration(fork))", value: fork / .seconds(1),
            remedy: ["Switch transparent huge pages off", "Save on a replica"])
    }

    static let restarted = AlertRule(id: .restarted) { input in
        guard let replacement = input.memory.replacement else { return nil }
        let uptime = input.node.info?.server.uptime
        guard replacement.isRestart else {
            return Finding(
                .warning,
                "Another server answers at this address"
                    + (uptime.map { ", up for \(Format.age(.seconds($0)))" } ?? ""),
                value: uptime.map(Double.init),
                remedy: [
                    "Find out whether it was a fail-over, or where the address leads now",
                    "What was written to the server before may not be here: revocations, too",
                ])
        }
        return Finding(
            .critical, "Redis restarted \(uptime.map { Format.age(.seconds($0)) } ?? Format.unknown) ago",
            value: uptime.map(Double.init), remedy: ["Look at the server's and the kernel's log (out of memory?)"])
    }

    static let datasetLost = AlertRule(id: .datasetLost, knows: { $0.node.keys != nil }) { input in
        guard input.memory.lostDatasetAt != nil else { return nil }
        return Finding(
            .critical, "The dataset is gone: 0 keys", value: 0,
            remedy: [
                "Revoked tokens are valid again: write the revocations anew",
                "Look for FLUSHALL, FLUSHDB, or a restart without persistence",
            ])
    }
}

extension ServerInfo.Replication {
    /// With the port where it is not Redis' own: several may be on one host.
    fileprivate var primaryName: String {
        let host = primaryHost ?? Format.unknown
        guard let primaryPort, primaryPort != 6379 else { return host }
        return "\(host.contains(":") ? "[\(host)]" : host):\(primaryPort)"
    }
}
