internal import RedisValues

/// What one node has done over the last minutes.
struct NodeEvidence: Sendable {
    private(set) var memory = MemoryTrack()
    private(set) var commands = CommandExcess()
    private(set) var groups = GroupTraffic()
    private(set) var slow = SlowShare()
    private(set) var events = EventRates()
    private(set) var fork = ForkTime()
    /// What `INFO` says of settings that alerts ask for.
    private(set) var settings: [String] = []
    /// Why nobody knows who the clients are; nil where it is known, or nobody has looked.
    fileprivate(set) var clientsUntold: String?
    private var runID: String?
    private var answeredAt: Duration?
    private var settledAt: Duration?

    mutating func note(_ node: NodeSnapshot, at now: Duration, takenAt: WallTime, _ classifier: KeyClassifier) {
        // What is said again while it is late is no answer.
        guard node.reachable, let info = node.info, node.late == nil || node.answeredAt != answeredAt else { return }
        // What was counted of one process says nothing of another one.
        if let runID, let new = info.server.runID, new != runID { self = NodeEvidence() }
        (runID, answeredAt) = (info.server.runID ?? runID, node.answeredAt)
        if let sample = MemoryComponents(node, at: now) { memory.note(sample) }
        if let stats = node.commands { commands.note(stats, at: now) }
        if let log = node.slowlog { slow.note(log, clock: info.server.time ?? takenAt, classifier) }
        events.note(info.stats, at: now)
        fork.note(info.stats.latestFork, at: now)
        guard settledAt.map({ now - $0 >= RateBins.shortest }) ?? true else { return }
        settledAt = now
        settings = [
            info.unknown["active_defrag_running"].flatMap { $0 == "0" ? "active defragmentation does not run" : nil },
            info.persistence.appendOnlyEnabled.map { "append-only file: \($0 ? "on" : "off")" },
            info.memory.policy.map { "maxmemory-policy: \($0)" },
        ].compactMap { $0 }
    }

    mutating func note(_ traffic: GroupTraffic) { groups = traffic }
}

/// Keys that have expired and that were evicted, a second.
struct EventRates: Equatable, Sendable {
    private var bins = RateBins()
    private var before: Totals?

    private struct Totals: Equatable, Sendable {
        var at: Duration
        var counts: [String: Int]
    }

    mutating func note(_ stats: ServerInfo.Stats, at now: Duration) {
        if let before, now - before.at < RateBins.shortest { return }
        guard let expired = stats.expiredKeys, let evicted = stats.evictedKeys else { return }
        let totals = Totals(at: now, counts: ["expired keys": expired, "evicted keys": evicted])
        guard let last = before else { return before = totals }
        before = totals
        var rates: [String: Double] = [:]
        for (name, count) in totals.counts {
            // Counters that fell were reset.
            guard let then = last.counts[name], count >= then else { return bins.reset() }
            rates[name] = (Double(count) - Double(then)) / ((now - last.at) / .seconds(1))
        }
        bins.append(rates, from: last.at, to: now)
    }

    func rises(at now: Duration) -> Rises? { bins.rises(at: now).map { Rises($0) } }
}

/// A fork that was seen to happen.
struct ForkTime: Sendable {
    private var told: Duration?
    private var seen: (time: Duration, at: Duration)?

    mutating func note(_ latest: Duration?, at now: Duration) {
        defer { told = latest ?? told }
        // The first one that is told may be of last year.
        guard let latest, let told, latest != told else { return }
        seen = (latest, now)
    }

    func latest(at now: Duration) -> Duration? {
        seen.flatMap { now - $0.at <= RateBins.window + RateBins.baseline ? $0.time : nil }
    }
}

/// All that is kept of the last eleven minutes, so that an alert can say who it is: bounded, whatever is watched.
struct CulpritEvidence: Sendable {
    private(set) var nodes: [String: NodeEvidence] = [:]
    private(set) var looks = KeyspaceLooks()
    /// What servers have counted of the misses.
    private(set) var counters = CounterWindow()
    private var lookedAt: Duration?
    private var began: Duration?
    /// Looks that began before were at another server; nil for none.
    private var since: Duration?
    private var latest = Duration.zero
    private let classifier: KeyClassifier

    /// More nodes are not remembered.
    private static let mostNodes = 1024

    init(classifier: KeyClassifier) { self.classifier = classifier }

    /// For how long it has been gathered.
    var length: Duration { began.map { latest - $0 } ?? .zero }

    /// - Parameters:
    ///   - span: over which misses are told apart.
    ///   - traffic: of a node's clients, as the latest look has it; nil for a node that it has not seen.
    mutating func note(
        _ snapshot: Snapshot, span: Duration = .seconds(300), traffic: (String) -> GroupTraffic?
    ) {
        began = began ?? snapshot.elapsed
        latest = snapshot.elapsed
        let members = snapshot.dataNodes
        for node in members where nodes.count < Self.mostNodes || nodes[node.address] != nil {
            nodes[node.address, default: NodeEvidence()].note(
                node, at: snapshot.elapsed, takenAt: snapshot.takenAt, classifier)
        }
        // Those that have left.
        if nodes.count > members.count {
            let known = Set(members.map(\.address))
            nodes = nodes.filter { known.contains($0.key) }
        }
        note(snapshot.namespaces)
        if snapshot.isReachable {
            counters.note(snapshot.counters?.totals ?? [:], at: snapshot.elapsed, span: span)
        }
        guard let look = snapshot.clients, look.elapsed != lookedAt else { return }
        lookedAt = look.elapsed
        for address in nodes.keys {
            if let traffic = traffic(address) { nodes[address]?.note(traffic) }
            nodes[address]?.clientsUntold = look.refused[address]?.reason
        }
    }

    mutating func note(_ report: NamespaceReport?) {
        guard let report, since.map({ report.elapsed - report.took >= $0 }) ?? true else { return }
        looks.note(report)
    }

    /// Another server's keys are not compared with these.
    mutating func forgetKeys(at now: Duration) { (looks, counters, since) = (KeyspaceLooks(), CounterWindow(), now) }

    /// The same with looks that have come since.
    func with(_ looks: KeyspaceLooks) -> CulpritEvidence {
        var evidence = self
        evidence.looks = looks
        return evidence
    }

    /// What an alert of one node needs; of the deployment, all of it.
    func part(of node: String?) -> CulpritEvidence {
        guard let node else { return self }
        var part = self
        part.nodes = nodes[node].map { [node: $0] } ?? [:]
        return part
    }
}
