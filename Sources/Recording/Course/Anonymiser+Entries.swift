internal import CacheModel
internal import RedisValues

extension Anonymiser {
    mutating func clean(_ entry: RecordEntry) -> RecordEntry {
        switch entry {
        case .header, .end: return entry
        case .snapshot(let snapshot): return .snapshot(clean(snapshot))
        case .namespaces(let report): return .namespaces(clean(report))
        case .clients(let look): return .clients(clean(look))
        case .counters(let report): return .counters(clean(report))
        case .slow(let log):
            return .slow(RecordedSlowlog(node: address(log.node), ids: log.ids, new: log.new.map { clean($0) }))
        case .alert(let change): return .alert(RecordedAlert(change.change, clean(change.alert)))
        case .action(let action): return .action(clean(action))
        case .mark(let words): return .mark(text(words))
        case .gap(let gap): return .gap(RecordedGap(since: gap.since, why: text(gap.why)))
        }
    }

    private mutating func clean(_ snapshot: Snapshot) -> Snapshot {
        var snapshot = snapshot
        snapshot.target = target(snapshot.target)
        for index in snapshot.nodes.indices { clean(&snapshot.nodes[index]) }
        if var sum = snapshot.sum {
            let address = sum.address
            clean(&sum)
            sum.address = address
            snapshot.sum = sum
        }
        snapshot.topology = snapshot.topology.map { clean($0) }
        if var check = snapshot.revocations {
            check.lost = check.lost.map { id($0) }
            check.unanswered = check.unanswered.map { $0.map { id($0) } }
            check.refused = check.refused.map { text($0) }
            check.problem = check.problem.map { text($0) }
            snapshot.revocations = check
        }
        snapshot.counters = snapshot.counters.map { clean($0) }
        return snapshot
    }

    private mutating func clean(_ report: CounterReport) -> CounterReport {
        var report = report
        for index in report.services.indices { report.services[index].name = name(report.services[index].name) }
        for index in report.lines.indices { report.lines[index].service = name(report.lines[index].service) }
        return report
    }

    private mutating func clean(_ node: inout NodeSnapshot) {
        node.address = address(node.address)
        node.user = node.user.map { name($0) }
        node.refusal = node.refusal.map { clean($0) }
        node.denied = node.denied.map { clean($0) }
        for index in node.unanswered.indices { node.unanswered[index].words = text(node.unanswered[index].words) }
        node.warnings = texts(node.warnings)
        guard var info = node.info else { return }
        info.server.runID = info.server.runID.map { id($0) }
        info.replication.primaryHost = info.replication.primaryHost.map { host($0) }
        for index in info.replication.replicas.indices {
            info.replication.replicas[index].address = address(info.replication.replicas[index].address)
        }
        // Numbers are of nobody; paths and ids may be.
        info.unknown = info.unknown.filter { Double($0.value) != nil }
        node.info = info
    }

    private mutating func clean(_ refusal: Refusal) -> Refusal { Refusal(refusal.kind, detail: text(refusal.detail)) }

    private mutating func clean(_ denied: DeniedCommand) -> DeniedCommand {
        DeniedCommand(command: denied.command, needs: denied.needs, words: denied.words.map { text($0) })
    }

    private mutating func clean(_ topology: Topology) -> Topology {
        var topology = topology
        topology.cluster = topology.cluster.map { clean($0) }
        if var sentinel = topology.sentinel {
            sentinel.service = name(sentinel.service)
            sentinel.primary = sentinel.primary.map { address($0) }
            sentinel.down = sentinel.down.map { address($0) }
            for index in sentinel.watches.indices {
                var watch = sentinel.watches[index]
                watch.address = address(watch.address)
                watch.answer.refusal = watch.answer.refusal.map { clean($0) }
                watch.answer.view = watch.answer.view.map { clean($0) }
                sentinel.watches[index] = watch
            }
            topology.sentinel = sentinel
        }
        return topology
    }

    private mutating func clean(_ view: SentinelView) -> SentinelView {
        var view = view
        view.primary.address = address(view.primary.address)
        for index in view.replicas.indices { view.replicas[index].address = address(view.replicas[index].address) }
        for index in view.sentinels.indices { view.sentinels[index].address = address(view.sentinels[index].address) }
        view.complaint = view.complaint.map { text($0) }
        return view
    }

