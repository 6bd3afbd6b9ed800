internal import CacheModel

/// One line of the slow-log screen.
struct SlowlogRow: Equatable, Sendable {
    var node: String
    var entry: SlowlogEntry
    /// Entries that ran out of the server's ring before they were seen, just before this one.
    var lostBefore = 0
}

/// The slow logs of all nodes, kept beyond the servers' own rings.
struct SlowlogStore: Sendable {
    static let capacity = 1000

    /// Newest first.
    private(set) var rows: [SlowlogRow] = []
    private var newest: [String: Int] = [:]
    /// Entries that were new with each snapshot of the last minute.
    private var arrivals: [(at: Duration, count: Int)] = []

    /// Entries of the last minute.
    var recent: Int { arrivals.reduce(0) { $0 + $1.count } }

    mutating func record(_ snapshot: Snapshot) {
        arrivals.removeAll { snapshot.elapsed - $0.at > .seconds(60) }
        for node in snapshot.nodes {
            if let entries = node.slowlog { record(entries, of: node.address, in: snapshot) }
        }
    }

    private mutating func record(_ entries: [SlowlogEntry], of node: String, in snapshot: Snapshot) {
        let known = newest[node]
        let highest = entries.map(\.id).max()
        // Ids begin anew when the server restarts.
        if let known, let highest, highest < known { newest[node] = nil }
        let threshold = newest[node]
        let fresh = entries.filter { entry in threshold.map { entry.id > $0 } ?? true }.sorted { $0.id < $1.id }
        var previous = threshold
        for entry in fresh {
            let lost = previous.map { Self.between($0, entry.id) } ?? 0
            rows.insert(SlowlogRow(node: node, entry: entry, lostBefore: lost), at: 0)
            previous = entry.id
        }
        if rows.count > Self.capacity { rows.removeLast(rows.count - Self.capacity) }
        // At first sight only what is younger than a minute is news.
        let news = known == nil ? fresh.filter { snapshot.takenAt - $0.at < .seconds(60) } : fresh
        if !news.isEmpty { arrivals.append((snapshot.elapsed, news.count)) }
        newest[node] = highest ?? newest[node]
    }

    /// Ids that lie strictly between two; hostile ones may lie as far apart as numbers go.
    private static func between(_ low: Int, _ high: Int) -> Int {
        let (distance, overflow) = high.subtractingReportingOverflow(low)
        return overflow ? 0 : max(0, distance - 1)
    }
}
