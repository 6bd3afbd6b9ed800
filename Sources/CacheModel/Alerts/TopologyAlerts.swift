internal import RedisValues

/// What is remembered of a deployment's members between snapshots.
struct TopologyMemory: Equatable, Sendable {
    struct Change: Equatable, Sendable {
        var old: String
        var new: String
        var at: Duration
        var takenAt: WallTime
    }

    private(set) var primary: String?
    private(set) var change: Change?
    /// Since when sentinels name different primaries.
    private(set) var dissentSince: Duration?
    /// Nodes that did not answer.
    private(set) var silent: Set<String> = []
    /// Who holds the first slot of each shard.
    private var owners: [Int: String] = [:]

    mutating func note(_ snapshot: Snapshot) {
        silent = Set(snapshot.dataNodes.filter { !$0.reachable && $0.refusal?.kind != .loading }.map(\.address))
        if let cluster = snapshot.topology?.cluster { note(cluster, at: snapshot.elapsed, takenAt: snapshot.takenAt) }
        note(snapshot.topology, at: snapshot.elapsed, takenAt: snapshot.takenAt)
    }

    /// A shard whose slots are where a former replica is now: the same slots, another owner.
    private mutating func note(_ cluster: ClusterMap, at now: Duration, takenAt: WallTime) {
        var new: [Int: String] = [:]
        for shard in cluster.shards {
            guard let first = shard.slots.first?.lowerBound, let primary = shard.primary?.address else { continue }
            new[first] = primary
            let members = [primary] + shard.replicas.map(\.address)
            if let old = owners[first], old != primary, members.contains(old) || silent.contains(old) {
                change = Change(old: old, new: primary, at: now, takenAt: takenAt)
            }
        }
        owners = new
    }

    private mutating func note(_ topology: Topology?, at now: Duration, takenAt: WallTime) {
        let dissents = topology?.sentinel?.dissenting.isEmpty == false
        dissentSince = dissents ? dissentSince ?? now : nil
        guard let new = topology?.sentinel?.primary else { return }
        if let old = primary, old != new { change = Change(old: old, new: new, at: now, takenAt: takenAt) }
        primary = new
    }
}

/// Rules about the deployment as a whole: who is primary, and who could replace it.
struct TopologyAlert: Sendable {
    var id: Alert.ID
    let evaluate: @Sendable (Topology, TopologyMemory, Duration) -> Finding?

    /// How long a fail-over is news.
    static let news = Duration.seconds(600)
    /// How long sentinels may be behind after one.
    static let delay = Duration.seconds(10)

    static let clusterDegraded = TopologyAlert(id: .clusterDegraded) { topology, memory, _ in
        guard let cluster = topology.cluster else { return nil }
        let open = KeySlot.count -| cluster.coveredSlots
        let silent = cluster.primaries.map(\.address).filter(memory.silent.contains)
        let failed = cluster.replicas.filter { $0.health == "failed" || memory.silent.contains($0.address) }
        let bare = cluster.shards.filter { !$0.slots.isEmpty && $0.replicas.isEmpty }.count
        var finding: Finding
        if cluster.isUp == false || open > 0 {
            let what = open > 0 ? "\(Format.count(open)) of 16,384 slots have no owner" : "cluster_state is fail"
            finding = Finding(
                .critical, "Cluster down in part: \(what)", value: Double(open),
                remedy: ["Bring the missing primary or one of its replicas back; CLUSTER NODES shows who is missing"])
        } else if !silent.isEmpty {
            finding = Finding(
                .critical, "\(silent.count) of \(cluster.primaries.count) primaries do not answer: \(silent[0])",
                value: Double(silent.count),
                remedy: ["A replica takes its place after cluster-node-timeout; look at its log and its host"])
        } else if !failed.isEmpty {
            finding = Finding(
                .warning, "\(failed.count) of \(cluster.replicas.count) replicas are gone: \(failed[0].address)",
                value: Double(failed.count),
                remedy: ["Bring it back: its primary could not be replaced now"])
        } else if bare > 0, bare < cluster.primaries.count {
            finding = Finding(
                .warning, "\(bare) of \(cluster.primaries.count) primaries have no replica", value: Double(bare),
                remedy: ["Add one: redis-cli --cluster add-node NEW ANY --cluster-slave"])
        } else {
            return nil
        }
        finding.evidence = silent + failed.map(\.address)
        return finding
    }

    static let primaryChanged = TopologyAlert(id: .primaryChanged) { _, memory, now in
        guard let change = memory.change, now - change.at < news else { return nil }
        var finding = Finding(
            .warning, "Fail-over: \(change.new) is primary in the place of \(change.old)", value: nil,
            remedy: [
                "Look why the old one went: its log, its host; screen 7 shows whether it is back as a replica",
                "What was written last may be lost: revocations are checked with every poll, w writes lost ones again",
            ])
        finding.evidence = ["noticed at \(change.takenAt.iso8601)"]
        return finding
    }

    static let sentinelQuorum = TopologyAlert(id: .sentinelQuorum) { topology, memory, now in
        guard let sentinel = topology.sentinel else { return nil }
        let (up, all) = (sentinel.up, sentinel.watches.count)
        let silent = sentinel.watches.filter { !$0.isUp }.map { watch in
            "\(watch.address): \(watch.answer.refusal?.reason ?? Format.unknown)"
        }
        let complaint = sentinel.watches.compactMap { $0.answer.view?.complaint }.first
        let quorum = sentinel.quorum ?? 1
        var finding: Finding
        if up == 0 {
            finding = Finding(
                .critical, "No sentinel answers: nobody would replace the primary", value: 0,
                remedy: ["Start the sentinels; check sentinel_nodes, sentinel_password and the network"])
        } else if up < quorum || up * 2 <= all || complaint != nil {
            finding = Finding(
                .critical, "No fail-over possible: \(up) of \(all) sentinels answer, quorum \(quorum)",
                value: Double(up),
                remedy: ["Bring sentinels back: a majority of all of them has to agree on a new primary"])
        } else if !silent.isEmpty {
            finding = Finding(
                .warning, "\(up) of \(all) sentinels answer, quorum \(quorum)", value: Double(up),
                remedy: ["Bring the silent one back; SENTINEL RESET forgets one that is gone for good"])
        } else if let other = sentinel.dissenting.first, let since = memory.dissentSince, now - since >= delay {
            finding = Finding(
                .critical, "Sentinels disagree about the primary: \(sentinel.primary ?? Format.unknown) and \(other)",
                value: nil,
                remedy: ["Two primaries may take writes: look for a cut network, and at SENTINEL MASTERS on each"])
        } else {
            return nil
        }
        finding.evidence = silent + (complaint.map { [$0] } ?? [])
        return finding
    }
}
