internal import RedisValues

/// What the rules must remember of one node between two snapshots.
struct NodeMemory: Equatable, Sendable {
    /// Probes that failed, one after the other.
    private(set) var failures = 0
    private(set) var restartedAt: Duration?
    private(set) var lostDatasetAt: Duration?
    private(set) var slowlog = SlowlogMemory()
    private(set) var lookups = LookupWindow()
    private var replicas = ReplicaMemory()
    private var previous: NodeSnapshot?

    /// How long an event that happens once stays an alert.
    static let eventLasts = Duration.seconds(300)

    /// Entries that came in within the last minute.
    var slowQueryCount: Int { slowlog.recent }
    /// Newest command seen within the last minute that should never run on a live cache.
    var forbidden: SlowlogEntry? { slowlog.forbidden }
    /// Hits and lookups of a whole window; nil before it is full.
    var windowLookups: (hits: Double, all: Double)? { lookups.full }
    /// How many replicas went away within the last minutes; nil for none.
    var lostReplicas: Int? { replicas.lost }

    mutating func note(_ node: NodeSnapshot, at now: Duration, window: Duration, takenAt: WallTime) {
        failures = node.reachable ? 0 : min(failures, 1_000_000) + 1
        slowlog.forget(at: now)
        guard node.reachable else { return }
        noteEvents(node, at: now)
        slowlog.note(node.slowlog ?? [], at: now, takenAt: takenAt)
        lookups.note(node.info?.stats, at: now, window: window)
        replicas.note(node.info?.replication, at: now)
        previous = node
    }

    private mutating func noteEvents(_ node: NodeSnapshot, at now: Duration) {
        if let event = restartedAt, now - event > Self.eventLasts { restartedAt = nil }
        if let event = lostDatasetAt, now - event > Self.eventLasts || (node.keys ?? 0) > 0 { lostDatasetAt = nil }
        guard let previous else { return }
        if Self.restarted(previous.info?.server, node.info?.server) {
            restartedAt = now
            slowlog = SlowlogMemory()
            lookups = LookupWindow()
        }
        if let before = previous.keys, before > 0, node.keys == 0 { lostDatasetAt = now }
    }

    /// The run id decides where it is known: the uptime also falls when somebody sets the server's clock back.
    private static func restarted(_ old: ServerInfo.Server?, _ new: ServerInfo.Server?) -> Bool {
        if let old = old?.runID, let new = new?.runID { return old != new }
        guard let old = old?.uptime, let new = new?.uptime else { return false }
        return new < old
    }
}

/// How many replicas a primary had.
private struct ReplicaMemory: Equatable, Sendable {
    private var expected = 0
    private var connected = 0
    private var lostAt: Duration?

    var lost: Int? { connected < expected ? expected - connected : nil }

    mutating func note(_ replication: ServerInfo.Replication?, at now: Duration) {
        guard replication?.role == .primary, let count = replication?.connectedReplicas else {
            self = ReplicaMemory()
            return
        }
        connected = max(0, count)
        if connected >= expected {
            (expected, lostAt) = (connected, nil)
        } else if let since = lostAt {
            // Whoever removed a replica on purpose need not hear of it for ever.
            if now - since > NodeMemory.eventLasts { (expected, lostAt) = (connected, nil) }
        } else {
            lostAt = now
        }
    }
}
