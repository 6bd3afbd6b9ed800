internal import RedisValues

extension NodeSnapshot {
    /// Several nodes as one: what adds up is added, what is the same is kept, the rest is left out.
    ///
    /// - Parameter address: what to call it.
    /// - Returns: nil for no nodes. Nodes that do not answer are missing from the sums, which ``warnings`` says.
    public static func sum(of nodes: [NodeSnapshot], address: String) -> NodeSnapshot? {
        guard !nodes.isEmpty else { return nil }
        var sum = NodeSnapshot(address: address)
        let up = nodes.filter(\.reachable)
        sum.parts = SumParts(counted: up.count, all: nodes.count)
        guard !up.isEmpty else {
            sum.refusal = nodes.compactMap(\.refusal).first
            return sum
        }
        if up.count < nodes.count {
            sum.warnings.append("\(nodes.count - up.count) of \(nodes.count) primaries missing from the sums")
        }
        let late = up.count { ($0.late ?? .zero) >= .seconds(1) }
        if late > 0 {
            sum.warnings.append(
                "\(late) of \(nodes.count) primaries do not answer now: the sums have what they said last")
        }
        sum.warnings += Set(up.flatMap(\.warnings)).sorted()
        sum.keys = total(up, \.keys)
        sum.slowlogLength = total(up, \.slowlogLength)
        sum.roundTrip = up.compactMap(\.roundTrip).max()
        sum.user = same(up, \.user)
        sum.defaultUserOpen = up.contains { $0.defaultUserOpen == true }
        for denied in up.flatMap(\.denied) where !sum.denied.contains(denied) { sum.denied.append(denied) }
        for one in up.flatMap(\.unanswered) where !sum.unanswered.contains(one) { sum.unanswered.append(one) }
        sum.settings = up[0].settings
        sum.info = info(up)
        sum.rates = rates(up)
        sum.commands = commands(up)
        let loads = up.compactMap(\.ownLoad)
        if !loads.isEmpty {
            sum.ownLoad = OwnLoad(
                commands: loads.map(\.commands).reduce(0.0, +), bytes: loads.map(\.bytes).reduce(0.0, +))
        }
        return sum
    }

    private static func info(_ nodes: [NodeSnapshot]) -> ServerInfo {
        var info = ServerInfo()
        info.server.software = same(nodes, \.info?.server.software)
        info.server.version = same(nodes, \.info?.server.version)
        info.server.mode = same(nodes, \.info?.server.mode)
        info.server.uptime = nodes.compactMap(\.info?.server.uptime).min()
        info.replication.role = .primary
        info.replication.connectedReplicas = total(nodes, \.info?.replication.connectedReplicas)
        info.clients.connected = total(nodes, \.info?.clients.connected)
        info.clients.maximum = total(nodes, \.info?.clients.maximum)
        info.clients.blocked = total(nodes, \.info?.clients.blocked)
        info.clients.tracking = total(nodes, \.info?.clients.tracking)
        info.memory = memory(nodes)
        info.stats = stats(nodes.compactMap(\.info?.stats))
        let infos = nodes.compactMap(\.info)
        if infos.count == nodes.count, infos.allSatisfy({ $0.tellsKeyspace || !$0.keyspace.isEmpty }) {
            (info.keyspace, info.tellsKeyspace) = (keyspace(infos), true)
        }
        return info
    }

    /// By database; a node that leaves one out has no keys in it.
    private static func keyspace(_ infos: [ServerInfo]) -> [Int: ServerInfo.Keyspace] {
        Dictionary(grouping: infos.flatMap(\.keyspace), by: \.key).mapValues { parts in
            let all = parts.map(\.value)
            let expiring = all.filter { $0.expires != 0 }
            return ServerInfo.Keyspace(
                keys: all.reduce(0) { $0 +| $1.keys }, expires: total(all.map(\.expires)),
                averageTTL: averageTTL(of: expiring))
        }
    }

    /// Of so many keys each; nil where it is not known of one of them.
    private static func averageTTL(of parts: [ServerInfo.Keyspace]) -> Duration? {
        var (weight, sum) = (0.0, 0.0)
        for part in parts {
            guard let expires = part.expires, let average = part.averageTTL else { return nil }
            weight += Double(expires)
            sum += Double(expires) * (average / .seconds(1))
        }
        return weight > 0 ? .limited(seconds: sum / weight) : nil
    }

    private static func memory(_ nodes: [NodeSnapshot]) -> ServerInfo.Memory {
        var memory = ServerInfo.Memory()
        memory.used = bytes(nodes, \.info?.memory.used)
        memory.rss = bytes(nodes, \.info?.memory.rss)
        memory.peak = bytes(nodes, \.info?.memory.peak)
        memory.dataset = bytes(nodes, \.info?.memory.dataset)
        memory.notCountedForEviction = bytes(nodes, \.info?.memory.notCountedForEviction)
        memory.clients = bytes(nodes, \.info?.memory.clients)
        memory.policy = same(nodes, \.info?.memory.policy)
        // One without a limit leaves the sum without one.
        let isUnlimited = nodes.contains { $0.info?.memory.maximum?.bytes == 0 }
        memory.maximum = isUnlimited ? ByteCount(0) : bytes(nodes, \.info?.memory.maximum)
        if let used = memory.used?.bytes, let rss = memory.rss?.bytes, used > 0 {
            memory.fragmentationRatio = Double(rss) / Double(used)
        }
        return memory
    }

    private static func stats(_ all: [ServerInfo.Stats]) -> ServerInfo.Stats {
        var sum = ServerInfo.Stats()
        for counter in Counter.all {
            sum[keyPath: counter.total] = total(all.map { $0[keyPath: counter.total] })
        }
        sum.latestFork = all.compactMap(\.latestFork).max()
        return sum
    }

    private static func rates(_ nodes: [NodeSnapshot]) -> Rates? {
        let all = nodes.compactMap(\.rates)
        guard !all.isEmpty else { return nil }
        var sum = Rates()
        for rate in Counter.all.compactMap(\.rate) {
            let known = all.compactMap { $0[keyPath: rate] }
            sum[keyPath: rate] = known.count < all.count ? nil : known.reduce(0.0, +)
        }
        for one in all { sum.errors.merge(one.errors, uniquingKeysWith: +) }
        return sum
    }

    private static func commands(_ nodes: [NodeSnapshot]) -> [String: CommandStats]? {
        let all = nodes.compactMap { $0.late == nil ? $0.commands : nil }
        // Only where all were asked in the same poll: a part would look like a fall.
        guard all.count == nodes.count else { return nil }
        return all.reduce(into: [:]) { sum, one in sum.merge(one) { $0 + $1 } }
    }

    private static func total(_ nodes: [NodeSnapshot], _ figure: (NodeSnapshot) -> Int?) -> Int? {
        total(nodes.map(figure))
    }

    /// nil where one of them is not known: a part is not the sum.
    private static func total(_ figures: [Int?]) -> Int? {
        figures.isEmpty || figures.contains(nil) ? nil : figures.reduce(0) { $0 +| ($1 ?? 0) }
    }

    private static func bytes(_ nodes: [NodeSnapshot], _ figure: (NodeSnapshot) -> ByteCount?) -> ByteCount? {
        total(nodes.map { figure($0)?.bytes }).map { ByteCount($0) }
    }

    private static func same<Value: Equatable>(
        _ nodes: [NodeSnapshot], _ figure: (NodeSnapshot) -> Value?
    ) -> Value? {
        let first = figure(nodes[0])
        return nodes.allSatisfy { figure($0) == first } ? first : nil
    }
}
