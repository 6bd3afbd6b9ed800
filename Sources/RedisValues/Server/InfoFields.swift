extension InfoBuilder {
    typealias Assignment = @Sendable (inout ServerInfo, InfoValue) -> Void

    /// Every field with a place of its own; names as `INFO` spells them.
    static let fields: [Substring: Assignment] = serverFields.merging(memoryFields) { $1 }
        .merging(persistenceFields) { $1 }.merging(statsFields) { $1 }.merging(replicationFields) { $1 }

    private static let serverFields: [Substring: Assignment] = [
        "redis_version": { $0.server.version = $1.text },
        "redis_mode": { $0.server.mode = $1.text },
        "server_mode": { $0.server.mode = $1.text },  // Valkey 9 instead of redis_mode.
        "os": { $0.server.operatingSystem = $1.text },
        "process_id": { $0.server.processID = $1.integer },
        "run_id": { $0.server.runID = $1.text },
        "tcp_port": { $0.server.tcpPort = $1.integer },
        "server_time_usec": { $0.server.time = $1.integer.map { WallTime(milliseconds: Int64($0 / 1000)) } },
        "uptime_in_seconds": { $0.server.uptime = $1.integer },
        "hz": { $0.server.hz = $1.integer },
        "connected_clients": { $0.clients.connected = $1.integer },
        "maxclients": { $0.clients.maximum = $1.integer },
        "blocked_clients": { $0.clients.blocked = $1.integer },
        "tracking_clients": { $0.clients.tracking = $1.integer },
        "used_cpu_sys": { $0.processor.system = $1.double },
        "used_cpu_user": { $0.processor.user = $1.double },
    ]

    private static let memoryFields: [Substring: Assignment] = [
        "used_memory": { $0.memory.used = $1.byteCount },
        "used_memory_rss": { $0.memory.rss = $1.byteCount },
        "used_memory_peak": { $0.memory.peak = $1.byteCount },
        "used_memory_dataset": { $0.memory.dataset = $1.byteCount },
        "maxmemory": { $0.memory.maximum = $1.byteCount },
        "maxmemory_policy": { $0.memory.policy = $1.text },
        "total_system_memory": { $0.memory.system = $1.byteCount },
        "mem_not_counted_for_evict": { $0.memory.notCountedForEviction = $1.byteCount },
        "mem_fragmentation_ratio": { $0.memory.fragmentationRatio = $1.double },
        "allocator_frag_ratio": { $0.memory.allocatorFragmentationRatio = $1.double },
        "allocator_frag_bytes": { $0.memory.allocatorFragmentation = $1.byteCount },
        "mem_clients_normal": { $0.memory.clients = $1.byteCount },
    ]

    private static let persistenceFields: [Substring: Assignment] = [
        "loading": { $0.persistence.loading = $1.boolean },
        "loading_loaded_perc": { $0.persistence.loadingPercent = $1.double },
        "loading_eta_seconds": { $0.persistence.loadingETA = $1.integer },
        "rdb_changes_since_last_save": { $0.persistence.changesSinceSave = $1.integer },
        "rdb_last_save_time": { $0.persistence.lastSave = $1.integer.map { WallTime(seconds: Int64($0)) } },
        "rdb_last_bgsave_status": { $0.persistence.lastSaveSucceeded = $1.succeeded },
        "aof_enabled": { $0.persistence.appendOnlyEnabled = $1.boolean },
        "aof_last_write_status": { $0.persistence.lastAppendWriteSucceeded = $1.succeeded },
        "aof_last_bgrewrite_status": { $0.persistence.lastRewriteSucceeded = $1.succeeded },
    ]

    private static let statsFields: [Substring: Assignment] = [
        "total_connections_received": { $0.stats.connectionsReceived = $1.integer },
        "total_commands_processed": { $0.stats.commandsProcessed = $1.integer },
        "instantaneous_ops_per_sec": { $0.stats.operationsPerSecond = $1.integer },
        "total_net_input_bytes": { $0.stats.bytesIn = $1.integer },
        "total_net_output_bytes": { $0.stats.bytesOut = $1.integer },
        "instantaneous_input_kbps": { $0.stats.instantaneousIn = $1.double },
        "instantaneous_output_kbps": { $0.stats.instantaneousOut = $1.double },
        "rejected_connections": { $0.stats.rejectedConnections = $1.integer },
        "expired_keys": { $0.stats.expiredKeys = $1.integer },
        "evicted_keys": { $0.stats.evictedKeys = $1.integer },
        "keyspace_hits": { $0.stats.keyspaceHits = $1.integer },
        "keyspace_misses": { $0.stats.keyspaceMisses = $1.integer },
        "latest_fork_usec": { $0.stats.latestFork = $1.integer.map { .microseconds($0) } },
        "total_error_replies": { $0.stats.errorReplies = $1.integer },
    ]

    private static let replicationFields: [Substring: Assignment] = [
        "connected_slaves": { $0.replication.connectedReplicas = $1.integer },
        "master_repl_offset": { $0.replication.primaryOffset = $1.integer },
        "master_host": { $0.replication.primaryHost = $1.text },
        "master_port": { $0.replication.primaryPort = $1.integer },
        "master_link_status": { $0.replication.linkUp = $1.text == "up" },
        "master_link_down_since_seconds": { $0.replication.linkDownFor = $1.seconds },
        "master_last_io_seconds_ago": { $0.replication.lastPrimaryIO = $1.seconds },
        "master_sync_in_progress": { $0.replication.syncInProgress = $1.boolean },
    ]
}
