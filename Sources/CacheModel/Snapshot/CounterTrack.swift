public import RedisValues

/// What is remembered of the counters between two polls.
public struct CounterTrack: Equatable, Sendable {
    private struct Lookups: Equatable, Sendable {
        var at: Duration
        var hits: Int
        var misses: Int
    }

    private var window = CounterWindow()
    private var server: [Lookups] = []

    /// Over so long figures of late are told: six publications.
    public static let span = Duration.seconds(60)

    public init() {}

    /// - Parameters:
    ///   - reading: empty where there is no such key.
    ///   - nodes: of the same poll.
    /// - Returns: nil without counters.
    public mutating func note(
        _ reading: CounterReading, of nodes: [NodeSnapshot], at now: Duration
    ) -> CounterReport? {
        window.note(reading.services, at: now, span: Self.span)
        noteServer(nodes, at: now)
        guard !reading.isEmpty else { return nil }
        let names = reading.services.keys.sorted()
        var report = CounterReport(
            services: names.map { name in
                let at = reading.services[name]?.publishedAt
                return CounterReport.Service(
                    name: Printable.escape(name), publishedAt: at.map { WallTime(seconds: Int64($0)) })
            },
            lines: names.flatMap { service -> [CounterReport.Line] in
                let all = reading.services[service]?.namespaces ?? [:]
                return all.keys.sorted().map { namespace in
                    let recent = window.counts(of: service, in: namespace)
                    return CounterReport.Line(
                        service: Printable.escape(service), namespace: Printable.escape(namespace),
                        total: all[namespace] ?? StoreCounts(), recent: recent,
                        over: recent == nil ? nil : window.length(of: service))
                }
            })
        (report.strange, report.leftOut) = (reading.strange, reading.leftOut)
        if let first = server.first, let last = server.last, last.at > first.at {
            let seconds = (last.at - first.at) / .seconds(1)
            report.serverHits = Double(last.hits -| first.hits) / seconds
            report.serverMisses = Double(last.misses -| first.misses) / seconds
        }
        return report
    }

    /// The primaries' lookups without our own; where one of them does not tell, nobody knows the sum.
    private mutating func noteServer(_ nodes: [NodeSnapshot], at now: Duration) {
        let primaries = nodes.filter { !$0.isSentinel && ($0.role != .replica || nodes.count == 1) }
        var sum = Lookups(at: now, hits: 0, misses: 0)
        for node in primaries {
            guard node.late == nil, let hits = node.info?.stats.keyspaceHits,
                let misses = node.info?.stats.keyspaceMisses
            else { return server = [] }
            sum.hits = sum.hits +| (hits -| (node.ownTraffic?.hits ?? 0))
            sum.misses = sum.misses +| (misses -| (node.ownTraffic?.misses ?? 0))
        }
        // Counters that fell were reset.
        if let last = server.last, sum.hits < last.hits || sum.misses < last.misses { server = [] }
        if server.count > 1, now - server[server.count - 2].at < Self.span / 30 { server.removeLast() }
        if !primaries.isEmpty { server.append(sum) }
        while server.count > 1, now - server[1].at >= Self.span { server.removeFirst() }
    }
}
