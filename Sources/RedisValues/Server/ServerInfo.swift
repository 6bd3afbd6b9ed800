/// What a server says of itself in `INFO`: typed where we use it, the rest kept as text.
///
/// A field that the server did not send is nil, never 0.
/// Source of the names: https://redis.io/docs/latest/commands/info/
public struct ServerInfo: Codable, Equatable, Sendable {
    public var server = Server()
    public var clients = Clients()
    public var memory = Memory()
    public var persistence = Persistence()
    public var stats = Stats()
    public var replication = Replication()
    public var processor = Processor()
    public var clusterEnabled: Bool?
    /// One entry a database that holds keys, by number.
    public var keyspace: [Int: Keyspace] = [:]
    /// False where nothing was said of databases: then none of them is empty.
    public var tellsKeyspace = false
    /// Replies with an error since start, by prefix (`OOM`, `NOPERM`, …). Redis 6.2 and later.
    public var errors: [String: Int] = [:]
    /// Fields that no property above holds, escaped, by name.
    public var unknown: [String: String] = [:]

    public init() {}

    /// True where none of the fields is there that we know.
    public var isBlank: Bool {
        var rest = self
        (rest.unknown, rest.tellsKeyspace) = ([:], false)
        return rest == ServerInfo()
    }

    /// Keys of a database; nil where the server has not told of databases: it leaves out those without keys.
    public func keys(of database: Int) -> Int? { keyspace[database]?.keys ?? (leavesOut(database) ? 0 : nil) }

    /// Keys of a database that have a TTL; nil where the server does not tell.
    ///
    /// - Parameter keys: that the database has by another account; nil where there is none.
    public func volatileKeys(of database: Int, among keys: Int? = nil) -> Int? {
        if let told = keyspace[database] { return told.expires }
        // Who counts keys and leaves out their database does not tell of it.
        return leavesOut(database) && keys ?? 0 == 0 ? 0 : nil
    }

    /// Databases are told of, and this one is not among them: it has no keys. One that cannot be read is not left out.
    private func leavesOut(_ database: Int) -> Bool {
        (tellsKeyspace || !keyspace.isEmpty) && keyspace[database] == nil && keyspace.count < InfoBuilder.limit
            && unknown["db\(database)"] == nil
    }
}

extension ServerInfo {
    public enum Software: String, Codable, Sendable { case redis, valkey, other }
    public enum Role: String, Codable, Sendable { case primary, replica, sentinel }

    public struct Server: Codable, Equatable, Sendable {
        public var software: Software?
        /// The version of the software itself: Valkey's own, not the `redis_version` it feigns.
        public var version: String?
        /// `standalone`, `sentinel` or `cluster`.
        public var mode: String?
        public var operatingSystem: String?
        public var processID: Int?
        public var runID: String?
        public var tcpPort: Int?
        /// By its own clock; since Redis 6.2.
        public var time: WallTime?
        /// Seconds.
        public var uptime: Int?
        public var hz: Int?
        public init() {}
    }

    public struct Clients: Codable, Equatable, Sendable {
        public var connected: Int?
        public var maximum: Int?
        public var blocked: Int?
        public var tracking: Int?
        public init() {}
    }

    public struct Memory: Codable, Equatable, Sendable {
        public var used: ByteCount?
        public var rss: ByteCount?
        public var peak: ByteCount?
        public var dataset: ByteCount?
        /// 0 means no limit.
        public var maximum: ByteCount?
        public var policy: String?
        public var system: ByteCount?
        /// Replication and AOF buffers, which `maxmemory` does not count.
        public var notCountedForEviction: ByteCount?
        public var fragmentationRatio: Double?
        public var allocatorFragmentationRatio: Double?
        public var allocatorFragmentation: ByteCount?
        public var clients: ByteCount?
        public init() {}
    }

    public struct Persistence: Codable, Equatable, Sendable {
        public var loading: Bool?
        /// Per cent, 0 to 100.
        public var loadingPercent: Double?
        /// Seconds.
        public var loadingETA: Int?
        public var changesSinceSave: Int?
        public var lastSave: WallTime?
        public var lastSaveSucceeded: Bool?
        public var appendOnlyEnabled: Bool?
        public var lastAppendWriteSucceeded: Bool?
        public var lastRewriteSucceeded: Bool?
        public init() {}
    }

    public struct Stats: Codable, Equatable, Sendable {
        public var connectionsReceived: Int?
        public var commandsProcessed: Int?
        public var operationsPerSecond: Int?
        public var bytesIn: Int?
        public var bytesOut: Int?
        /// KiB a second.
        public var instantaneousIn: Double?
        /// KiB a second.
        public var instantaneousOut: Double?
        public var rejectedConnections: Int?
        public var expiredKeys: Int?
        public var evictedKeys: Int?
        public var keyspaceHits: Int?
        public var keyspaceMisses: Int?
        public var latestFork: Duration?
        public var errorReplies: Int?
        public init() {}
    }

    public struct Replication: Codable, Equatable, Sendable {
        public var role: Role?
        public var connectedReplicas: Int?
        public var primaryOffset: Int?
        public var primaryHost: String?
        public var primaryPort: Int?
        public var linkUp: Bool?
        public var linkDownFor: Duration?
        public var lastPrimaryIO: Duration?
        public var syncInProgress: Bool?
        public var replicas: [Replica] = []
        public init() {}
    }

    public struct Replica: Codable, Equatable, Sendable {
        public var address: String
        public var state: String?
        public var offset: Int?
        public var lag: Duration?
        public init(address: String, state: String? = nil, offset: Int? = nil, lag: Duration? = nil) {
            self.address = address
            self.state = state
            self.offset = offset
            self.lag = lag
        }
    }

    public struct Processor: Codable, Equatable, Sendable {
        /// Seconds since start.
        public var system: Double?
        /// Seconds since start.
        public var user: Double?
        public init() {}
    }

    public struct Keyspace: Codable, Equatable, Sendable {
        public var keys: Int
        public var expires: Int?
        /// Mean time to live of the keys that have one.
        public var averageTTL: Duration?
        public init(keys: Int, expires: Int? = nil, averageTTL: Duration? = nil) {
            self.keys = keys
            self.expires = expires
            self.averageTTL = averageTTL
        }
    }
}
