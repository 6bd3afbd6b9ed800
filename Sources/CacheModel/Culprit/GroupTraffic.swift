internal import RedisValues

/// What the clients of one node have done over the last minutes, by group of names: each look compared with the one
/// before, connection by connection.
struct GroupTraffic: Equatable, Sendable {
    struct Group: Equatable, Sendable {
        var connections = 0
        /// Idle for more than ten minutes.
        var idleLong = 0
        var blocked = 0
        /// Bytes of replies that were not read.
        var unread = 0
        /// There at the look before, and gone.
        var gone = 0
        /// What connections asked last that have asked something of late.
        var asked: [String: Int] = [:]
    }

    private struct Look: Equatable, Sendable {
        var at: Duration
        var groups: [String: Group]
        var connections: Int

        func total(_ figure: (Group) -> Int) -> Int { groups.values.reduce(0) { $0 +| figure($1) } }
    }

    /// A second, where the server counts it.
    private(set) var bytesIn = RateBins()
    private(set) var commands = RateBins()
    /// False where the server does not count what a connection does; nil before it could be seen.
    private(set) var isCounted: Bool?
    private var looks: [Look] = []
    /// The connections of the latest look, by id.
    private var seen: [Int: Seen] = [:]
    /// Of those that are no clients: our own are there as long as it is the same process.
    private var others: Set<Int> = []

    /// What is remembered of a connection.
    private struct Seen: Equatable, Sendable {
        var name: String
        var label: String
        var bytesIn: Int?
        var commands: Int?
    }

    private static let reach = RateBins.window + RateBins.baseline
    /// Groups that are kept of a look, those with the most connections.
    private static let mostGroups = 64
    private static let mostAsked = 8

    /// Ten thousand connections pass here between two keys: each is looked at once, and what it is called is worked out
    /// when it is new.
    mutating func note(_ entries: [ClientEntry], at now: Duration) {
        if let last = looks.last, now - last.at < RateBins.shortest { return }
        let isSame = entries.contains { seen[$0.id] != nil || others.contains($0.id) }
        if !isSame { self = GroupTraffic() }
        let past = looks.last
        let seconds = past.map { (now - $0.at) / .seconds(1) }
        var present: [Int: Seen] = [:]
        present.reserveCapacity(entries.count)
        var (places, tallies) = ([String: Int](), [Tally]())
        var (connections, isCounted) = (0, true)
        others = []
        for entry in entries {
            guard ClientParty(of: entry) == .client else {
                others.insert(entry.id)
                continue
            }
            let before = seen[entry.id]
            let isKnown = before.map { $0.name == entry.name } ?? false
            let label = isKnown ? before?.label ?? "" : ClientGrouping.name.label(of: entry)
            let place = places[label] ?? tallies.count
            if place == tallies.count {
                places[label] = place
                tallies.append(Tally(label: label))
            }
            connections += 1
            tallies[place].group.add(entry, within: seconds)
            if let bytesIn = entry.totalIn, let commands = entry.totalCommands {
                // What was opened since the look before has done all of it since.
                tallies[place].sent += max(0, Double(bytesIn) - Double(before?.bytesIn ?? 0))
                tallies[place].asked += max(0, Double(commands) - Double(before?.commands ?? 0))
            } else {
                isCounted = false
            }
            present[entry.id] = Seen(
                name: entry.name, label: label, bytesIn: entry.totalIn, commands: entry.totalCommands)
        }
        for (id, one) in seen where present[id] == nil {
            let place = places[one.label] ?? tallies.count
            if place == tallies.count {
                places[one.label] = place
                tallies.append(Tally(label: one.label))
            }
            tallies[place].group.gone += 1
        }
        seen = present
        if let past { compare(tallies, isCounted, from: past.at, to: now) }
        keep(
            Dictionary(tallies.map { ($0.label, $0.group) }, uniquingKeysWith: { first, _ in first }), connections,
            at: now)
    }

    /// A group of one look, and what it has done since the look before.
    private struct Tally {
        var label: String
        var group = Group()
        /// Bytes, and commands.
        var sent = 0.0
        var asked = 0.0
    }

