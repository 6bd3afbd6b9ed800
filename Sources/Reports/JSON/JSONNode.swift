internal import CacheModel

/// One element of the JSON report's `nodes`.
enum JSONNode {
    static func value(_ node: NodeSnapshot) -> JSONValue {
        .object(head(node) + figures(node) + details(node))
    }

    /// Several nodes as one, with how many of how many they are.
    static func sum(_ node: NodeSnapshot) -> JSONValue {
        .object(
            head(node)
                + [
                    ("sum_is_partial", .boolean(node.missingParts != nil)),
                    ("primaries_counted", JSONValue(node.parts?.counted)), ("primaries", JSONValue(node.parts?.all)),
                ] + figures(node) + details(node))
    }

    private static func head(_ node: NodeSnapshot) -> [(name: String, value: JSONValue)] {
        let server = node.info?.server
        return [
            ("address", .string(node.address)),
            ("role", JSONValue(node.role?.rawValue)),
            ("reachable", .boolean(node.reachable)),
            ("refusal", JSONValue(node.refusal?.reason)),
            ("refusal_kind", JSONValue(node.refusal?.kind.rawValue)),
            ("refusal_detail", JSONValue(node.refusal?.detail)),
            ("software", JSONValue(server?.software?.rawValue)),
            ("version", JSONValue(server?.version)),
            ("mode", JSONValue(server?.mode)),
            ("run_id", JSONValue(server?.runID)),
            ("uptime", JSONValue(server?.uptime)),
            ("keys", JSONValue(node.keys)),
            ("round_trip_us", JSONValue(microseconds: node.roundTrip)),
        ]
    }

    private static func figures(_ node: NodeSnapshot) -> [(name: String, value: JSONValue)] {
        [
            ("memory", memory(node)), ("clients", clients(node.info?.clients)), ("rates", rates(node.rates)),
            ("hit_ratio", JSONValue(node.hitRatio)),
            ("lookups_left_out", JSONValue(node.rates?.leftOut?.lookups)), ("slowlog", slowlog(node.slowlog)),
            ("slowlog_length", JSONValue(node.slowlogLength)), ("denied", JSONValue(node.denied.map(\.command))),
        ]
    }

    private static func details(_ node: NodeSnapshot) -> [(name: String, value: JSONValue)] {
        [
            ("denied_needs", JSONValue(node.denied.compactMap(\.needs))),
            ("unanswered", .array(node.everythingUnanswered.map(unanswered))),
            ("user", JSONValue(node.user)),
            ("warnings", JSONValue(node.warnings)),
            ("counters", counters(node.info?.stats)),
            ("keyspace", sorted(node.info?.keyspace, by: { $0 < $1 }, name: { "db\($0)" }, keyspace)),
            ("errors", sorted(node.info?.errors, by: { $0 < $1 }, name: { $0 }, JSONValue.integer)),
            ("replication", replication(node.info?.replication)),
            ("persistence", persistence(node.info)),
            (
                "settings",
                node.settings.isEmpty
                    ? .null : sorted(node.settings, by: { $0 < $1 }, name: { $0 }, JSONValue.string)
            ),
            ("commands", sorted(node.commands, by: { $0 < $1 }, name: { $0 }, command)),
            ("own_load", ownLoad(node.ownLoad)),
        ]
    }

    private static func memory(_ node: NodeSnapshot) -> JSONValue {
        let memory = node.info?.memory
        return .object([
            ("used", JSONValue(memory?.used)), ("rss", JSONValue(memory?.rss)), ("peak", JSONValue(memory?.peak)),
            ("max", JSONValue(memory?.maximum)), ("pressure", JSONValue(node.pressure)),
            ("policy", JSONValue(memory?.policy)), ("fragmentation_ratio", JSONValue(memory?.fragmentationRatio)),
            ("allocator_fragmentation_ratio", JSONValue(memory?.allocatorFragmentationRatio)),
            ("dataset", JSONValue(memory?.dataset)), ("clients", JSONValue(memory?.clients)),
            ("not_counted_for_eviction", JSONValue(memory?.notCountedForEviction)),
            ("system", JSONValue(memory?.system)),
        ])
    }

    private static func clients(_ clients: ServerInfo.Clients?) -> JSONValue {
        .object([
            ("connected", JSONValue(clients?.connected)), ("blocked", JSONValue(clients?.blocked)),
            ("max", JSONValue(clients?.maximum)),
        ])
    }

    private static func rates(_ rates: Rates?) -> JSONValue {
        .object([
            ("commands", JSONValue(rates?.commands)), ("hits", JSONValue(rates?.hits)),
            ("misses", JSONValue(rates?.misses)), ("evicted", JSONValue(rates?.evicted)),
            ("expired", JSONValue(rates?.expired)), ("input_bytes", JSONValue(rates?.inputBytes)),
            ("output_bytes", JSONValue(rates?.outputBytes)), ("connections", JSONValue(rates?.connections)),
            ("rejected_connections", JSONValue(rates?.rejectedConnections)),
            ("error_replies", JSONValue(rates?.errorReplies)),
        ])
    }

