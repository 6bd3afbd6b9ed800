public import RedisValues

/// What looking at the keyspace has cost the server.
public struct Receipt: Codable, Equatable, Sendable {
    public var commands = 0
    public var bytesSent = 0
    public var bytesReceived = 0
    /// What the server's own `commandstats` say, of each command only our share of its calls; nil where it does not
    /// tell.
    public var serverTime: Duration?
    /// The longest time that one of our requests can have kept other clients waiting; an upper bound from the
    /// client's side.
    public var largestStall: Duration?
    /// Error replies to us.
    public var errors = 0
    /// `keyspace_hits` and `keyspace_misses` that `TYPE`, `PTTL` and `OBJECT IDLETIME` added.
    public var hits = 0
    public var misses = 0

    /// What a server's work is of what its statistics tell: reading commands and writing replies is not in them.
    public static let overhead = 1.4

    public init() {}

    public static func + (left: Receipt, right: Receipt) -> Receipt {
        var sum = left
        sum.commands +|= right.commands
        sum.bytesSent +|= right.bytesSent
        sum.bytesReceived +|= right.bytesReceived
        sum.serverTime = left.serverTime.map { $0 + (right.serverTime ?? .zero) } ?? right.serverTime
        sum.largestStall = [left.largestStall, right.largestStall].compactMap { $0 }.max()
        sum.errors +|= right.errors
        sum.hits +|= right.hits
        sum.misses +|= right.misses
        return sum
    }
}

extension Receipt {
    /// Our share of what the commands took between two looks at the server's statistics.
    ///
    /// - Parameter own: our calls by the statistics' names, such as `memory|usage`.
    /// - Returns: nil where the statistics were reset in between or do not know a command.
    public static func serverTime(
        before: [String: CommandStats], after: [String: CommandStats], own: [String: Int]
    ) -> Duration? {
        var sum = Duration.zero
        for (name, calls) in own where calls > 0 {
            // Before Redis 7 a command's subcommands are counted as one.
            let name = after[name] == nil ? String(name.prefix { $0 != "|" }) : name
            guard let now = after[name] else { return nil }
            let all = now.calls -| (before[name]?.calls ?? 0)
            let time = now.time - (before[name]?.time ?? .zero)
            guard all > 0, time >= .zero else { return nil }
            // A share is at most the whole, whatever the server counts.
            sum += time * min(1, Double(calls) / Double(all))
        }
        return sum
    }
}
