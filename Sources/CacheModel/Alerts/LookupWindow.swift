internal import RedisValues

/// Keyspace hits and misses over the last minutes, from the server's own counters.
struct LookupWindow: Equatable, Sendable {
    private struct Sample: Equatable, Sendable {
        var at: Duration
        var hits: Int
        var misses: Int
    }

    /// One sample in ten seconds is enough for minutes, and keeps this short.
    private static let spacing = Duration.seconds(10)

    /// Oldest first; the first one stands at the window's beginning or before it.
    private var samples: [Sample] = []
    private var latest: Sample?
    private var window = Duration.zero

    /// Hits and lookups between the window's beginning and the latest poll; nil before the window is full.
    var full: (hits: Double, all: Double)? {
        guard let first = samples.first, let latest, latest.at > first.at, latest.at - first.at >= window else {
            return nil
        }
        let hits = Double(latest.hits) - Double(first.hits)
        return (hits, hits + Double(latest.misses) - Double(first.misses))
    }

    mutating func note(_ stats: ServerInfo.Stats?, at now: Duration, window: Duration) {
        self.window = window
        guard let hits = stats?.keyspaceHits, let misses = stats?.keyspaceMisses else { return }
        // Counters that fell were reset.
        if let latest, hits < latest.hits || misses < latest.misses { samples = [] }
        let sample = Sample(at: now, hits: hits, misses: misses)
        latest = sample
        if samples.last.map({ now - $0.at >= Self.spacing }) ?? true { samples.append(sample) }
        while samples.count > 1, now - samples[1].at >= window { samples.removeFirst() }
    }
}