    private mutating func compare(_ tallies: [Tally], _ isCounted: Bool, from start: Duration, to now: Duration) {
        self.isCounted = isCounted
        let seconds = (now - start) / .seconds(1)
        guard isCounted, seconds > 0 else { return }
        func rates(_ sum: (Tally) -> Double) -> [String: Double] {
            Dictionary(tallies.map { ($0.label, sum($0) / seconds) }, uniquingKeysWith: +)
        }
        bytesIn.append(rates(\.sent), from: start, to: now)
        commands.append(rates(\.asked), from: start, to: now)
    }

    private mutating func keep(_ groups: [String: Group], _ connections: Int, at now: Duration) {
        var kept = groups
        if kept.count > Self.mostGroups {
            let most = groups.sorted { ($1.value.connections, $0.key) < ($0.value.connections, $1.key) }
            kept = Dictionary(uniqueKeysWithValues: most.prefix(Self.mostGroups).map { ($0.key, $0.value) })
        }
        for (label, group) in kept where group.asked.count > Self.mostAsked {
            let most = group.asked.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.mostAsked)
            kept[label]?.asked = Dictionary(uniqueKeysWithValues: most.map { ($0.key, $0.value) })
        }
        looks.append(Look(at: now, groups: kept, connections: connections))
        looks.removeAll { now - $0.at > Self.reach }
    }

    /// Whether all that it knows is too old to be of use.
    func isOver(at now: Duration) -> Bool { looks.last.map { now - $0.at > Self.reach } ?? true }

    // MARK: who it is

    /// Connections of a group, of all.
    func connections(of label: String) -> (group: Int, all: Int)? {
        looks.last.map { ($0.groups[label]?.connections ?? 0, $0.connections) }
    }

    /// What has grown since the look with the least of it.
    ///
    /// - Returns: nil with one look only.
    func growth(of figure: (Group) -> Int) -> (rises: Rises, over: Duration)? {
        guard let last = looks.last, looks.count > 1,
            let start = looks.dropLast().min(by: { ($0.total(figure), $1.at) < ($1.total(figure), $0.at) })
        else { return nil }
        let rises = last.groups.map { label, group in
            let before = start.groups[label].map(figure) ?? 0
            return Rise(name: label, amount: Estimated(exactly: max(0, figure(group) -| before)))
        }
        let whole = Double(last.total(figure)) - Double(start.total(figure))
        return (Rises(rises, whole: whole), last.at - start.at)
    }

    /// What there is of it now.
    func present(_ figure: (Group) -> Int) -> Rises? {
        guard let last = looks.last, looks.count > 1 else { return nil }
        return Rises(last.groups.map { Rise(name: $0.key, amount: Estimated(exactly: figure($0.value))) })
    }

    /// Of the connections that were closed in the last minute, the group with the most, and how certain its part is: of
    /// those that were opened and closed between two looks nobody knows whose they were.
    func closing(at now: Duration) -> (name: String, part: Estimated, seen: Int)? {
        var gone: [String: Int] = [:]
        for look in looks where now - look.at <= RateBins.window {
            for (label, group) in look.groups where group.gone > 0 { gone[label, default: 0] +|= group.gone }
        }
        let all = gone.values.reduce(0, +|)
        guard let most = gone.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
        return (most.key, ShareInterval.of(hits: most.value, draws: all), most.value)
    }

    /// Who asks for a command, where most connections that have done so of late are of one group: all that is known where
    /// the server does not count what each of them does.
    func asking(for command: String, at now: Duration) -> String? {
        var asked: [String: Int] = [:]
        for look in looks where now - look.at <= RateBins.window {
            for (label, group) in look.groups { asked[label, default: 0] +|= group.asked[command] ?? 0 }
        }
        let all = asked.values.reduce(0, +|)
        guard let most = asked.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), most.value > 0,
            Double(most.value) >= 0.5 * Double(all)
        else { return nil }
        return most.key
    }
}

extension GroupTraffic.Group {
    /// - Parameter seconds: since the look before; nil where there was none.
    fileprivate mutating func add(_ entry: ClientEntry, within seconds: Double?) {
        connections += 1
        if let idle = entry.idle, idle > ClientTally.longIdle { idleLong += 1 }
        if entry.isBlocked { blocked += 1 }
        unread +|= max(0, entry.outputBuffer ?? 0)
        guard let command = entry.command, let idle = entry.idle, Double(idle) <= seconds ?? 10 else { return }
        asked[command, default: 0] += 1
    }
}
