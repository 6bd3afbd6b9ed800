internal import RedisValues

/// What others say about a node's keys: one source alone does not make a dataset lost.
struct DatasetWitness: Equatable, Sendable {
    /// Of the shard that a cluster's node belongs to; nil outside of clusters.
    var slots: [ClosedRange<Int>]?
    /// Keys of the other primaries of a cluster; nil where one of them does not say.
    var others: Int?
    /// Keys of the primary that a replica copies; nil where nobody knows.
    var primary: Int?
    /// Whether this program has removed keys since the instant.
    var hasRemoved: @Sendable (_ since: Duration) -> Bool = { _ in false }

    static func == (left: DatasetWitness, right: DatasetWitness) -> Bool {
        left.slots == right.slots && left.others == right.others && left.primary == right.primary
    }

}

/// What the nodes of a snapshot tell of each other, worked out once for all of them.
struct Neighbours: Sendable {
    private let cluster: ClusterMap?
    /// Of each node that holds data; nil where it does not say.
    private let keys: [String: Int?]
    private let primaries: [String]
    private let hasRemoved: @Sendable (_ since: Duration) -> Bool
    let linkedReplicas: Int?
    /// Whether what is known of all keys is known of one node's.
    var areOfOnePrimary: Bool { cluster == nil && primaries.count <= 1 }

    init(in snapshot: Snapshot, _ own: OwnRemovals) {
        let (nodes, now) = (snapshot.dataNodes, snapshot.elapsed)
        cluster = snapshot.topology?.cluster
        keys = Dictionary(nodes.lazy.map { ($0.address, $0.keys) }, uniquingKeysWith: { first, _ in first })
        primaries = nodes.lazy.filter { $0.role == .primary }.map(\.address)
        hasRemoved = { own.cover(from: $0, to: now) }
        linkedReplicas = snapshot.linkedReplicas
    }

    func witness(of node: NodeSnapshot) -> DatasetWitness {
        var witness = DatasetWitness()
        witness.hasRemoved = hasRemoved
        guard let cluster else {
            let others = primaries.filter { $0 != node.address }
            if node.role == .replica, others.count == 1 { witness.primary = keys[others[0]] ?? nil }
            return witness
        }
        let shard = cluster.shard(of: node.address)
        let holder = shard?.primary?.address ?? node.address
        witness.slots = shard?.slots ?? []
        if holder != node.address { witness.primary = keys[holder] ?? nil }
        var sum = 0
        for other in Set(cluster.primaries.map(\.address)) where other != node.address && other != holder {
            guard let count = keys[other] ?? nil else { return witness }
            sum = sum +| count
        }
        witness.others = sum
        return witness
    }
}

/// Whether a node has lost all of its keys: not where they have expired, were removed by us, or went with their slots.
struct DatasetMemory: Equatable, Sendable {
    private struct Full: Equatable, Sendable {
        var at: Duration
        var keys: Int
        var gone: Int?
        var witness: DatasetWitness
    }

    private(set) var lostAt: Duration?
    /// As it was when it last had keys; nil once that has been judged.
    private var full: Full?
    /// In a cluster a slot is empty before its new owner is known: a second look decides.
    private var isSuspected = false

    mutating func forget(at now: Duration) {
        if let event = lostAt, now - event > NodeMemory.eventLasts { lostAt = nil }
    }

    mutating func note(_ node: NodeSnapshot, _ witness: DatasetWitness, at now: Duration) {
        guard let keys = node.keys else { return }
        guard keys <= 0 else {
            lostAt = nil
            isSuspected = false
            full = Full(at: now, keys: keys, gone: Self.gone(node), witness: witness)
            return
        }
        guard let before = full else { return }
        guard isLost(node, since: before, witness) else {
            full = nil
            return
        }
        if witness.slots != nil, !isSuspected {
            isSuspected = true
            return
        }
        (lostAt, full, isSuspected) = (now, nil, false)
    }

    /// Keys that have expired or were evicted since the server's start.
    private static func gone(_ node: NodeSnapshot) -> Int? {
        guard let stats = node.info?.stats, let expired = stats.expiredKeys else { return nil }
        return expired +| (stats.evictedKeys ?? 0)
    }

    private func isLost(_ node: NodeSnapshot, since before: Full, _ witness: DatasetWitness) -> Bool {
        if witness.hasRemoved(before.at) { return false }
        if node.role == .replica {
            // It empties itself before it takes its primary's keys in.
            let replication = node.info?.replication
            if replication?.linkUp == false || replication?.syncInProgress == true { return false }
            if (witness.primary ?? 0) > 0 { return false }
        }
        if let slots = witness.slots {
            // Whoever has given slots away has lost nothing.
            guard !slots.isEmpty, Self.holds(before.witness.slots ?? [], in: slots) else { return false }
            if let others = witness.others, let then = before.witness.others,
                Double(others) - Double(then) >= Double(before.keys) / 2
            {
                return false
            }
        }
        // Those that expired have run out; a counter that fell was reset.
        guard let now = Self.gone(node), let then = before.gone, now >= then else { return true }
        return Double(before.keys) - (Double(now) - Double(then)) > Double(before.keys) / 2
    }

    private static func holds(_ old: [ClosedRange<Int>], in new: [ClosedRange<Int>]) -> Bool {
        old.allSatisfy { range in
            var next = range.lowerBound
            for part in new.sorted(by: { $0.lowerBound < $1.lowerBound }) where part.contains(next) {
                next = part.upperBound + 1
            }
            return next > range.upperBound
        }
    }
}
