public import RedisValues

/// Something an operator should act on, with what to do.
public struct Alert: Codable, Equatable, Sendable {
    /// The identifiers of the JSON report, `memory-high` and so on.
    public enum ID: String, Codable, CaseIterable, Sendable {
        case unreachable, memoryHigh = "memory-high", evicting, revocationsEvictable = "revocations-evictable"
        case refusingWrites = "refusing-writes", fragmentation, clientsHigh = "clients-high"
        case clientsRejected = "clients-rejected", connectionChurn = "connection-churn"
        case clientsBlocked = "clients-blocked", slowQueries = "slow-queries", hitRatioLow = "hit-ratio-low"
        case ttlContractBroken = "ttl-contract-broken", namespaceVanished = "namespace-vanished"
        case prefixNeverExpires = "prefix-never-expires"
        case replicationBroken = "replication-broken", sentinelQuorum = "sentinel-quorum"
        case primaryChanged = "primary-changed", clusterDegraded = "cluster-degraded"
        case persistenceFailing = "persistence-failing", restarted, datasetLost = "dataset-lost"
        case accessDenied = "access-denied", noPassword = "no-password", revocationLost = "revocation-lost"
    }

    public enum Level: String, Codable, Comparable, CaseIterable, Sendable {
        case info, warning, critical
        public static func < (left: Level, right: Level) -> Bool {
            allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
        }
    }

    /// The one thing that an alert is about, beside its node.
    public enum About: Codable, Equatable, Sendable {
        /// A namespace's name.
        case namespace(String)
        /// What keys of no namespace begin with, escaped.
        case prefix(String)
        /// One key, escaped.
        case key(String)
        /// Clients, by what ``ClientGrouping/name`` calls them.
        case clients(String)
    }

    public var id: ID
    public var level: Level
    /// Address of the node; nil where the alert concerns the whole deployment.
    public var node: String?
    /// One sentence with the figure in it, escaped.
    public var message: String
    /// The figure that crossed the threshold, in the rule's own unit.
    public var value: Double?
    /// What to do, one step an element.
    public var remedy: [String]
    public var since: WallTime
    /// Set once the condition has gone, or is not known any more.
    public var clearedAt: WallTime?
    /// True where it has ended because nobody knows any more, and not because all is well.
    public var isWithdrawn = false
    /// What the snapshot said at the instant it fired: top command, newest slow query and so on.
    public var evidence: [String]
    /// nil where it is about several things, or nobody knows.
    public var about: About?
    /// Who it is, by the minutes before it fired; nil where their figures name nobody.
    public var culprit: Culprit?

    public init(
        id: ID, level: Level, node: String? = nil, message: String, value: Double? = nil, remedy: [String] = [],
        since: WallTime, clearedAt: WallTime? = nil, evidence: [String] = [], culprit: Culprit? = nil
    ) {
        self.id = id
        self.level = level
        self.node = node
        self.message = message
        self.value = value
        self.remedy = remedy
        self.since = since
        self.clearedAt = clearedAt
        self.evidence = evidence
        self.culprit = culprit
    }
}
