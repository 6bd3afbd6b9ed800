public import RedisValues

/// What we ourselves added to a server's counters; in is towards the server.
public struct OwnTraffic: Codable, Equatable, Sendable {
    public var commands = 0
    public var bytesIn = 0
    public var bytesOut = 0
    public var hits = 0
    public var misses = 0
    /// Error replies.
    public var errors = 0

    public init(
        commands: Int = 0, bytesIn: Int = 0, bytesOut: Int = 0, hits: Int = 0, misses: Int = 0, errors: Int = 0
    ) {
        self.commands = commands
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.hits = hits
        self.misses = misses
        self.errors = errors
    }
}

extension Rates {
    /// Turns the counters of two polls of one node into rates.
    ///
    /// - Parameters:
    ///   - own: what we ourselves caused in between.
    /// - Returns: nil where the server restarted in between or no time has passed: a gap.
    public static func between(
        _ old: NodeSnapshot, _ new: NodeSnapshot, over elapsed: Duration, own: OwnTraffic = OwnTraffic()
    ) -> Rates? {
        let seconds = elapsed / .seconds(1)
        guard seconds > 0, let before = old.info, let after = new.info, !restarted(before, after) else { return nil }
        var rates = Rates()
        for counter in Counter.all {
            guard let rate = counter.rate,
                let rise = rise(before.stats[keyPath: counter.total], after.stats[keyPath: counter.total])
            else { continue }
            let ours = counter.own.map { Double(own[keyPath: $0]) } ?? 0
            rates[keyPath: rate] = max(0, rise - ours) / seconds
        }
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
        if ServerIdentity(after).isOtherProcess(than: ServerIdentity(before)) { return true }
        if let old = before.server.uptime, let new = after.server.uptime, new < old { return true }
        return false
    }

    /// nil where a counter is missing or has been reset.
    private static func rise(_ before: Int?, _ after: Int?) -> Double? {
        guard let before, let after, after >= before else { return nil }
        return Double(after) - Double(before)
    }
}
