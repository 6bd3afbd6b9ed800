/// Which map of a cluster is believed when several of its nodes have told theirs.
///
/// The majority of those that answer says who the cluster is, by the ids of its nodes; among maps of the same nodes the
/// highest epoch counts, and none goes back behind what is known. So a side that is cut off is not believed, and a
/// cluster that was made anew under the same names, with lower epochs, is.
package struct ClusterVote: Sendable {
    /// What one node has told.
    package struct Ballot: Equatable, Sendable {
        /// By which it was asked.
        package let name: String
        package let map: ClusterMap

        package init(name: String, map: ClusterMap) {
            self.name = name
            self.map = map
        }
    }

    /// The map so far; nil before there is one.
    package let known: ClusterMap?

    package init(known: ClusterMap?) { self.known = known }

    /// - Returns: whose map is to be adopted, which may be the one that is known; nil where that is to be kept.
    package func winner(of ballots: [Ballot]) -> Ballot? {
        // Whoever knows of no slots belongs to nobody, or not yet.
        let voters = ballots.filter { $0.map.coveredSlots > 0 }
        guard !voters.isEmpty else { return known == nil ? best(of: ballots) : nil }
        let parties = Dictionary(grouping: voters) { $0.map.nodeIDs }
        let own = known?.nodeIDs
        if let (ids, party) = parties.first(where: { 2 * $0.value.count > voters.count }), ids != own {
            return best(of: party)
        }
        // Without a majority for anybody else, those who have been believed are.
        if let own, let known {
            guard let best = best(of: parties[own] ?? []), best.map.epoch >= known.epoch else { return nil }
            return best
        }
        let largest = parties.values.map(\.count).max()
        return best(of: voters.filter { parties[$0.map.nodeIDs]?.count == largest })
    }

    /// The highest epoch; among equals what most of them say, and the first of those.
    private func best(of ballots: [Ballot]) -> Ballot? {
        let epoch = ballots.map(\.map.epoch).max()
        let latest = ballots.filter { $0.map.epoch == epoch }
        guard latest.count > 1 else { return latest.first }
        let views = latest.map { View($0.map) }
        let votes = Dictionary(views.map { ($0, 1) }, uniquingKeysWith: +)
        let most = votes.values.max()
        return zip(latest, views).first { votes[$1] == most }?.0
    }
}

/// What has to be the same where two say the same: who holds what, and whether it works.
private struct View: Hashable {
    struct Owner: Hashable {
        let id: String
        let slots: [ClosedRange<Int>]
    }

    let owners: [Owner]
    let isUp: Bool

    init(_ map: ClusterMap) {
        owners = map.shards.filter { !$0.slots.isEmpty }.map { Owner(id: $0.primary?.id ?? "", slots: $0.slots) }
        isUp = map.isUp == true
    }
}

extension ClusterMap {
    /// Of all nodes, those without slots and those that are gone among them.
    package var nodeIDs: Set<String> {
        Set(shards.flatMap { [$0.primary].compactMap { $0 } + $0.replicas }.map(\.id))
    }
}
