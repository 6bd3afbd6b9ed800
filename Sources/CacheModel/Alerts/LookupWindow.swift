internal import RedisValues

/// Keyspace hits and misses over the last minutes, from the server's own counters, without our own looks.
struct LookupWindow: Equatable, Sendable {
    private struct Sample: Equatable, Sendable {
        var at: Duration
        /// Less what we have caused until then.
        var hits: Int
        var misses: Int
    }

    /// One sample in ten seconds is enough for minutes, and keeps this short; a short window needs them closer.
    private var spacing: Duration { min(.seconds(10), window / 30) }

    /// Oldest first; the first one stands at the window's beginning or before it.
    private var samples: [Sample] = []
    private var latest: Sample?
    private var window = Duration.zero
    /// As the server had counted at the last poll.
    private var raw: Sample?
    private var noise = OwnNoise()
    /// It is taken when the next poll shows that no look of ours was under way.
    private var candidate: Sample?

    /// Hits and lookups between the window's beginning and the latest poll; nil before the window is full.
    var full: (hits: Double, all: Double)? {
        guard let first = samples.first, let latest, latest.at > first.at, latest.at - first.at >= window else {
            return nil
        }
        let hits = max(0, Double(latest.hits) - Double(first.hits))
        return (hits, hits + max(0, Double(latest.misses) - Double(first.misses)))
    }

    /// Between the window's beginning and the latest poll.
    var length: Duration { latest.flatMap { last in samples.first.map { last.at - $0.at } } ?? .zero }

    /// - Parameter own: what we have caused since the program began; nil where nobody counts it.
    mutating func note(_ stats: ServerInfo.Stats?, own: OwnTraffic?, at now: Duration, window: Duration) {
        self.window = window
        guard let hits = stats?.keyspaceHits, let misses = stats?.keyspaceMisses else { return }
        // Counters that fell were reset.
        if let raw, hits < raw.hits || misses < raw.misses { (samples, candidate) = ([], nil) }
        raw = Sample(at: now, hits: hits, misses: misses)
        guard let own else { return take(Sample(at: now, hits: hits, misses: misses)) }
        let before = candidate
        candidate = nil
        guard noise.isUsual(own) else { return }
        if let before { take(before) }
        candidate = Sample(at: now, hits: hits -| own.hits, misses: misses -| own.misses)
    }

    private mutating func take(_ sample: Sample) {
        latest = sample
        if samples.last.map({ sample.at - $0.at >= spacing }) ?? true { samples.append(sample) }
        while samples.count > 1, sample.at - samples[1].at >= window { samples.removeFirst() }
    }
}

/// Tells polls at which we were looking at many keys: what the server had counted when it answered is then not what we
/// had counted.
private struct OwnNoise: Equatable, Sendable {
    private var last: Int?
    /// Lookups between two polls while nobody looks at many: those for revocations.
    private var usual = 0
    private var unusualPolls = 0

    private static let slack = 16
    /// After so many polls it is usual.
    private static let patience = 60

    mutating func isUsual(_ own: OwnTraffic) -> Bool {
        let total = own.hits +| own.misses
        defer { last = total }
        guard let last else { return total == 0 }
        let rise = max(0, total -| last)
        if rise <= (usual +| usual) +| Self.slack {
            usual = min(usual, rise)
            unusualPolls = 0
            return true
        }
        unusualPolls += 1
        if unusualPolls > Self.patience { (usual, unusualPolls) = (rise, 0) }
        return false
    }
}
