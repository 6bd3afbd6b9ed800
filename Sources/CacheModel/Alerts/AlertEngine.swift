internal import RedisValues

/// What a snapshot did to the alerts.
public enum AlertChange: Equatable, Sendable {
    case raised(Alert), changed(Alert), cleared(Alert)
    /// Nobody knows any more whether its condition holds.
    case withdrawn(Alert)
}

/// Applies the rules to snapshots, one after the other: an alert is raised once its condition has held for a while,
/// and cleared once it has been gone for a while.
public struct AlertEngine: Sendable {
    private struct Key: Hashable {
        var node: String
        var id: Alert.ID
    }

    private struct Standing {
        var alert: Alert
        /// Since when the condition holds, on the monotonic clock.
        var began: Duration
        var lastTrue: Duration
        var raised: Bool
        /// What the snapshot said when it was raised.
        var evidence: [String] = []
        /// It waits for what is seen after it was raised; nil where the culprit is as certain as it becomes.
        var inquiry: OpenInquiry?

        /// Whether somebody is named who is more than the largest of many.
        var isExplained: Bool { alert.culprit.map { $0.weight != .largest } ?? false }

        /// Takes what it has found, and keeps it where it may find more.
        mutating func take(_ inquiry: OpenInquiry) {
            conclude(inquiry)
            self.inquiry = inquiry.isOver ? nil : inquiry
        }

        mutating func conclude(_ inquiry: OpenInquiry) {
            let finding = inquiry.finding
            // Who was named once stays named.
            alert.culprit = finding.culprit ?? alert.culprit
            alert.evidence = evidence + finding.notes
        }
    }

    public var thresholds: AlertThresholds
    private let immediate: Bool
    private var memories: [String: NodeMemory] = [:]
    private var namespaces = NamespaceMemory()
    private var topology = TopologyMemory()
    private var revocations = RevocationMemory()
    private var removals = OwnRemovals()
    private var clients = ClientStudy()
    private var culprits: CulpritEvidence
    private var standing: [Key: Standing] = [:]
    /// Cleared and withdrawn ones, newest first, 100 at most.
    public private(set) var past: [Alert] = []

    /// - Parameters:
    ///   - immediate: raise at first sight, for a single snapshot that nothing follows.
    ///   - classifier: tells the namespaces of slow queries.
    public init(
        thresholds: AlertThresholds = AlertThresholds(), immediate: Bool = false,
        classifier: KeyClassifier = KeyClassifier()
    ) {
        self.thresholds = thresholds
        self.immediate = immediate
        culprits = CulpritEvidence(classifier: classifier)
    }

    /// Critical ones first, then the newest; of the same, by node.
    public var raised: [Alert] {
        standing.values.filter(\.raised).map(\.alert).sorted(by: Alert.precedes)
    }

    /// Slow-log entries that came in within the minute before the latest snapshot, of all nodes.
    public var newSlowQueries: Int { memories.values.reduce(0) { $0 +| $1.slowQueryCount } }

    /// - Parameter study: what was worked out of the looks so far; without one, or where it is of another look than the
    ///   snapshot's, that is done here.
    public mutating func evaluate(_ snapshot: Snapshot, clients study: ClientStudy? = nil) -> [AlertChange] {
        if holdsOthersKeys(snapshot) {
            namespaces.forget(at: snapshot.elapsed)
            culprits.forgetKeys(at: snapshot.elapsed)
            for key in standing.keys { standing[key]?.inquiry = nil }
        }
        namespaces.note(snapshot, removals, thresholds)
        if let look = snapshot.clients {
            if let study, study.looked == look.elapsed { clients = study } else { clients.note(look) }
        }
        culprits.note(
            snapshot, span: .limited(seconds: thresholds.hitRatioWindow), traffic: clients.traffic)
        settleInquiries(snapshot)
        // A sentinel holds nothing; that it is silent is its deployment's matter.
        let neighbours = Neighbours(in: snapshot, removals)
        let changes = snapshot.dataNodes.flatMap { evaluate($0, in: snapshot, among: neighbours) }
        topology.note(snapshot, failures: memories.mapValues(\.failures), enough: immediate ? 1 : 2)
        return changes + evaluateNamespaces(in: snapshot)
            + evaluateRevocations(in: snapshot) + evaluateTopology(in: snapshot)
            + forgetOthers(than: Set(snapshot.dataNodes.map(\.address)), at: snapshot.takenAt)
    }

