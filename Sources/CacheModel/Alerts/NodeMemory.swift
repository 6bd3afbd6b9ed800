internal import RedisValues

/// What the rules must remember of one node between two snapshots.
struct NodeMemory: Equatable, Sendable {
    /// Probes that failed, one after the other.
    private(set) var failures = 0
    /// Another process answers than before.
    private(set) var replacement: Replacement?
    private var dataset = DatasetMemory()
    private(set) var slowlog = SlowlogMemory()
    private(set) var lookups = LookupWindow()
    private var replicas = ReplicaMemory()
    private var previous: NodeSnapshot?
    private var answeredAt: Duration?

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
    var namesOfLostReplicas: [String] { replicas.lostNames }
    var lostDatasetAt: Duration? { dataset.lostAt }

    /// What surrounds a node in one snapshot.
    struct Surroundings {
        var now: Duration
        var takenAt: WallTime
        /// Of the lookups.
        var window: Duration
        var witness = DatasetWitness()
        /// Replicas of the deployment that are watched and copy a primary; nil where none are watched.
        var linkedReplicas: Int?
    }

    /// Whether it says something that it had not said at the snapshot before: who is late is shown as it was last seen.
    func saysSomethingNew(_ node: NodeSnapshot) -> Bool {
        guard node.late != nil else { return true }
        return node.answeredAt.map { $0 != answeredAt } ?? false
    }

    /// The clock goes on while a node says nothing.
    mutating func forget(at now: Duration) {
        slowlog.forget(at: now)
        dataset.forget(at: now)
        if let event = replacement, now - event.at > Self.eventLasts { replacement = nil }
    }

    mutating func note(_ node: NodeSnapshot, in surroundings: Surroundings) {
        let now = surroundings.now
        answeredAt = node.answeredAt
        failures = node.reachable ? 0 : min(failures, 1_000_000) + 1
        guard node.reachable else { return }
        noteEvents(node, surroundings.witness, at: now)
        slowlog.note(node.slowlog ?? [], at: now, clock: node.info?.server.time ?? surroundings.takenAt)
        lookups.note(node.info?.stats, own: node.ownTraffic, at: now, window: surroundings.window)
        replicas.note(node.info?.replication, linked: surroundings.linkedReplicas, at: now)
        previous = node
    }

    private mutating func noteEvents(_ node: NodeSnapshot, _ witness: DatasetWitness, at now: Duration) {
        if let previous { noteProcess(node.info, after: previous.info, at: now) }
        // What another server lacks, it has not lost.
        if isAnother(node) { dataset = DatasetMemory() }
        dataset.note(node, witness, at: now)
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
