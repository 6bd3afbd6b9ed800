internal import RedisValues

/// Where alerts begin. Shares are 0 to 1, times are seconds, rates are a second unless the name says otherwise.
public struct AlertThresholds: Codable, Equatable, Sendable {
    public var memoryWarning = 0.75
    public var memoryCritical = 0.90
    /// Resident memory of the host's, where there is no maxmemory.
    public var systemMemoryWarning = 0.8
    public var systemMemoryCritical = 0.9
    public var fragmentationRatio = 1.5
    public var fragmentationBytes = 100.0 * 1024 * 1024
    public var clientsWarning = 0.8
    public var clientsCritical = 0.9
    public var blockedShare = 0.25
    /// New connections of commands.
    public var churnShare = 0.2
    public var churnRate = 10.0
    public var slowQueriesPerMinute = 10.0
    public var hitRatio = 0.8
    public var hitRatioLookups = 1000.0
    public var hitRatioWindow = 300.0
    public var replicaLag = 10.0
    public var forkSeconds = 0.5
    /// Of a namespace's keys, gone between two looks.
    public var namespaceLoss = 0.5
    /// How long a figure must stay above its threshold before the alert is raised.
    public var hold = 10.0
    /// How long it must stay below before the alert is cleared.
    public var clear = 10.0

    public init() {}

    /// Every threshold by the name that it has in the settings file.
    public static let fields: [(name: String, keyPath: any WritableKeyPath<AlertThresholds, Double> & Sendable)] = [
        ("memory_warning", \.memoryWarning), ("memory_critical", \.memoryCritical),
        ("system_memory_warning", \.systemMemoryWarning), ("system_memory_critical", \.systemMemoryCritical),
        ("fragmentation_ratio", \.fragmentationRatio), ("fragmentation_bytes", \.fragmentationBytes),
        ("clients_warning", \.clientsWarning), ("clients_critical", \.clientsCritical),
        ("blocked_share", \.blockedShare), ("churn_share", \.churnShare), ("churn_rate", \.churnRate),
        ("slow_queries_per_minute", \.slowQueriesPerMinute), ("hit_ratio", \.hitRatio),
        ("hit_ratio_lookups", \.hitRatioLookups), ("hit_ratio_window", \.hitRatioWindow),
        ("replica_lag", \.replicaLag), ("fork_seconds", \.forkSeconds), ("namespace_loss", \.namespaceLoss),
        ("hold", \.hold), ("clear", \.clear),
    ]
}
