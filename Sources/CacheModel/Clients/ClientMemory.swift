internal import RedisValues

/// The latest look at the clients, what it is compared with, and what the looks before have found.
public struct ClientMemory: Equatable, Sendable {
    /// nil before the first look.
    public private(set) var latest: ClientLook?
    /// How many looks came before the latest one, in a row.
    public private(set) var looks = 0
    /// Between the latest look and the one before; nil where there is nothing to compare with.
    private var seconds: Double?
    private var baselines: [String: ClientBaseline] = [:]
    /// By node, and of all of them together.
    private var tracks: [Scope: [ClientGroup.ID: ClientTrack]] = [:]
    private var churns: [Scope: ClientChurn] = [:]

    private enum Scope: Hashable { case all, node(String) }

    public init() {}

    /// What one look alone tells.
    public init(_ look: ClientLook) { note(look) }

    /// Takes in a look. For tens of thousands of connections that takes a while: it is nothing to do between two keys.
    public mutating func note(_ look: ClientLook) {
        if let latest, look.elapsed <= latest.elapsed { return }
        let before = latest
        latest = look
        seconds = before.map { (look.elapsed - $0.elapsed) / .seconds(1) }
        baselines = (before?.entries ?? [:]).filter { look.entries[$0.key] != nil }.mapValues(ClientBaseline.init)
            .filter { $0.value.isSameProcess(look.entries[$0.key] ?? []) }
        // A sum over other nodes than before is not compared.
        let goesOn = before.map { Set($0.entries.keys) } == Set(baselines.keys) && baselines.count == look.entries.count
        looks = goesOn ? looks + 1 : 0
        let past = (tracks: tracks, churns: churns)
        (tracks, churns) = ([:], [:])
        var sum = ClientCounts()
        for (address, entries) in look.entries {
            let baseline = baselines[address]
            let counts = ClientCounts(entries, since: baseline.map { (before?.entries[address] ?? [], $0) })
            sum.add(counts)
            keep(counts, of: .node(address), after: baseline == nil ? nil : past)
        }
        keep(sum, of: .all, after: goesOn ? past : nil)
    }

    /// - Parameter past: nil where nothing is compared.
    private mutating func keep(
        _ counts: ClientCounts, of scope: Scope,
        after past: (tracks: [Scope: [ClientGroup.ID: ClientTrack]], churns: [Scope: ClientChurn])?
    ) {
        let before = past?.tracks[scope]
        var kept: [ClientGroup.ID: ClientTrack] = [:]
        kept.reserveCapacity(counts.groups.count)
        for (id, count) in counts.groups {
            var track = before?[id] ?? ClientTrack()
            track.note(connections: count.connections, gone: count.gone, busy: count.busy)
            kept[id] = track
        }
        // Of what opens and closes all the time, many a look sees none.
        for (id, track) in before ?? [:] where kept[id] == nil {
            var track = track
            track.note(connections: 0, gone: 0, busy: 0)
            if track.isSeen { kept[id] = track }
        }
        tracks[scope] = kept
        guard let past, let seconds else { return }
        var churn = past.churns[scope] ?? ClientChurn()
        churn.note(gone: counts.gone, unseen: counts.unseen, seconds: seconds)
        churns[scope] = churn
    }

    /// The groups of the latest look, clients first, the largest ones first.
    ///
    /// - Parameter node: of connections that lead to it; nil for all nodes.
    public func groups(by grouping: ClientGrouping, on node: String? = nil) -> [ClientGroup] {
        let scope = node.map { Scope.node($0) } ?? .all
        let churn = churns[scope]
        return tallies(by: grouping, on: node).map { tally in
            var group = tally.finished(seconds: seconds)
            let track = tracks[scope]?[group.id]
            let opened = track.flatMap { track in churn?.rate(of: track) }
            group.remarks = ClientRemarks.of(group, tally, track, opened: opened)
            return group
        }.sorted(by: ClientGroup.precedes)
    }

    private func tallies(by grouping: ClientGrouping, on node: String?) -> [ClientTally] {
        var places: [ClientGroup.ID: Int] = [:]
        var tallies: [ClientTally] = []
        for (address, entries) in latest?.entries ?? [:] where node == nil || node == address {
            let before = baselines[address]
            for entry in entries {
                let id = ClientGroup.ID(grouping, ClientParty(of: entry), grouping.label(of: entry))
                let place = places[id] ?? tallies.count
                if place == tallies.count {
                    places[id] = place
                    tallies.append(ClientTally(id))
                }
                tallies[place].add(entry, of: address, before: before, seconds: seconds ?? 0)
            }
        }
        return tallies
    }
}
