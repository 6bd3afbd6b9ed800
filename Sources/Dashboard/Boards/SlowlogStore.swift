internal import CacheModel

/// One slow query of a node.
struct SlowlogRow: Equatable, Sendable {
    var node: String
    var entry: SlowlogEntry
    /// Entries that ran out of the server's ring before they were seen, just before this one.
    var lostBefore = 0
    /// How far its server's clock is ahead of ours.
    var clockAhead = Duration.zero
    /// Restarts of the server that were seen before this entry; ids begin anew with each.
    var generation = 0

    /// By our clock.
    var happenedAt: WallTime {
        let milliseconds = (clockAhead / .milliseconds(1)).whole
        return WallTime(milliseconds: entry.at.milliseconds -| Int64(milliseconds))
    }

    func isSame(as other: SlowlogRow) -> Bool {
        node == other.node && generation == other.generation && entry.id == other.entry.id
    }
}

/// One line of the slow-log screen.
enum SlowlogLine: Equatable, Sendable {
    case entry(SlowlogRow)
    /// Ids that were never seen.
    case gap(node: String, ids: ClosedRange<Int>)

    var row: SlowlogRow? {
        if case .entry(let row) = self { row } else { nil }
    }
}

/// The slow logs of all nodes, kept beyond the servers' own rings. How many are new is known to the alerts.
struct SlowlogStore: Sendable {
    static let capacity = 1000

    /// Newest first.
    private(set) var rows: [SlowlogRow] = []
    /// The rows, and between them what is missing.
    private(set) var lines: [SlowlogLine] = []
    /// Another one with every change of ``rows``.
    private(set) var version = 0
    private var logs: [String: NodeSlowlog] = [:]

    mutating func record(_ snapshot: Snapshot) {
        var changed = false
        for node in snapshot.nodes {
            guard let entries = node.slowlog else { continue }
            let hasNew = logs[node.address, default: NodeSlowlog()].record(
                entries, of: node.address, by: node.info.map(ServerIdentity.init),
                clockAhead: node.late == nil ? node.clockAhead(of: snapshot.takenAt) : nil)
            changed = changed || hasNew
        }
        if changed { merge() }
    }

    /// The order of one node is that of its ids; several nodes are merged by time.
    private mutating func merge() {
        version += 1
        if logs.count == 1, let only = logs.values.first {
            rows = only.rows
        } else {
            rows = logs.values.flatMap(\.rows).sorted {
                ($1.happenedAt, $0.node, $1.generation, $1.entry.id)
                    < ($0.happenedAt, $1.node, $0.generation, $0.entry.id)
            }
        }
        if rows.count > Self.capacity { rows.removeLast(rows.count - Self.capacity) }
        lines = rows.flatMap { row -> [SlowlogLine] in
            guard row.lostBefore > 0 else { return [.entry(row)] }
            return [.entry(row), .gap(node: row.node, ids: row.entry.id - row.lostBefore...row.entry.id - 1)]
        }
    }
}

/// The slow log of one node over its restarts.
private struct NodeSlowlog: Sendable {
    /// Newest first.
    private(set) var rows: [SlowlogRow] = []
    private var generation = 0
    private var server: ServerIdentity?
    private var clockAhead = Duration.zero
    /// Of this generation.
    private var seen: Set<Int> = []
    private var newest: Int?
    /// What the capacity has pushed out does not come back.
    private var floor = Int.min

    /// - Returns: true where some were not known.
    mutating func record(
        _ entries: [SlowlogEntry], of node: String, by server: ServerIdentity?, clockAhead: Duration?
    ) -> Bool {
        self.clockAhead = clockAhead ?? self.clockAhead
        let highest = entries.map(\.id).max()
        if beginsAnew(server, highest: highest) {
            generation += 1
            (seen, newest, floor) = ([], nil, .min)
        }
        self.server = server ?? self.server
        let fresh = entries.filter { $0.id >= floor && !seen.contains($0.id) }
        guard !fresh.isEmpty else { return false }
        seen.formUnion(fresh.map(\.id))
        newest = highest ?? newest
        rows =
            (fresh.map { SlowlogRow(node: node, entry: $0, clockAhead: self.clockAhead, generation: generation) } + rows)
            .sorted {
                ($1.generation, $1.entry.id) < ($0.generation, $0.entry.id)
            }
        trim()
        countLost()
        return true
    }

    /// Another process, or ids that begin anew, where the server does not say who it is.
    private func beginsAnew(_ server: ServerIdentity?, highest: Int?) -> Bool {
        if let server, let known = self.server, server.isOtherProcess(than: known) { return true }
        guard let highest, let newest else { return false }
        return highest < newest
    }

    private mutating func trim() {
        guard rows.count > SlowlogStore.capacity else { return }
        rows.removeLast(rows.count - SlowlogStore.capacity)
        guard let last = rows.last, last.generation == generation else { return }
        floor = last.entry.id
        seen = seen.filter { $0 >= floor }
    }

    private mutating func countLost() {
        for index in rows.indices {
            let older = index + 1 < rows.count ? rows[index + 1] : nil
            guard let older, older.generation == rows[index].generation else {
                rows[index].lostBefore = 0
                continue
            }
            // Hostile ids may lie as far apart as numbers go.
            let (distance, overflow) = rows[index].entry.id.subtractingReportingOverflow(older.entry.id)
            rows[index].lostBefore = overflow ? 0 : max(0, distance - 1)
        }
    }
}
