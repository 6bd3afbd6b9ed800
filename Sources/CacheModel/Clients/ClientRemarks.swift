internal import RedisValues

/// What figures say of a group, in the words of an operator.
enum ClientRemarks {
    /// Fewer connections are no leak, and none too many.
    private static let leastLeak = 5
    private static let leastPool = 20
    /// So many looks make a rise, and let a pool be called never busy.
    private static let risingLooks = 5
    private static let poolLooks = 3
    private static let mostUnread = 1 << 20

    static let namelessWords = "nameless: CLIENT SETNAME"

    /// - Parameters:
    ///   - tally: of ``ClientGroup``'s connections.
    ///   - opened: connections a second that the group opens and closes again; nil where that is not known.
    static func of(_ group: ClientGroup, _ tally: ClientTally, _ track: ClientTrack?, opened: Double?) -> [String] {
        guard group.id.party == .client else { return [] }
        return [
            leak(group, tally, track), unread(group), churn(opened), pool(group, tally, track), nameless(group, tally),
        ].compactMap { $0 }
    }

    private static func leak(_ group: ClientGroup, _ tally: ClientTally, _ track: ClientTrack?) -> String? {
        guard let looks = track?.risingLooks, looks >= risingLooks, group.connections >= leastLeak,
            tally.old > 0, tally.active * 10 <= tally.old, tally.waiting * 4 < group.connections
        else { return nil }
        return "rising for \(looks) looks, \(tally.active == 0 ? "all" : "nearly all") idle: leak"
    }

    private static func unread(_ group: ClientGroup) -> String? {
        guard let unread = group.unread, unread >= mostUnread else { return nil }
        let subscribers = group.kinds[.subscriber] ?? 0
        let limit =
            subscribers * 2 > group.connections
            ? "subscribers are cut off at 32 MiB unless another limit is set"
            : "normal clients have no limit unless one is set"
        return "\(Format.bytes(ByteCount(unread))) of replies unread; \(limit)"
    }

    private static func churn(_ opened: Double?) -> String? {
        opened.map { "opens and closes \(Format.rate($0)) a second: no pool" }
    }

    private static func pool(_ group: ClientGroup, _ tally: ClientTally, _ track: ClientTrack?) -> String? {
        guard let idle = group.idleLong, let track, track.connections.count >= poolLooks, let busy = track.mostBusy,
            group.connections >= leastPool, idle * 4 >= group.connections * 3, busy * 4 <= group.connections,
            tally.waiting * 4 < group.connections
        else { return nil }
        let places = Format.count(group.addresses, "address")
        return "\(Format.count(group.connections)) from \(places), \(Format.count(idle)) idle over 10 min, "
            + "never over \(Format.count(busy)) busy: pool too large"
    }

    private static func nameless(_ group: ClientGroup, _ tally: ClientTally) -> String? {
        group.id.grouping == .name && tally.nameless == group.connections ? namelessWords : nil
    }
}
