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
    /// Of the memory of all keys, held by keys that begin alike, belong to no namespace and never expire; and how many
    /// bytes these have to be.
    public var unexpiringPrefix = 0.1
    public var unexpiringPrefixBytes = 10.0 * 1024 * 1024
    /// How long a figure must stay above its threshold before the alert is raised.
    public var hold = 10.0
    /// How long it must stay below before the alert is cleared.
    public var clear = 10.0

    public init() {}

    /// What a threshold is of, and so what it can be.
    public enum Unit: Equatable, Sendable {
        case share, ratio, bytes, count, rate, seconds

        /// A value outside of it would never be met, or always.
        public var range: ClosedRange<Double> {
            switch self {
            case .share: 0...1
            case .ratio: 1...1000
            case .bytes: 0...1e15
            case .count, .rate: 0...1e12
            case .seconds: 0...86_400
            }
        }

        /// What is expected, for people.
        public var words: String {
            switch self {
            case .share: "a share from 0 to 1, such as 0.75 for 75 %"
            case .ratio: "a ratio from 1 to 1000"
            case .bytes: "a number of bytes from 0 to 10^15"
            case .count: "a number from 0 to 10^12"
            case .rate: "a rate from 0 to 10^12"
            case .seconds: "seconds from 0 to 86400, as a number"
            }
        }
    }

    /// A threshold by the name that it has in the settings file.
    public struct Field: Sendable {
        public var name: String
        public var keyPath: any WritableKeyPath<AlertThresholds, Double> & Sendable
        public var unit: Unit

        init(_ name: String, _ keyPath: any WritableKeyPath<AlertThresholds, Double> & Sendable, _ unit: Unit) {
            (self.name, self.keyPath, self.unit) = (name, keyPath, unit)
        }
    }

    /// Every threshold.
    public static let fields = [
        Field("memory_warning", \.memoryWarning, .share), Field("memory_critical", \.memoryCritical, .share),
        Field("system_memory_warning", \.systemMemoryWarning, .share),
        Field("system_memory_critical", \.systemMemoryCritical, .share),
        Field("fragmentation_ratio", \.fragmentationRatio, .ratio),
        Field("fragmentation_bytes", \.fragmentationBytes, .bytes),
        Field("clients_warning", \.clientsWarning, .share), Field("clients_critical", \.clientsCritical, .share),
        Field("blocked_share", \.blockedShare, .share), Field("churn_share", \.churnShare, .share),
        Field("churn_rate", \.churnRate, .rate), Field("slow_queries_per_minute", \.slowQueriesPerMinute, .rate),
        Field("hit_ratio", \.hitRatio, .share), Field("hit_ratio_lookups", \.hitRatioLookups, .count),
        Field("hit_ratio_window", \.hitRatioWindow, .seconds), Field("replica_lag", \.replicaLag, .seconds),
        Field("fork_seconds", \.forkSeconds, .seconds), Field("namespace_loss", \.namespaceLoss, .share),
        Field("unexpiring_prefix", \.unexpiringPrefix, .share),
        Field("unexpiring_prefix_bytes", \.unexpiringPrefixBytes, .bytes),
        Field("hold", \.hold, .seconds), Field("clear", \.clear, .seconds),
    ]

    /// A warning that begins at or above its critical threshold would never be seen.
    ///
    /// - Returns: the names of the first such pair; nil where there is none.
    public var firstDisorder: (warning: String, critical: String)? {
        for warning in Self.fields where warning.name.hasSuffix(Self.warningEnd) {
            let name = warning.name.dropLast(Self.warningEnd.count) + "_critical"
            guard let critical = Self.fields.first(where: { $0.name == name }) else { continue }
            if self[keyPath: warning.keyPath] >= self[keyPath: critical.keyPath] {
                return (warning.name, critical.name)
            }
        }
        return nil
    }

    private static let warningEnd = "_warning"
}
