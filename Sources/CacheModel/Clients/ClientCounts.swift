internal import RedisValues

/// How many connections there are in each group, whichever way they are grouped: what is remembered of each look.
struct ClientCounts {
    struct Count {
        var connections = 0
        /// There at the look before, and closed since.
        var gone = 0
        /// nil where a server does not tell.
        var busy: Int? = 0

        mutating func add(_ other: Count) {
            connections += other.connections
            gone += other.gone
            busy = busy.flatMap { busy in other.busy.map { busy + $0 } }
        }
    }

    private(set) var groups: [ClientGroup.ID: Count] = [:]
    private(set) var gone = 0
    /// Opened since the look before and closed again.
    private(set) var unseen = 0

    init() {}

    /// - Parameter before: the look before; nil where there is nothing to compare with.
    init(_ entries: [ClientEntry], since before: (entries: [ClientEntry], baseline: ClientBaseline)?) {
        for entry in entries {
            count(entry, Count(connections: 1, busy: entry.idle.map { $0 < 1 ? 1 : 0 }))
        }
        guard let before else { return }
        unseen = before.baseline.unseen(entries)
        let now = ClientBaseline(entries)
        for entry in before.entries where now.totals(of: entry) == nil {
            gone += 1
            count(entry, Count(gone: 1))
        }
    }

    private mutating func count(_ entry: ClientEntry, _ count: Count) {
        let party = ClientParty(of: entry)
        for grouping in ClientGrouping.allCases {
            groups[ClientGroup.ID(grouping, party, grouping.label(of: entry)), default: Count()].add(count)
        }
    }

    mutating func add(_ other: ClientCounts) {
        for (id, count) in other.groups { groups[id, default: Count()].add(count) }
        (gone, unseen) = (gone + other.gone, unseen +| other.unseen)
    }
}