    /// Whether a look at the keyspace now would tell who is behind an alert that was raised within the last minutes.
    public var wantsLook: Bool { standing.values.contains { $0.inquiry?.wantsLook == true } }

    private mutating func settleInquiries(_ snapshot: Snapshot) {
        for (key, entry) in standing {
            guard var inquiry = entry.inquiry else { continue }
            if inquiry.note(culprits, at: snapshot.elapsed) { standing[key]?.conclude(inquiry) }
            standing[key]?.inquiry = inquiry.isOver ? nil : inquiry
        }
    }

    /// Names the culprits of a watch that ends with its latest snapshot. One that was too short to compare anything with
    /// tells of what is there only.
    public mutating func conclude(at now: Duration) {
        let isLong = culprits.length >= Self.shortestWatch
        for key in standing.keys {
            let node = key.node == Self.deployment ? nil : key.node
            let questions = isLong ? key.id.asks : key.id.asks.filter(\.isOfWhatIsThere)
            guard let inquiry = OpenInquiry(questions, of: node, culprits, at: now) else { continue }
            standing[key]?.conclude(inquiry)
        }
    }

    /// A watch that is shorter has nothing to compare with.
    public static let shortestWatch = Duration.seconds(20)

    /// Whether a watch that ended now would name who is behind each of these alerts that anybody is looked for, and could
    /// compare before that.
    public func names(_ ids: Set<Alert.ID>, at now: Duration) -> Bool {
        let isLong = culprits.length >= Self.shortestWatch
        var ended = self
        if isLong { ended.conclude(at: now) }
        return ended.raised.allSatisfy { !ids.contains($0.id) || $0.id.asks.isEmpty || isLong && $0.culprit != nil }
    }

    /// This program removes keys itself: nobody is warned of what it has taken.
    ///
    /// - Parameters:
    ///   - id: the same for ``endRemoval(_:at:)``.
    ///   - namespaces: their names; nil where it may take keys of any.
    public mutating func beginRemoval(_ id: Int, of namespaces: Set<String>?, at now: Duration) {
        removals.begin(id, of: namespaces, at: now)
    }

    public mutating func endRemoval(_ id: Int, at now: Duration) { removals.end(id, at: now) }

    /// Whether the keys are another server's than before.
    private func holdsOthersKeys(_ snapshot: Snapshot) -> Bool {
        let holders = snapshot.holders
        return snapshot.dataNodes.contains { node in
            holders[node.address] != nil && memories[node.address]?.isAnother(node) == true
        }
    }

    /// The key of what concerns the deployment as a whole.
    private static let deployment = ""

    /// Without a whole look at the keyspace nothing is known, and what stands stands on; of another server's keys nothing
    /// stands.
    private mutating func evaluateNamespaces(in snapshot: Snapshot) -> [AlertChange] {
        guard let node = snapshot.dataNodes.first(where: \.reachable) else { return [] }
        guard let report = namespaces.latest else {
            return NamespaceAlert.all.compactMap { clear(Key(node: Self.deployment, id: $0.id), at: snapshot.takenAt) }
        }
        let input = NamespaceInput(memory: namespaces, nodes: snapshot.dataNodes)
        return NamespaceAlert.all.compactMap { rule in
            let key = Key(node: Self.deployment, id: rule.id)
            guard var finding = rule.evaluate(input) else {
                return settle(key, patience: .zero, now: snapshot.elapsed, at: snapshot.takenAt)
            }
            // What was seen long ago is not told as now.
            let age = snapshot.elapsed - report.elapsed
            if age >= Self.oldLook { finding.message += " (as of the look \(Format.age(age)) ago)" }
            return apply(
                finding, key, holds: false, on: node, now: snapshot.elapsed, at: snapshot.takenAt)
        }
    }

