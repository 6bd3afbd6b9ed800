extension Rates {
    /// Turns the counters of two polls of one node into rates.
    ///
    /// - Parameters:
    ///   - ownCommands, ownBytesIn, ownBytesOut: what we ourselves caused in between; in is towards the server.
    /// - Returns: nil where the server restarted in between or no time has passed: a gap.
    public static func between(
        _ old: NodeSnapshot, _ new: NodeSnapshot, over elapsed: Duration, ownCommands: Int, ownBytesIn: Int,
        ownBytesOut: Int
    ) -> Rates? {
        let seconds = elapsed / .seconds(1)
        guard seconds > 0, let before = old.info, let after = new.info, !restarted(before, after) else { return nil }
        func rate(_ counter: KeyPath<ServerInfo.Stats, Int?>, own: Int = 0) -> Double? {
            rise(before.stats[keyPath: counter], after.stats[keyPath: counter]).map {
                max(0, $0 - Double(own)) / seconds
            }
        }
        var rates = Rates()
        rates.commands = rate(\.commandsProcessed, own: ownCommands)
        rates.hits = rate(\.keyspaceHits)
        rates.misses = rate(\.keyspaceMisses)
        rates.evicted = rate(\.evictedKeys)
        rates.expired = rate(\.expiredKeys)
        rates.inputBytes = rate(\.bytesIn, own: ownBytesIn)
        rates.outputBytes = rate(\.bytesOut, own: ownBytesOut)
        rates.connections = rate(\.connectionsReceived)
        rates.rejectedConnections = rate(\.rejectedConnections)
        rates.errorReplies = rate(\.errorReplies)
        for (name, count) in after.errors {
            if let rise = rise(before.errors[name] ?? 0, count), rise > 0 { rates.errors[name] = rise / seconds }
        }
        return rates
    }

    /// What the server itself measured over its last 1.6 seconds: all that a single poll can know.
    public static func instantaneous(_ info: ServerInfo) -> Rates {
        var rates = Rates()
        rates.commands = info.stats.operationsPerSecond.map(Double.init)
        rates.inputBytes = info.stats.instantaneousIn.map { $0 * 1024 }
        rates.outputBytes = info.stats.instantaneousOut.map { $0 * 1024 }
        return rates
    }

    private static func restarted(_ before: ServerInfo, _ after: ServerInfo) -> Bool {
        if let old = before.server.runID, let new = after.server.runID, old != new { return true }
        if let old = before.server.uptime, let new = after.server.uptime, new < old { return true }
        return false
    }

    /// nil where a counter is missing or has been reset.
    private static func rise(_ before: Int?, _ after: Int?) -> Double? {
        guard let before, let after, after >= before else { return nil }
        return Double(after) - Double(before)
    }
}
