internal import RedisValues

/// What connections had counted at the look before, of one node.
struct ClientBaseline: Equatable, Sendable {
    struct Totals: Equatable, Sendable {
        var address: String
        var commands: Int?
        var bytesIn: Int?
        var bytesOut: Int?
    }

    private var totals: [Int: Totals] = [:]
    private var highest = 0

    init(_ entries: [ClientEntry]) {
        totals.reserveCapacity(entries.count)
        for entry in entries {
            highest = max(highest, entry.id)
            totals[entry.id] = Totals(
                address: entry.address, commands: entry.totalCommands, bytesIn: entry.totalIn, bytesOut: entry.totalOut)
        }
    }

    /// Of the same connection; nil for one that was opened since.
    func totals(of entry: ClientEntry) -> Totals? {
        totals[entry.id].flatMap { $0.address == entry.address ? $0 : nil }
    }

    /// Whether it is the same server process: our own connections at least are there still.
    func isSameProcess(_ entries: [ClientEntry]) -> Bool { entries.contains { totals(of: $0) != nil } }

    /// Connections that were opened since and are gone: ids rise by one.
    func unseen(_ entries: [ClientEntry]) -> Int {
        let new = entries.count { totals(of: $0) == nil }
        let opened = (entries.map(\.id).max() ?? highest) -| highest
        return max(0, min(Self.most, opened) - new)
    }

    /// More between two looks are not counted but damaged.
    private static let most = 10_000_000
}
