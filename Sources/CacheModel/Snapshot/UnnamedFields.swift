/// Fields of INFO that `ServerInfo` has no property for.
public enum UnnamedFields {
    /// Those that something is worked out of; others are only kept.
    public static let used: Set = [
        "mem_clients_slaves", "mem_replication_backlog", "mem_aof_buffer", "active_defrag_running",
    ]
}
