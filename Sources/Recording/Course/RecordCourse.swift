public import CacheModel
internal import RedisValues

/// Says which lines are written of what is seen: each thing once, and so that each segment can be read alone.
public struct RecordCourse: Sendable {
    private var header: RecordHeader
    private var namespaces: NamespaceReport?
    /// When the look at the clients was made that was written last.
    private var clients: Duration?
    /// What stores have counted, as it was written last.
    private var counters: CounterReport?
    private var slowlogs: [String: Slowlog] = [:]
    /// When all that a node's INFO has was written last.
    private var told: [String: Duration] = [:]
    /// Raised alerts as they were written last.
    private var standing: [AlertKey: Alert] = [:]
    private var anonymiser: Anonymiser?

    private struct AlertKey: Hashable {
        var id: Alert.ID
        var node: String?

        init(_ alert: Alert) { (id, node) = (alert.id, alert.node) }
    }

    private struct Slowlog {
        var ids: [Int] = []
        var entries: [Int: SlowlogEntry] = [:]
    }

    /// Fields of INFO that nothing is worked out of, more than half of a line, are this far apart.
    static let betweenUnnamed = Duration.seconds(60)
    /// Looks at clients are this far apart at least.
    static let betweenLooks = Duration.seconds(10)
    /// So much longer for each connection: a look at 5,000 is a megabyte.
    static let perConnection = Duration.milliseconds(40)

    /// - Parameter salt: hashes ids, addresses and names where the header says so; never written.
    public init(_ header: RecordHeader, salt: [UInt8] = []) {
        self.header = header
        guard header.isAnonymous else { return }
        var anonymiser = Anonymiser(salt: salt, classifier: header.classifier)
        self.header.target = anonymiser.target(header.target)
        self.anonymiser = anonymiser
    }

    /// The first lines of a segment, also of one that goes on after a pause: what was written before is not relied on.
    public mutating func beginSegment() -> [RecordEntry] {
        (clients, counters, slowlogs, told) = (nil, nil, [:], [:])
        let alerts = standing.values.sorted {
            ($0.since, $0.id.rawValue, $0.node ?? "") < ($1.since, $1.id.rawValue, $1.node ?? "")
        }
        return [.header(header)] + (namespaces.map { [.namespaces($0)] } ?? [])
            + alerts.map { .alert(RecordedAlert(.standing, $0)) }
    }

    /// - Parameters:
    ///   - changes: of the alerts, that the snapshot has made.
    ///   - raised: all that stand after it.
    public mutating func note(_ snapshot: Snapshot, _ changes: [AlertChange], raised: [Alert]) -> [RecordEntry] {
        var entries: [RecordEntry] = []
        if let report = snapshot.namespaces { entries += note(report) }
        // Who an alert is about is seen best in the look that it was raised by.
        let isAlerting = changes.contains { if case .raised = $0 { true } else { false } }
        if let look = snapshot.clients { entries += note(look, isWanted: isAlerting) }
        var rest = snapshot
        (rest.namespaces, rest.clients) = (nil, nil)
        if let report = snapshot.counters {
            rest.counters?.services = []
            rest.counters?.lines = []
            entries += note(report)
        }
        for index in rest.nodes.indices {
            shorten(&rest.nodes[index], at: snapshot.elapsed)
            guard let log = rest.nodes[index].slowlog else { continue }
            rest.nodes[index].slowlog = []
            if let line = slow(log, of: rest.nodes[index].address) { entries.append(line) }
        }
        forgetOthers(than: rest.nodes)
        entries.append(clean(.snapshot(rest)))
        return entries + alerts(changes, raised)
    }

    /// A look at the keyspace; one that is not over yet is none.
    public mutating func note(_ report: NamespaceReport) -> [RecordEntry] {
        guard report.complete || report.refusal != nil else { return [] }
        // It comes again with each snapshot.
        if let namespaces,
            (namespaces.takenAt, namespaces.elapsed, namespaces.examined)
                == (report.takenAt, report.elapsed, report.examined)
        {
            return []
        }
        guard case .namespaces(let clean) = clean(.namespaces(report)), clean != namespaces else { return [] }
        namespaces = clean
        return [.namespaces(clean)]
    }

