internal import CacheModel

/// A metric with one sample a node.
struct Metric: Sendable {
    private let name: String
    private let kind: MetricFamily.Kind
    private let help: String
    private let value: @Sendable (NodeSnapshot) -> Double?

    init(
        _ name: String, _ kind: MetricFamily.Kind, _ help: String,
        _ value: @escaping @Sendable (NodeSnapshot) -> Double?
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.value = value
    }

    func family(_ nodes: [NodeSnapshot]) -> MetricFamily {
        var family = MetricFamily(name, kind, help)
        for node in nodes { family.add(value(node), [("node", node.address)]) }
        return family
    }
}

/// The metrics of redis_exporter that have no label of their own.
///
/// Source of names and units: https://github.com/oliver006/redis_exporter, exporter/exporter.go
enum ServerMetrics {
    static func families(_ nodes: [NodeSnapshot]) -> [MetricFamily] { all.map { $0.family(nodes) } }

    private static let all: [Metric] = general + memory + clients + traffic + durability

    private static func count(_ value: Int?) -> Double? { value.map(Double.init) }
    private static func bytes(_ value: ByteCount?) -> Double? { value.map { Double($0.bytes) } }
    private static func flag(_ value: Bool?) -> Double? { value.map { $0 ? 1 : 0 } }
    private static func seconds(_ value: Duration?) -> Double? { value.map { $0 / .seconds(1) } }

    private static let general: [Metric] = [
        Metric("redis_up", .gauge, "Whether the node answered, be it that it tells nothing.") {
            $0.reachable || $0.refusal?.kind.concernsCommand == true ? 1 : 0
        },
        Metric("redis_uptime_in_seconds", .gauge, "Time since the server's start.") { count($0.info?.server.uptime) },
        Metric("redis_cpu_sys_seconds_total", .counter, "System CPU of the server.") { $0.info?.processor.system },
        Metric("redis_cpu_user_seconds_total", .counter, "User CPU of the server.") { $0.info?.processor.user },
        Metric("redis_slowlog_length", .gauge, "Entries in the slow log.") { count($0.slowlogLength) },
        Metric("redis_slowlog_last_id", .gauge, "Id of the newest slow-log entry.") { count($0.slowlog?.first?.id) },
        Metric("redis_last_slow_execution_duration_seconds", .gauge, "Duration of the newest slow-log entry.") {
            seconds($0.slowlog?.first?.duration)
        },
    ]

    private static let memory: [Metric] = [
        Metric("redis_memory_used_bytes", .gauge, "Memory that the allocator gave out.") {
            bytes($0.info?.memory.used)
        },
        Metric("redis_memory_used_rss_bytes", .gauge, "Resident memory.") { bytes($0.info?.memory.rss) },
        Metric("redis_memory_used_peak_bytes", .gauge, "Greatest used memory so far.") { bytes($0.info?.memory.peak) },
        Metric("redis_memory_used_dataset_bytes", .gauge, "Memory of the dataset.") { bytes($0.info?.memory.dataset) },
        Metric("redis_memory_max_bytes", .gauge, "The maxmemory setting, 0 for no limit.") {
            bytes($0.info?.memory.maximum)
        },
        Metric("redis_total_system_memory_bytes", .gauge, "Memory of the host.") { bytes($0.info?.memory.system) },
        Metric("redis_mem_not_counted_for_eviction_bytes", .gauge, "Buffers that maxmemory does not count.") {
            bytes($0.info?.memory.notCountedForEviction)
        },
        Metric("redis_mem_fragmentation_ratio", .gauge, "Resident memory of used memory.") {
            $0.info?.memory.fragmentationRatio
        },
        Metric("redis_allocator_frag_ratio", .gauge, "Fragmentation within the allocator.") {
            $0.info?.memory.allocatorFragmentationRatio
        },
        Metric("redis_allocator_frag_bytes", .gauge, "Memory lost to fragmentation within the allocator.") {
            bytes($0.info?.memory.allocatorFragmentation)
        },
        Metric("redis_mem_clients_normal", .gauge, "Buffers of clients, in bytes.") { bytes($0.info?.memory.clients) },
    ]

    private static let clients: [Metric] = [
        Metric("redis_connected_clients", .gauge, "Connected clients.") { count($0.info?.clients.connected) },
        Metric("redis_blocked_clients", .gauge, "Clients that wait in a blocking command.") {
            count($0.info?.clients.blocked)
        },
        Metric("redis_tracking_clients", .gauge, "Clients with client-side caching.") {
            count($0.info?.clients.tracking)
        },
        Metric("redis_config_maxclients", .gauge, "The maxclients setting.") { count($0.info?.clients.maximum) },
        Metric("redis_connections_received_total", .counter, "Connections accepted.") {
            count($0.info?.stats.connectionsReceived)
        },
        Metric("redis_rejected_connections_total", .counter, "Connections turned away because of maxclients.") {
            count($0.info?.stats.rejectedConnections)
        },
    ]

    private static let traffic: [Metric] = [
        Metric("redis_commands_processed_total", .counter, "Commands processed.") {
            count($0.info?.stats.commandsProcessed)
        },
        Metric("redis_keyspace_hits_total", .counter, "Lookups that found a key.") {
            count($0.info?.stats.keyspaceHits)
        },
        Metric("redis_keyspace_misses_total", .counter, "Lookups that found none.") {
            count($0.info?.stats.keyspaceMisses)
        },
        Metric("redis_evicted_keys_total", .counter, "Keys evicted because of maxmemory.") {
            count($0.info?.stats.evictedKeys)
        },
        Metric("redis_expired_keys_total", .counter, "Keys whose time had come.") { count($0.info?.stats.expiredKeys) },
        Metric("redis_net_input_bytes_total", .counter, "Bytes received by the server.") {
            count($0.info?.stats.bytesIn)
        },
        Metric("redis_net_output_bytes_total", .counter, "Bytes sent by the server.") {
            count($0.info?.stats.bytesOut)
        },
    ]

    private static let durability: [Metric] = [
        Metric("redis_connected_slaves", .gauge, "Connected replicas.") {
            count($0.info?.replication.connectedReplicas)
        },
        Metric("redis_master_repl_offset", .gauge, "Replication offset.") { count($0.info?.replication.primaryOffset) },
        Metric("redis_loading_dump_file", .gauge, "Whether the dataset is being loaded.") {
            flag($0.info?.persistence.loading)
        },
        Metric("redis_rdb_changes_since_last_save", .gauge, "Changes since the last save.") {
            count($0.info?.persistence.changesSinceSave)
        },
        Metric("redis_rdb_last_save_timestamp_seconds", .gauge, "When the last save was done, Unix time.") {
            $0.info?.persistence.lastSave.map { Double($0.seconds) }
        },
        Metric("redis_rdb_last_bgsave_status", .gauge, "Whether the last save succeeded.") {
            flag($0.info?.persistence.lastSaveSucceeded)
        },
        Metric("redis_aof_enabled", .gauge, "Whether the append-only file is on.") {
            flag($0.info?.persistence.appendOnlyEnabled)
        },
        Metric("redis_aof_last_write_status", .gauge, "Whether the last write to the append-only file succeeded.") {
            flag($0.info?.persistence.lastAppendWriteSucceeded)
        },
        Metric("redis_aof_last_bgrewrite_status", .gauge, "Whether the last rewrite of the append-only file succeeded.")
        {
            flag($0.info?.persistence.lastRewriteSucceeded)
        },
        Metric("redis_latest_fork_seconds", .gauge, "How long the last fork held the server.") {
            seconds($0.info?.stats.latestFork)
        },
    ]
}
