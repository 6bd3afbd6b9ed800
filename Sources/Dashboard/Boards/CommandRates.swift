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
    /// Failed and rejected calls since the answer before, or since the server's start with one answer only.
    var failures: Int
    /// Since the server's start, or since its counters were reset.
    var allFailures: Int
}

/// What the table of commands is sorted by, the largest first.
enum CommandOrder: CaseIterable, Sendable {
    case share, calls, perCall, failures

    var words: String {
        switch self {
        case .share: "share of time"
        case .calls: "calls"
        case .perCall: "time of a call"
        case .failures: "failures"
        }
    }

    var next: CommandOrder {
        switch self {
        case .share: .calls
        case .calls: .perCall
        case .perCall: .failures
        case .failures: .share
        }
    }

    func sorted(_ rows: [CommandRate]) -> [CommandRate] {
        switch self {
        // They come in this order.
        case .share: rows
        case .calls: rows.sorted { ($1.calls ?? 0, $0.name) < ($0.calls ?? 0, $1.name) }
        case .perCall: rows.sorted { ($1.perCall, $0.name) < ($0.perCall, $1.name) }
        case .failures: rows.sorted { ($1.failures, $1.allFailures, $0.name) < ($0.failures, $0.allFailures, $1.name) }
        }
    }
}

/// Turns successive command statistics into rates.
struct CommandRates: Sendable {
    private(set) var rows: [CommandRate] = []
    /// Between the answers that ``rows`` compares; nil with one answer only.
    private(set) var period: Duration?
    private var previous: Answer?

    private struct Answer: Sendable {
        var stats: [String: CommandStats]
        var elapsed: Duration
        var servers: [String: ServerIdentity]
        var answeredAt: Duration?

        /// Whether the counters of the later answer go on where these ended.
        func goesOn(in later: [String: ServerIdentity]) -> Bool {
            servers.keys == later.keys
                && later.allSatisfy { address, server in
                    servers[address].map { !server.isOtherProcess(than: $0) } ?? false
                }
        }
    }

    /// - Parameter servers: whose statistics they are, by address.
    mutating func record(_ node: NodeSnapshot, at elapsed: Duration, by servers: [String: ServerIdentity] = [:]) {
        // What is said again while it is late is no answer.
        guard let stats = node.commands, node.late == nil || node.answeredAt != previous?.answeredAt else { return }
        let before = previous.flatMap { $0.goesOn(in: servers) ? $0 : nil }
        previous = Answer(stats: stats, elapsed: elapsed, servers: servers, answeredAt: node.answeredAt)
        period = before.map { elapsed - $0.elapsed }.flatMap { $0 > .zero ? $0 : nil }
        let worked = stats.map { name, now in
            Work(name: name, now: now, before: period == nil ? nil : before?.stats[name])
        }.filter { $0.calls > 0 || $0.failures > 0 }
        let total = worked.reduce(Duration.zero) { $0 + $1.time }
        rows = worked.map { row(of: $0, total: total) }.sorted { ($1.share, $0.name) < ($0.share, $1.name) }
    }

    private func row(of work: Work, total: Duration) -> CommandRate {
        CommandRate(
            name: work.name, calls: period.map { Double(work.calls) / ($0 / .seconds(1)) },
            perCall: work.time / max(1, work.calls), share: total > .zero ? work.time / total : 0,
            failures: work.failures, allFailures: Work.failures(of: work.now))
    }
}

/// The difference of two answers for one command; counters that fell were reset and count from zero.
private struct Work {
    var name: String
    var now: CommandStats
    var calls: Int
    var time: Duration
    var failures: Int

    init(name: String, now: CommandStats, before: CommandStats?) {
        self.name = name
        self.now = now
        let usable = before.flatMap { $0.calls <= now.calls && $0.time <= now.time ? $0 : nil }
        calls = now.calls -| (usable?.calls ?? 0)
        time = now.time - (usable?.time ?? .zero)
        failures = max(0, Self.failures(of: now) -| (usable.map(Self.failures) ?? 0))
    }

    static func failures(of stats: CommandStats) -> Int { (stats.failedCalls ?? 0) +| (stats.rejectedCalls ?? 0) }
}