    private static func slowlog(_ entries: [SlowlogEntry]?) -> JSONValue {
        guard let entries else { return .null }
        return .array(
            entries.map { entry in
                .object([
                    ("id", .integer(entry.id)), ("at", .string(entry.at.iso8601)),
                    ("duration_us", JSONValue(microseconds: entry.duration)), ("command", JSONValue(entry.command)),
                    ("client", .string(entry.client)), ("client_name", .string(entry.clientName)),
                    ("own", .boolean(entry.isOwn)), ("script", JSONValue(entry.script)),
                ])
            })
    }
}

// What the schema leaves free.
extension JSONNode {
    private static func unanswered(_ unanswered: Unanswered) -> JSONValue {
        .object([
            ("question", .string(unanswered.question)), ("reason", .string(unanswered.reason.rawValue)),
            ("words", .string(unanswered.words)),
        ])
    }

    private static func counters(_ stats: ServerInfo.Stats?) -> JSONValue {
        guard let stats else { return .null }
        return .object([
            ("commands", JSONValue(stats.commandsProcessed)), ("hits", JSONValue(stats.keyspaceHits)),
            ("misses", JSONValue(stats.keyspaceMisses)), ("evicted", JSONValue(stats.evictedKeys)),
            ("expired", JSONValue(stats.expiredKeys)), ("input_bytes", JSONValue(stats.bytesIn)),
            ("output_bytes", JSONValue(stats.bytesOut)), ("connections", JSONValue(stats.connectionsReceived)),
            ("rejected_connections", JSONValue(stats.rejectedConnections)),
            ("error_replies", JSONValue(stats.errorReplies)),
        ])
    }

    private static func keyspace(_ keyspace: ServerInfo.Keyspace) -> JSONValue {
        .object([
            ("keys", .integer(keyspace.keys)), ("expires", JSONValue(keyspace.expires)),
            ("average_ttl", JSONValue(keyspace.averageTTL.map { $0 / .seconds(1) })),
        ])
    }

    private static func replication(_ replication: ServerInfo.Replication?) -> JSONValue {
        guard let replication else { return .null }
        let replicas = replication.replicas.map { replica in
            JSONValue.object([
                ("address", .string(replica.address)), ("state", JSONValue(replica.state)),
                ("offset", JSONValue(replica.offset)), ("lag", JSONValue(replica.lag.map { $0 / .seconds(1) })),
            ])
        }
        return .object([
            ("replicas", .array(replicas)), ("connected_replicas", JSONValue(replication.connectedReplicas)),
            ("primary_host", JSONValue(replication.primaryHost)), ("primary_port", JSONValue(replication.primaryPort)),
            ("link_up", JSONValue(replication.linkUp)),
            ("link_down_for", JSONValue(replication.linkDownFor.map { $0 / .seconds(1) })),
            ("offset", JSONValue(replication.primaryOffset)),
        ])
    }

    private static func persistence(_ info: ServerInfo?) -> JSONValue {
        guard let persistence = info?.persistence else { return .null }
        return .object([
            ("loading", JSONValue(persistence.loading)), ("loading_percent", JSONValue(persistence.loadingPercent)),
            ("last_save_at", JSONValue(persistence.lastSave?.iso8601)),
            ("last_save_succeeded", JSONValue(persistence.lastSaveSucceeded)),
            ("changes_since_save", JSONValue(persistence.changesSinceSave)),
            ("append_only", JSONValue(persistence.appendOnlyEnabled)),
            ("last_append_write_succeeded", JSONValue(persistence.lastAppendWriteSucceeded)),
            ("last_rewrite_succeeded", JSONValue(persistence.lastRewriteSucceeded)),
            ("latest_fork_us", JSONValue(microseconds: info?.stats.latestFork)),
        ])
    }

    private static func command(_ stats: CommandStats) -> JSONValue {
        .object([
            ("calls", .integer(stats.calls)), ("time_us", JSONValue(microseconds: stats.time)),
            ("rejected", JSONValue(stats.rejectedCalls)), ("failed", JSONValue(stats.failedCalls)),
        ])
    }

    private static func ownLoad(_ load: OwnLoad?) -> JSONValue {
        guard let load else { return .null }
        return .object([("commands", JSONValue(load.commands)), ("bytes", JSONValue(load.bytes))])
    }

    private static func sorted<Key, Value>(
        _ values: [Key: Value]?, by areInOrder: (Key, Key) -> Bool, name: (Key) -> String, _ value: (Value) -> JSONValue
    ) -> JSONValue {
        guard let values else { return .null }
        return .object(values.sorted { areInOrder($0.key, $1.key) }.map { (name($0.key), value($0.value)) })
    }
}