    /// From here on the age of a look is said.
    private static let oldLook = Duration.seconds(600)

    /// What a poll got no answer about stands as it stood.
    private mutating func evaluateRevocations(in snapshot: Snapshot) -> [AlertChange] {
        let key = Key(node: Self.deployment, id: .revocationLost)
        guard let check = snapshot.revocations else { return [] }
        revocations.note(check)
        guard let node = snapshot.dataNodes.first(where: \.reachable) else { return [] }
        let change =
            RevocationAlert.finding(check, lost: revocations.lost).map {
                apply($0, key, holds: false, on: node, now: snapshot.elapsed, at: snapshot.takenAt)
            } ?? settle(key, patience: .zero, now: snapshot.elapsed, at: snapshot.takenAt)
        return change.map { [$0] } ?? []
    }

    private mutating func evaluateTopology(in snapshot: Snapshot) -> [AlertChange] {
        guard let seen = snapshot.topology, let node = snapshot.nodes.first else { return [] }
        return TopologyAlert.all.compactMap { rule in
            let key = Key(node: Self.deployment, id: rule.id)
            guard let finding = rule.evaluate(seen, topology, snapshot.elapsed) else {
                return settle(key, patience: .zero, now: snapshot.elapsed, at: snapshot.takenAt)
            }
            return apply(finding, key, holds: false, on: node, now: snapshot.elapsed, at: snapshot.takenAt)
        }
    }

    /// Nodes that left the deployment take their alerts with them.
    private mutating func forgetOthers(than known: Set<String>, at time: WallTime) -> [AlertChange] {
        memories = memories.filter { known.contains($0.key) }
        let gone = standing.keys.filter { $0.node != Self.deployment && !known.contains($0.node) }.sorted {
            ($0.node, $0.id.rawValue) < ($1.node, $1.id.rawValue)
        }
        return gone.compactMap { clear($0, at: time) }
    }

    private mutating func evaluate(
        _ node: NodeSnapshot, in snapshot: Snapshot, among neighbours: Neighbours
    ) -> [AlertChange] {
        let now = snapshot.elapsed
        var memory = memories[node.address] ?? NodeMemory()
        memory.forget(at: now)
        // What was not said anew holds nothing and clears nothing.
        guard memory.saysSomethingNew(node) else {
            memories[node.address] = memory
            return []
        }
        memory.note(
            node,
            in: NodeMemory.Surroundings(
                now: now, takenAt: snapshot.takenAt, window: .limited(seconds: thresholds.hitRatioWindow),
                witness: neighbours.witness(of: node), linkedReplicas: neighbours.linkedReplicas))
        memories[node.address] = memory
        let report = neighbours.areOfOnePrimary ? namespaces.latest(at: now, within: Self.oldLook) : nil
        return AlertRule.all.compactMap { rule in
            let key = Key(node: node.address, id: rule.id)
            let current = standing[key].flatMap { $0.raised ? $0.alert.level : nil }
            let input = RuleInput(
                node: node, memory: memory, thresholds: thresholds, clients: clients.names(of: node.address, at: now),
                report: report, biggest: report == nil ? nil : namespaces.biggest,
                counted: CountedMisses(culprits.counters.lines, areOfOneNode: neighbours.areOfOnePrimary),
                standing: current, immediate: immediate)
            // A node that does not answer says nothing about its other conditions: alerts stand, holds begin anew.
            guard node.reachable || rule.id == .unreachable else {
                if current == nil { standing[key] = nil }
                return nil
            }
            guard var finding = rule.evaluate(input) else {
                let patience: Duration =
                    rule.id == .unreachable ? .zero : .limited(seconds: thresholds.clear * rule.clearFactor)
                guard rule.knows(input) else {
                    let lasts = rule.beginsAnew(input) ? patience : NodeMemory.eventLasts
                    return wait(key, patience: lasts, now: now, at: snapshot.takenAt)
                }
                return settle(key, patience: patience, now: now, at: snapshot.takenAt)
            }
            // Where another node is the primary, the cache works without this one.
            if rule.id == .unreachable, snapshot.isReplica(node.address) {
                finding.level = min(.warning, finding.level)
            }
            return apply(
                finding, key, holds: rule.hold != .none, on: node, now: now, at: snapshot.takenAt)
        }
    }