    /// - Parameter isWanted: it is written whenever the last one was.
    public mutating func note(_ look: ClientLook, isWanted: Bool = false) -> [RecordEntry] {
        if let clients {
            let pause = max(Self.betweenLooks, Self.perConnection * look.count)
            // A poll may come a little early.
            guard look.elapsed > clients, isWanted || look.elapsed - clients >= pause - .milliseconds(500) else {
                return []
            }
        }
        clients = look.elapsed
        var look = look
        for (node, entries) in look.entries {
            look.entries[node] = entries.map { entry in
                var entry = entry
                // Nothing shows them.
                entry.other = [:]
                return entry
            }
        }
        return [clean(.clients(look))]
    }

    /// Alerts whose culprit or evidence is known better now, without a snapshot.
    public mutating func note(raised: [Alert]) -> [RecordEntry] { alerts([], raised) }

    /// What has no state: marks, actions, gaps, and the end.
    public mutating func note(_ entry: RecordEntry) -> RecordEntry { clean(entry) }

    private mutating func note(_ report: CounterReport) -> [RecordEntry] {
        var report = report
        (report.serverHits, report.serverMisses) = (nil, nil)
        guard report != counters else { return [] }
        counters = report
        return [clean(.counters(report))]
    }

    private mutating func slow(_ log: [SlowlogEntry], of node: String) -> RecordEntry? {
        let before = slowlogs[node]
        let new = log.filter { before?.entries[$0.id] != $0 }
        let ids = log.map(\.id)
        guard before == nil || !new.isEmpty || before?.ids != ids else { return nil }
        slowlogs[node] = Slowlog(ids: ids, entries: Dictionary(log.map { ($0.id, $0) }) { first, _ in first })
        return clean(.slow(RecordedSlowlog(node: node, ids: ids, new: new.map(\.withoutValues))))
    }

    private mutating func shorten(_ node: inout NodeSnapshot, at now: Duration) {
        guard let unknown = node.info?.unknown, !unknown.isEmpty else { return }
        guard let last = told[node.address], now >= last, now - last < Self.betweenUnnamed else {
            return told[node.address] = now
        }
        node.info?.unknown = unknown.filter { UnnamedFields.used.contains($0.key) }
    }

    private mutating func forgetOthers(than nodes: [NodeSnapshot]) {
        guard max(slowlogs.count, told.count) > nodes.count else { return }
        let known = Set(nodes.map(\.address))
        slowlogs = slowlogs.filter { known.contains($0.key) }
        told = told.filter { known.contains($0.key) }
    }

    private mutating func alerts(_ changes: [AlertChange], _ raised: [Alert]) -> [RecordEntry] {
        var entries = changes.map { write(RecordedAlert($0)) }
        for alert in raised {
            let explained = clean(RecordedAlert(.explained, alert)).alert
            let known = standing[AlertKey(explained)]
            guard known?.culprit != explained.culprit || known?.evidence != explained.evidence else {
                entries += word(explained, as: known)
                continue
            }
            entries.append(write(RecordedAlert(known == nil ? .standing : .explained, alert)))
        }
        // Where a change was not seen, as while nothing could be written.
        var stand: Set<AlertKey> = []
        for alert in raised { stand.insert(AlertKey(clean(RecordedAlert(.standing, alert)).alert)) }
        for (key, alert) in standing where !stand.contains(key) {
            standing[key] = nil
            entries.append(.alert(RecordedAlert(.cleared, alert)))
        }
        return entries
    }

    /// A poll changes no more than a figure, and its line is short.
    private mutating func word(_ alert: Alert, as known: Alert?) -> [RecordEntry] {
        guard let known, known.message != alert.message || known.value != alert.value else { return [] }
        standing[AlertKey(alert)] = alert
        return [
            .alert(
                RecordedAlert(
                    .worded,
                    Alert(
                        id: alert.id, level: alert.level, node: alert.node, message: alert.message, value: alert.value,
                        since: alert.since)))
        ]
    }

    private mutating func write(_ change: RecordedAlert) -> RecordEntry {
        let clean = clean(change)
        let key = AlertKey(clean.alert)
        switch change.change {
        case .raised, .changed, .explained, .standing, .worded: standing[key] = clean.alert
        case .cleared, .withdrawn: standing[key] = nil
        }
        return .alert(clean)
    }

    private mutating func clean(_ change: RecordedAlert) -> RecordedAlert {
        guard case .alert(let clean) = clean(.alert(change)) else { return change }
        return clean
    }

    private mutating func clean(_ entry: RecordEntry) -> RecordEntry { anonymiser?.clean(entry) ?? entry }
}
