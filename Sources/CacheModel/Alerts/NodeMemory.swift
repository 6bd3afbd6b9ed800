internal import RedisValues

/// What the rules must remember of one node between two snapshots.
struct NodeMemory: Equatable, Sendable {
    /// Probes that failed, one after the other.
    private(set) var failures = 0
    /// Another process answers than before.
    private(set) var replacement: Replacement?
    private(set) var lostDatasetAt: Duration?
    private(set) var slowlog = SlowlogMemory()
    private(set) var lookups = LookupWindow()
    private var replicas = ReplicaMemory()
    private var previous: NodeSnapshot?

    struct Replacement: Equatable, Sendable {
        var at: Duration
        /// True for the same server, which was started again.
        var isRestart: Bool
    }

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
        if let event = replacement, now - event.at > Self.eventLasts { replacement = nil }
        if let event = lostDatasetAt, now - event > Self.eventLasts || (node.keys ?? 0) > 0 { lostDatasetAt = nil }
        guard let previous else { return }
        noteProcess(node.info, after: previous.info, at: now)
        // What another server lacks, it has not lost.
        if isAnother(node) {
            lostDatasetAt = nil
            return
        }
        if let before = previous.keys, before > 0, node.keys == 0 { lostDatasetAt = now }
    }

    /// Whether another server with another dataset answers than before.
    func isAnother(_ node: NodeSnapshot) -> Bool {
        guard let info = node.info, let before = previous?.info else { return false }
        return ServerIdentity(info).relation(to: ServerIdentity(before)) == .another
    }

    /// What was counted of one process says nothing of another one.
    private mutating func noteProcess(_ info: ServerInfo?, after before: ServerInfo?, at now: Duration) {
        guard let info, let before else { return }
        let (identity, old) = (ServerIdentity(info), ServerIdentity(before))
        guard identity.isOtherProcess(than: old) else { return }
        // What has not run for longer than since the last look was started, whatever else it does not say.
        let relation = identity.relation(to: old)
        let isRestart = relation == .restarted || relation == .unknown && identity.isYounger(than: old) != false
        replacement = Replacement(at: now, isRestart: isRestart)
        slowlog = SlowlogMemory()
        lookups = LookupWindow()
        if !isRestart { replicas = ReplicaMemory() }
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
