internal import RedisValues

extension AlertRule {
    private static let poolRemedy = "Check redis_pool_size of each server (production 20 to 50) and count the servers"

    static let clientsHigh = AlertRule(
        id: .clientsHigh, hold: .standard, knows: { $0.node.clientShare != nil }
    ) { input in
        guard let share = input.node.clientShare else { return nil }
        let level = input.level(
            of: share, warning: input.thresholds.clientsWarning, critical: input.thresholds.clientsCritical)
        let clients = input.node.info?.clients
        return level.map {
            Finding(
                about: input.clients?.all.named, $0,
                "Clients \(Format.count(clients?.connected)) of \(Format.count(clients?.maximum))"
                    + (input.clients?.all.words(before: ": ") ?? ""), value: share,
                remedy: [poolRemedy, "Set `timeout` to close idle clients", "Raise `maxclients`"])
        }
    }

    static let clientsRejected = AlertRule(
        id: .clientsRejected, clearFactor: 3, knows: { $0.node.rates?.rejectedConnections != nil }
    ) { input in
        guard let rate = input.node.rates?.rejectedConnections, rate > 0 else { return nil }
        return Finding(
            about: input.clients?.all.named, .critical,
            "Rejecting \(Format.rate(rate)) connections/s: maxclients is reached"
                + (input.clients?.all.words(before: "; ") ?? ""), value: rate,
            remedy: ["Raise `maxclients`", poolRemedy])
    }

    static let connectionChurn = AlertRule(
        id: .connectionChurn, hold: .standard,
        knows: { $0.node.rates?.connections != nil && $0.node.rates?.commands != nil }
    ) { input in
        guard let rates = input.node.rates, let connections = rates.connections, let commands = rates.commands,
            connections > input.thresholds.churnRate, connections > input.thresholds.churnShare * commands
        else { return nil }
        return Finding(
            about: input.clients?.churning, .warning,
            "Connection churn: \(Format.rate(connections)) new connections/s for \(Format.rate(commands)) commands/s"
                + (input.clients?.churning.map { "; most are of \($0)" } ?? ""),
            value: connections, remedy: ["A client connects for every request: use a pool (redis_pool_size)"])
    }

    static let clientsBlocked = AlertRule(
        id: .clientsBlocked, hold: .standard, knows: { $0.node.blockedShare != nil }
    ) { input in
        let clients = input.node.info?.clients
        guard let share = input.node.blockedShare, (clients?.blocked ?? 0) > 1,
            input.crosses(share, input.thresholds.blockedShare, .warning)
        else { return nil }
        return Finding(
            about: input.clients?.blocked.named, .warning,
            "Blocked clients: \(Format.count(clients?.blocked)) of \(Format.count(clients?.connected))"
                + (input.clients?.blocked.words(before: ": ") ?? ""),
            value: share,
            remedy: ["Look who waits in BLPOP, XREAD or WAIT: screen 5, or cachewatch clients --by command"])
    }
}

extension Finding {
    /// - Parameter clients: what the group is called that it is about.
    fileprivate init(
        about clients: String?, _ level: Alert.Level, _ message: String, value: Double, remedy: [String]
    ) {
        self.init(level, message, value: value, remedy: remedy)
        about = clients.map { .clients($0) }
    }
}
