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
    /// Nodes that did not answer, twice in a row.
    private(set) var silent: Set<String> = []
    /// Nodes that answer.
    private(set) var answering: Set<String> = []
    /// Sentinels that did not answer, twice in a row.
    private(set) var silentSentinels: Set<String> = []
    private var sentinelFailures: [String: Int] = [:]
    /// The shards before, by their first slot.
    private var shards: [Int: ClusterMap.Shard] = [:]

    /// - Parameters:
    ///   - failures: how often in a row each node did not answer.
    ///   - enough: so many failures in a row that nobody waits for another probe.
    mutating func note(_ snapshot: Snapshot, failures: [String: Int], enough: Int) {
        silent = Set(
            snapshot.dataNodes.filter { node in
                let kind = node.refusal?.kind
                return !node.reachable && kind != .loading && kind?.concernsCommand != true
                    && failures[node.address] ?? 0 >= enough
            }.map(\.address))
        answering = Set(snapshot.dataNodes.filter { $0.reachable && $0.late == nil }.map(\.address))
        let watches = snapshot.topology?.sentinel?.watches ?? []
        sentinelFailures = Dictionary(
            // Nobody waits for the second probe of one that has never answered.
            watches.map { ($0.address, $0.isUp ? 0 : min(1000, sentinelFailures[$0.address] ?? enough - 1) + 1) },
            uniquingKeysWith: max)
        silentSentinels = Set(sentinelFailures.filter { $0.value >= enough }.map(\.key))
        if let cluster = snapshot.topology?.cluster { note(cluster, at: snapshot.elapsed, takenAt: snapshot.takenAt) }
        note(snapshot.topology, at: snapshot.elapsed, takenAt: snapshot.takenAt)
    }

    /// A shard whose slots are where its replica is now. Slots that were given to another primary are no fail-over, also
    /// where their former owner has become its replica.
    private mutating func note(_ cluster: ClusterMap, at now: Duration, takenAt: WallTime) {
        let holders = Set(shards.values.compactMap { $0.primary?.address })
        var new: [Int: ClusterMap.Shard] = [:]
        for shard in cluster.shards {
            guard let first = shard.slots.first?.lowerBound, let primary = shard.primary?.address else { continue }
            new[first] = shard
            guard let before = shards[first], let old = before.primary?.address, old != primary else { continue }
            let wasReplica = before.replicas.contains { $0.address == primary }
            if wasReplica || silent.contains(old) && !holders.contains(primary) {
                change = Change(old: old, new: primary, at: now, takenAt: takenAt)
            }
        }
        shards = new
    }

    private mutating func note(_ topology: Topology?, at now: Duration, takenAt: WallTime) {
        let dissents = topology?.sentinel?.dissenting.isEmpty == false
        dissentSince = dissents ? dissentSince ?? now : nil
        // A message may come late: the news is whom a sentinel names that is asked.
        guard let sentinel = topology?.sentinel, let new = sentinel.primary,
            primary == nil || sentinel.watches.contains(where: { $0.answer.view?.primary.address == new })
        else { return }
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
        let open = cluster.openSlots
        let silent = cluster.primaries.map(\.address).filter(memory.silent.contains)
        let called = cluster.replicas.filter { $0.health == "failed" }
        let failed = cluster.replicas.filter { node in
            memory.silent.contains(node.address)
                || node.health == "failed" && !memory.answering.contains(node.address)
        }
        let doubted = called.filter { memory.answering.contains($0.address) }
        let bare = cluster.shards.filter { !$0.slots.isEmpty && $0.replicas.isEmpty }.count
        var finding: Finding
        if cluster.isUp == false || open > 0 {
            let what = open > 0 ? "\(Format.count(open)) of 16,384 slots have no owner" : "cluster_state is fail"
            finding = Finding(
                .critical, "Cluster down in part: \(what)\(silent.first.map { "; \($0) does not answer" } ?? "")",
                value: Double(open),
                remedy: ["Bring the missing primary or one of its replicas back; CLUSTER NODES shows who is missing"])
        } else if !silent.isEmpty {
            let words = "\(silent.count) of \(cluster.primaries.count) primaries do not answer: \(silent[0])"
            finding = Finding(
                .critical, words, value: Double(silent.count),
                remedy: [
                    "A replica takes its place after cluster-node-timeout; look at its log and its host",
                    "Where the cluster goes on calling it online, it is the way from here to it that is cut",
                ])
        } else if !failed.isEmpty {
            finding = Finding(
                .warning, "\(failed.count) of \(cluster.replicas.count) replicas are gone: \(failed[0].address)",
                value: Double(failed.count),
                remedy: ["Bring it back: its primary could not be replaced now"])
        } else if let one = doubted.first {
            finding = Finding(
                .warning,
                "\(doubted.count) of \(cluster.replicas.count) replicas answer here, and the cluster calls them failed: "
                    + one.address,
                value: Double(doubted.count),
                remedy: ["Check its cluster bus port (its port and 10,000): the others do not hear it"])
        } else if bare > 0, bare < cluster.primaries.count {
            finding = Finding(
                .warning, "\(bare) of \(cluster.primaries.count) primaries have no replica", value: Double(bare),
                remedy: ["Add one: redis-cli --cluster add-node NEW ANY --cluster-slave"])
        } else {
            return nil
        }
        finding.evidence = silent + failed.map(\.address) + doubted.map(\.address)
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
        let down = sentinel.watches.filter { !$0.isUp && memory.silentSentinels.contains($0.address) }
        let (up, all) = (sentinel.watches.count - down.count, sentinel.watches.count)
        let silent = down.map { watch in
            "\(watch.address): \(watch.answer.refusal?.reason ?? Format.unknown)"
        }
        let complaints = sentinel.watches.compactMap { $0.answer.view?.complaint }
        let complaint = complaints.first
        // One that sees no quorum may be cut off itself; the others could do without it.
        let isAgreed = complaints.count * 2 >= sentinel.up
        let quorum = sentinel.quorum ?? 1
        // Who answers, and may not be asked, may well be watching.
        let refusing = sentinel.watches.count { $0.answer.refusal?.kind.deniesCommand == true }
        let mayDo = refusing > 0 && up + refusing >= quorum && (up + refusing) * 2 > all && complaint == nil
        var finding: Finding
        if mayDo, up < quorum || up * 2 <= all {
            finding = Finding(
                .warning,
                "Whether a fail-over is possible is not known: \(refusing) of \(all) sentinels refuse to tell",
                value: Double(up),
                remedy: ["Give sentinel_username and sentinel_password of who may ask SENTINEL MASTER"])
        } else if up == 0 {
            finding = Finding(
                .critical, "No sentinel answers: nobody would replace the primary", value: 0,
                remedy: ["Start the sentinels; check sentinel_nodes, sentinel_password and the network"])
        } else if up < quorum || up * 2 <= all || complaint != nil && isAgreed {
            finding = Finding(
                .critical, "No fail-over possible: \(up) of \(all) sentinels answer, quorum \(quorum)",
                value: Double(up),
                remedy: ["Bring sentinels back: a majority of all of them has to agree on a new primary"])
        } else if !silent.isEmpty {
            finding = Finding(
                .warning, "\(up) of \(all) sentinels answer, quorum \(quorum)", value: Double(up),
                remedy: ["Bring the silent one back; SENTINEL RESET forgets one that is gone for good"])
        } else if complaint != nil {
            finding = Finding(
                .warning, "\(complaints.count) of \(all) sentinels could not bring about a fail-over, the others could",
                value: Double(up), remedy: ["Look whether it reaches the other sentinels: SENTINEL CKQUORUM on it"])
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
