internal import RedisValues

/// How many keys have expired in the whole deployment, by the servers' own counters.
struct ExpiryCount: Equatable, Sendable {
    private struct Sample: Equatable, Sendable {
        var at: Duration
        var count: Int
    }

    /// Oldest first.
    private var samples: [Sample] = []
    /// True once the counters fell: what had expired before is not known any more.
    private var wasReset = false

    private static let most = 240

    mutating func note(_ snapshot: Snapshot) {
        guard let count = Self.count(in: snapshot) else { return }
        // Counters that fell were reset.
        if let last = samples.last, count < last.count { (samples, wasReset) = ([], true) }
        samples.append(Sample(at: snapshot.elapsed, count: count))
        // Every second one of the older half: minutes ago the second does not matter.
        if samples.count > Self.most {
            let half = Self.most / 2
            samples =
                samples.prefix(half).enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
                + samples.dropFirst(half)
        }
    }

    /// Keys that have expired since an instant, or a little longer; nil where nobody knows.
    func rise(since start: Duration, to snapshot: Snapshot) -> Double? {
        // The first poll of all comes within a look that began just before; one after a reset knows only what came since.
        let earliest = wasReset ? nil : samples.first
        guard let now = Self.count(in: snapshot), let first = samples.last(where: { $0.at <= start }) ?? earliest,
            now >= first.count
        else { return nil }
        return Double(now) - Double(first.count)
    }

    private static func count(in snapshot: Snapshot) -> Int? {
        let holders = snapshot.holders
        var (sum, counted) = (0, Set<String>())
        for node in snapshot.dataNodes where holders[node.address] != nil && !counted.contains(node.address) {
            guard node.reachable, let expired = node.info?.stats.expiredKeys else { return nil }
            counted.insert(node.address)
            sum = sum +| expired
        }
        return holders.isEmpty ? nil : sum
    }
}

extension NamespaceUsage {
    /// How many of its keys may have expired within a time after it was looked at.
    ///
    /// - Parameter most: that have expired in all namespaces together; nil where nobody knows.
    func mayExpire(within time: Duration, most: Double?) -> Estimated {
        let known = lifetimes.total
        guard known > 0 else {
            let all = most ?? keys.high
            return Estimated(min(keys.value, all), low: 0, high: min(keys.high, all))
        }
        let share = ShareInterval.of(hits: lifetimes.ending(within: time), draws: known)
        func bounded(_ keys: Double) -> Double { most.map { min($0, keys) } ?? keys }
        return Estimated(
            bounded(keys.value * share.value), low: 0,
            high: bounded(keys.isExact && known >= keys.value.whole ? keys.value * share.value : keys.high * share.high)
        )
    }
}

extension LifetimeHistogram {
    /// Keys that end within a time, and those of which the histogram does not say it.
    func ending(within time: Duration) -> Int {
        let seconds = max(0, (time / .seconds(1)).rounded(.up))
        let minutes = min(Self.minutes, Int(min(seconds, 1e6)) / 60 + 1)
        let early = bins[..<minutes].reduce(0, +|)
        guard minutes == Self.minutes else { return early }
        var end = Double(Self.minutes * 60)
        var sum = early
        for (offset, limit) in (Self.later.map(Double.init) + [.infinity]).enumerated() where end < seconds {
            sum = sum +| bins[Self.minutes + offset]
            end = limit
        }
        return sum
    }
}