    private mutating func clean(_ map: ClusterMap) -> ClusterMap {
        var shards: [ClusterMap.Shard] = []
        for shard in map.shards {
            var clean = shard
            clean.primary = shard.primary.map { self.clean($0) }
            clean.replicas = shard.replicas.map { self.clean($0) }
            shards.append(clean)
        }
        var clean = ClusterMap(shards: shards)
        (clean.isUp, clean.epoch) = (map.isUp, map.epoch)
        (clean.assignedSlots, clean.failingSlots) = (map.assignedSlots, map.failingSlots)
        return clean
    }

    private mutating func clean(_ node: ClusterMap.Node) -> ClusterMap.Node {
        ClusterMap.Node(id: id(node.id), address: address(node.address), health: node.health)
    }

    private mutating func clean(_ report: NamespaceReport) -> NamespaceReport {
        var report = report
        for index in report.items.indices { clean(&report.items[index]) }
        for index in report.discovered.indices { clean(&report.discovered[index]) }
        clean(&report.rest)
        if var remainder = report.remainder {
            clean(&remainder)
            report.remainder = remainder
        }
        report.denied = report.denied.map { clean($0) }
        report.refusal = report.refusal.map { clean($0) }
        return report
    }

    private func clean(_ usage: inout NamespaceUsage) {
        for index in usage.biggest.indices { usage.biggest[index].key = key(usage.biggest[index].key) }
        for index in usage.breaches.indices { usage.breaches[index].key = key(usage.breaches[index].key) }
    }

    private mutating func clean(_ look: ClientLook) -> ClientLook {
        var clean = ClientLook(takenAt: look.takenAt, elapsed: look.elapsed, leftOut: look.leftOut)
        for (node, entries) in look.entries.sorted(by: { $0.key < $1.key }) {
            clean.entries[address(node)] = entries.map { entry in
                var entry = entry
                // Sentinels are known by their name.
                entry.name = entry.kind == .sentinel ? "sentinel-\(id(entry.name))-cmd" : name(entry.name)
                (entry.address, entry.user) = (address(entry.address), entry.user.map { name($0) })
                return entry
            }
        }
        for (node, refusal) in look.refused.sorted(by: { $0.key < $1.key }) {
            clean.refused[address(node)] = self.clean(refusal)
        }
        return clean
    }

    private mutating func clean(_ entry: SlowlogEntry) -> SlowlogEntry {
        SlowlogEntry(
            id: entry.id, at: entry.at, duration: entry.duration,
            command: Array(entry.command.prefix(1)) + entry.command.dropFirst().map { argument($0) },
            client: address(entry.client), clientName: name(entry.clientName), script: entry.script)
    }

    private mutating func clean(_ alert: Alert) -> Alert {
        var alert = alert
        alert.node = alert.node.map { address($0) }
        // Whom it names is known in its sentences from now on.
        switch alert.about {
        case .key(let key): alert.about = .key(self.key(key))
        case .clients(let clients): alert.about = .clients(group(clients))
        case .namespace, .prefix, nil: break
        }
        if let culprit = alert.culprit, culprit.kind == .clientGroup { _ = group(culprit.name) }
        alert.message = text(alert.message)
        alert.remedy = texts(alert.remedy)
        alert.evidence = texts(alert.evidence)
        alert.culprit = alert.culprit?.rewritten { text($0) }
        return alert
    }

    private mutating func clean(_ action: RecordedAction) -> RecordedAction {
        var action = action
        if !classifies(action.scope) { action.scope = hashed(action.scope) ?? key(action.scope) }
        for (name, value) in action.details { action.details[name] = detail(name, value) }
        return action
    }

    /// A member of the audit's line. What is neither a figure nor known to be harmless is hashed.
    private mutating func detail(_ name: String, _ value: String) -> String {
        switch name {
        case "layout", "for_good", "readmits", "replace", "unchanged": value
        case "server": target(value)
        case "reason", "words": text(value)
        // An id may be a number.
        case "token_ids", "run_id", "user": Self.list(value) { id($0) }
        case _ where Double(value) != nil: value
        case "keys": Self.list(value) { key(String($0)) }
        default: id(value)
        }
    }

    private static func list(_ value: String, _ change: (Substring) -> String) -> String {
        value.split(separator: ",").map { change($0.drop { $0 == " " }) }.joined(separator: ", ")
    }
}