    private mutating func apply(
        _ finding: Finding, _ key: Key, holds: Bool, on node: NodeSnapshot, now: Duration, at time: WallTime
    ) -> AlertChange? {
        let before = standing[key]
        var entry =
            before
            ?? Standing(
                alert: Alert(
                    id: key.id, level: finding.level, node: key.node == Self.deployment ? nil : key.node, message: "",
                    since: time),
                began: now, lastTrue: now, raised: false)
        entry.lastTrue = now
        entry.alert.level = finding.level
        entry.alert.message = finding.message
        entry.alert.value = finding.value
        entry.alert.remedy = finding.remedy
        entry.alert.about = finding.about
        let hold: Duration = immediate || !holds ? .zero : .limited(seconds: thresholds.hold)
        let isNew = !entry.raised && now - entry.began >= hold
        if isNew {
            entry.raised = true
            entry.evidence =
                finding.evidence
                + Evidence.lines(
                    for: node, busiest: culprits.nodes[node.address]?.commands.busiest(at: now),
                    growing: namespaces.fastestGrowing, clients: clients.names(of: node.address, at: now))
            entry.alert.evidence = entry.evidence
            // A watch that raises at first sight has nothing to compare with before it ends.
            let inquiry = immediate ? nil : OpenInquiry(key.id.asks, of: entry.alert.node, culprits, at: now)
            if let inquiry { entry.take(inquiry) }
        } else if entry.raised, finding.level > before?.alert.level ?? finding.level, !entry.isExplained, !immediate,
            let inquiry = OpenInquiry(key.id.asks, of: entry.alert.node, culprits, at: now)
        {
            // It has become worse, and nobody knows yet who it is: by now that may be seen.
            entry.take(inquiry)
        }
        standing[key] = entry
        guard entry.raised else { return nil }
        if isNew { return .raised(entry.alert) }
        return before?.alert.level != entry.alert.level ? .changed(entry.alert) : nil
    }

    /// Nobody knows whether the condition holds: what stands stands for a while, and a hold begins anew. What has not been
    /// told for longer is withdrawn, which is not told as a recovery.
    private mutating func wait(_ key: Key, patience: Duration, now: Duration, at time: WallTime) -> AlertChange? {
        guard let entry = standing[key] else { return nil }
        guard !entry.raised || now - entry.lastTrue > patience else { return nil }
        return end(key, at: time, adding: Self.withdrawnWords).map { .withdrawn($0) }
    }

    static let withdrawnWords = " (withdrawn: not known any more)"

    /// The condition does not hold now.
    private mutating func settle(_ key: Key, patience: Duration, now: Duration, at time: WallTime) -> AlertChange? {
        guard let entry = standing[key] else { return nil }
        guard !entry.raised || now - entry.lastTrue >= patience else { return nil }
        return clear(key, at: time)
    }

    private mutating func clear(_ key: Key, at time: WallTime) -> AlertChange? {
        end(key, at: time).map { .cleared($0) }
    }

    private mutating func end(_ key: Key, at time: WallTime, adding words: String = "") -> Alert? {
        guard let entry = standing.removeValue(forKey: key), entry.raised else { return nil }
        var alert = entry.alert
        alert.clearedAt = time
        alert.message += words
        alert.isWithdrawn = !words.isEmpty
        past.insert(alert, at: 0)
        if past.count > 100 { past.removeLast() }
        return alert
    }
}
