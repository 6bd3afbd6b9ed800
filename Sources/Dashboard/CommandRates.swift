internal import CacheModel

/// What a command did between the last two answers of `INFO commandstats`.
struct CommandRate: Equatable, Sendable {
    var name: String
    /// A second; nil with one answer only.
    var calls: Double?
    /// Mean of a call.
    var perCall: Duration
    /// Of the time that all commands took, 0 to 1.
    var share: Double
    var failures: Int
}

/// Turns successive command statistics into rates.
struct CommandRates: Sendable {
    private(set) var rows: [CommandRate] = []
    private var previous: (stats: [String: CommandStats], elapsed: Duration)?

    mutating func record(_ node: NodeSnapshot, at elapsed: Duration) {
        guard let stats = node.commands else { return }
        let before = previous
        previous = (stats, elapsed)
        let seconds = before.map { (elapsed - $0.elapsed) / .seconds(1) } ?? 0
        var total = Duration.zero
        var worked: [(name: String, calls: Int, time: Duration, all: CommandStats)] = []
        for (name, now) in stats {
            let old = seconds > 0 ? before?.stats[name] : nil
            // Reset counters count from zero.
            let usable = old.map { $0.calls <= now.calls && $0.time <= now.time } ?? false
            let calls = now.calls &- (usable ? old?.calls ?? 0 : 0)
            let time = now.time - (usable ? old?.time ?? .zero : .zero)
            total += time
            worked.append((name, calls, time, now))
        }
        rows = worked.filter { $0.calls > 0 }.map { row in
            CommandRate(
                name: row.name, calls: seconds > 0 ? Double(row.calls) / seconds : nil,
                perCall: row.time / max(1, row.calls),
                share: total > .zero ? row.time / total : 0,
                failures: (row.all.failedCalls ?? 0) &+ (row.all.rejectedCalls ?? 0))
        }.sorted { ($1.share, $0.name) < ($0.share, $1.name) }
    }
}
