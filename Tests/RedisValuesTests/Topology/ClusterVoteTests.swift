import RedisValues
import Testing

@Suite struct ClusterVoteTests {
    /// A letter a node: the first is the primary of all slots.
    private static func map(_ ids: String, _ epoch: Int, isUp: Bool = true, slots: Bool = true) -> ClusterMap {
        let nodes = ids.map { ClusterMap.Node(id: String($0), address: "\($0):1") }
        var map = ClusterMap(shards: [
            ClusterMap.Shard(
                slots: slots ? [0...16_383] : [], primary: nodes.first, replicas: Array(nodes.dropFirst()))
        ])
        (map.epoch, map.isUp) = (epoch, isUp)
        return map
    }

    struct Row: CustomStringConvertible {
        var description: String
        var known: ClusterMap?
        var maps: [ClusterMap]
        /// Whose; nil keeps what is known.
        var winner: Int?
    }

    @Test(arguments: [
        Row(
            description: "a fail-over that one has heard of", known: map("abc", 5),
            maps: [map("abc", 5), map("bac", 6), map("abc", 5)], winner: 1),
        Row(
            description: "others have not heard of it yet", known: map("bac", 6), maps: [map("abc", 5), map("abc", 5)]),
        Row(description: "the same again, with other health", known: map("abc", 5), maps: [map("abc", 5)], winner: 0),
        Row(
            description: "made anew with lower epochs", known: map("abc", 57),
            maps: [map("def", 1), map("def", 2), map("def", 1)], winner: 1),
        Row(description: "made anew, and only one is there", known: map("a", 57), maps: [map("ab", 1)], winner: 0),
        Row(
            description: "made anew, and half of it has heard", known: map("abc", 57),
            maps: [map("abc", 57), map("def", 1)], winner: 0),
        Row(
            description: "one that belongs to others", known: map("abc", 5),
            maps: [map("x", 99), map("abc", 5), map("abc", 5)], winner: 1),
        Row(
            description: "two that belong to others, each to its own", known: map("abc", 5),
            maps: [map("x", 99), map("y", 98), map("abc", 5)], winner: 2),
        Row(
            description: "nobody else has a majority, and ours are silent", known: map("abc", 5),
            maps: [map("x", 99), map("y", 98)]),
        Row(
            description: "a node that has joined", known: map("abc", 5),
            maps: [map("abc", 5), map("abcd", 5), map("abcd", 5)], winner: 1),
        Row(
            description: "a node that has joined, and most have not heard", known: map("abc", 5),
            maps: [map("abcd", 6), map("abc", 5), map("abc", 5)], winner: 1),
        Row(
            description: "a side that is cut off, of the same epoch", known: map("abc", 5),
            maps: [map("abc", 5, isUp: false), map("abc", 5), map("abc", 5)], winner: 1),
        Row(
            description: "a side that is cut off, and behind", known: nil,
            maps: [map("abc", 5, isUp: false), map("abc", 5, isUp: false), map("bac", 6)], winner: 2),
        Row(
            description: "a node that was taken out and knows of no slots", known: map("abc", 5),
            maps: [map("x", 0, slots: false)]),
        Row(description: "nodes that have no slots yet", known: nil, maps: [map("ab", 1, slots: false)], winner: 0),
        Row(
            description: "nobody is known, the majority counts", known: nil,
            maps: [map("x", 99), map("abc", 5), map("abc", 5)], winner: 1),
        Row(
            description: "nobody is known, one each: the highest epoch", known: nil,
            maps: [map("abc", 5), map("x", 99)], winner: 1),
        Row(description: "nobody answers", known: map("abc", 5), maps: []),
        Row(description: "nobody answers, and nothing is known", known: nil, maps: []),
    ])
    func mapThatIsBelieved(_ row: Row) {
        let ballots = row.maps.enumerated().map { ClusterVote.Ballot(name: "n\($0):1", map: $1) }
        let winner = ClusterVote(known: row.known).winner(of: ballots)
        #expect(winner == row.winner.map { ballots[$0] })
    }

    /// In whatever order they answer.
    @Test func orderOfAnswersDoesNotMatter() {
        let (old, new) = (Self.map("abc", 5), Self.map("bac", 6))
        for order in [[old, new, old], [new, old, old], [old, old, new]] {
            let ballots = order.enumerated().map { ClusterVote.Ballot(name: "n\($0):1", map: $1) }
            #expect(ClusterVote(known: old).winner(of: ballots)?.map == new)
        }
    }
}
