internal import RedisValues

/// How many replicas a primary had.
struct ReplicaMemory: Equatable, Sendable {
    private var expected = 0
    private var connected = 0
    private var lostAt: Duration?
    /// Replicas of the whole deployment that copy their primary, then and now; nil where only the primary tells of them.
    private var linkedThen: Int?
    private var linked: Int?

    /// nil for none: who copies another primary now is not lost.
    var lost: Int? {
        guard connected < expected else { return nil }
        if let linked, let linkedThen, linked >= linkedThen { return nil }
        return expected - connected
    }

    mutating func note(_ replication: ServerInfo.Replication?, linked: Int?, at now: Duration) {
        guard replication?.role == .primary, let count = replication?.connectedReplicas else {
            // Where it does not say, nothing is lost and nothing is back.
            if replication?.role != .primary { self = ReplicaMemory() }
            return
        }
        (connected, self.linked) = (max(0, count), linked)
        if connected >= expected {
            settle()
        } else if let since = lostAt {
            // Whoever removed a replica on purpose need not hear of it for ever.
            if now - since > NodeMemory.eventLasts { settle() }
        } else {
            lostAt = now
        }
    }

    private mutating func settle() { (expected, linkedThen, lostAt) = (connected, linked, nil) }
}
