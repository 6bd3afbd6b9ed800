internal import RedisValues

/// What the connections of a group add up to.
struct ClientTally {
    private(set) var group: ClientGroup
    /// Opened since the look before.
    private(set) var new = 0
    /// There at the look before, and of these those that have done something since.
    private(set) var old = 0
    private(set) var active = 0
    private(set) var nameless = 0
    /// Those that wait for what they have asked for: it is no wonder that they are idle.
    private(set) var waiting = 0
    private var isCompared = true
    private var (commands, bytesIn, bytesOut): (Int?, Int?, Int?) = (0, 0, 0)
    private var (knowsIdle, knowsAge) = (true, true)
    private var (busy, idleLong) = (0, 0)
    private var hosts: Set<String> = []
    private var asked: [String: Int] = [:]

    init(_ id: ClientGroup.ID) {
        group = ClientGroup(id: id)
        (group.unread, group.memory) = (0, 0)
    }

    static let longIdle = 600

    /// - Parameters:
    ///   - before: of its node; nil where there is nothing to compare with.
    ///   - seconds: since then.
    mutating func add(_ entry: ClientEntry, of node: String, before: ClientBaseline?, seconds: Double) {
        group.connections += 1
        let kind = entry.kind
        group.kinds[kind, default: 0] += 1
        if group.nodes.last != node { group.nodes.append(node) }
        if entry.isBlocked { group.blocked +|= 1 }
        if entry.isBlocked || kind != .client { waiting += 1 }
        if entry.name.isEmpty { nameless += 1 }
        hosts.insert(entry.host)
        if let command = entry.command { asked[command, default: 0] += 1 }
        if let idle = entry.idle {
            if idle < 1 { busy += 1 }
            if idle > Self.longIdle { idleLong += 1 }
        } else {
            knowsIdle = false
        }
        if let age = entry.age { group.oldest = max(group.oldest ?? 0, age) } else { knowsAge = false }
        Self.add(entry.outputBuffer, to: &group.unread)
        Self.add(entry.memory, to: &group.memory)
        compare(entry, before, seconds)
    }

    private mutating func compare(_ entry: ClientEntry, _ before: ClientBaseline?, _ seconds: Double) {
        guard let before else { return isCompared = false }
        let past = before.totals(of: entry)
        func rise(_ now: Int?, _ then: Int??) -> Int? {
            guard let now else { return nil }
            guard let then else { return max(0, now) }
            return then.map { max(0, now -| $0) }
        }
        let asked = rise(entry.totalCommands, past.map(\.commands))
        Self.add(asked, to: &commands)
        Self.add(rise(entry.totalIn, past.map(\.bytesIn)), to: &bytesIn)
        Self.add(rise(entry.totalOut, past.map(\.bytesOut)), to: &bytesOut)
        guard past != nil else { return new += 1 }
        old += 1
        let isActive = asked.map { $0 > 0 } ?? entry.idle.map { Double($0) < seconds } ?? true
        if isActive { active += 1 }
    }

    private static func add(_ figure: Int?, to sum: inout Int?) {
        sum = figure.flatMap { figure in sum.map { $0 +| figure } }
    }

    /// - Parameter seconds: between the two looks; nil where there is one.
    func finished(seconds: Double?) -> ClientGroup {
        var group = group
        (group.busy, group.idleLong) = knowsIdle ? (busy, idleLong) : (nil, nil)
        if !knowsAge { group.oldest = nil }
        group.addresses = hosts.count
        group.nodes = Set(group.nodes).sorted()
        group.command = asked.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        guard let seconds, seconds > 0, isCompared else { return group }
        group.newPerMinute = Double(new) / seconds * 60
        group.commands = commands.map { Double($0) / seconds }
        group.bytesIn = bytesIn.map { Double($0) / seconds }
        group.bytesOut = bytesOut.map { Double($0) / seconds }
        return group
    }
}
