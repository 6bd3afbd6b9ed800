internal import RedisValues

/// How many replicas a primary had.
struct ReplicaMemory: Equatable, Sendable {
    private var expected = 0
    private var connected = 0
    /// Their addresses, as far as they are told.
    private var known: [String] = []
    private var present: [String] = []
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

    /// Of those that are lost, the ones that are known by name; a few of them.
    var lostNames: [String] { Array(known.filter { !present.contains($0) }.prefix(min(lost ?? 0, Self.mostNames))) }

    private static let mostNames = 3

    mutating func note(_ replication: ServerInfo.Replication?, linked: Int?, at now: Duration) {
        guard replication?.role == .primary, let count = replication?.connectedReplicas else {
            // Where it does not say, nothing is lost and nothing is back.
            if replication?.role != .primary { self = ReplicaMemory() }
            return
        }
        (connected, self.linked) = (max(0, count), linked)
        present = replication?.replicas.map(\.address) ?? []
        if connected >= expected {
            settle()
        } else if let since = lostAt {
            // Whoever removed a replica on purpose need not hear of it for ever.
            if now - since > NodeMemory.eventLasts { settle() }
        } else {
            lostAt = now
        }
    }

    private mutating func settle() { (expected, known, linkedThen, lostAt) = (connected, present, linked, nil) }
}
