internal import RedisValues

/// Which slow-log entries are news: those with ids above all that were seen before.
struct SlowlogMemory: Equatable, Sendable {
    private struct Arrival: Equatable, Sendable {
        var at: Duration
        var count: Int
    }

    /// Newest command seen within the last minute that should never run on a live cache.
    private(set) var forbidden: SlowlogEntry?
    private var forbiddenAt: Duration?
    private var newestID: Int?
    private var arrivals: [Arrival] = []

    static let forbiddenCommands: Set<String> = ["KEYS", "FLUSHALL", "FLUSHDB"]
    private static let minute = Duration.seconds(60)
    /// More than this between two polls is not counted but damaged.
    private static let mostAtOnce = 1_000_000

    /// Entries that came in within the last minute.
    var recent: Int { arrivals.reduce(0) { $0 + $1.count } }

    /// Drops what is older than a minute.
    mutating func forget(at now: Duration) {
        arrivals.removeAll { now - $0.at > Self.minute }
        if let seen = forbiddenAt, now - seen > Self.minute { (forbidden, forbiddenAt) = (nil, nil) }
    }

    /// - Parameter clock: the time by the clock that has written the entries.
    mutating func note(_ entries: [SlowlogEntry], at now: Duration, clock: WallTime) {
        forget(at: now)
        // At first sight only what is younger than a minute is news; what lies ahead was written by another clock.
        let news = entries.filter { entry in
            newestID.map { entry.id > $0 } ?? Self.isYoung(clock - entry.at)
        }
        // What we have asked ourselves is marked, and is nobody's fault; a script is one query, whatever it has called.
        let count = risen(to: news) -| news.count { $0.isOwn || $0.isOfScript }
        if count > 0 { arrivals.append(Arrival(at: now, count: min(count, Self.mostAtOnce))) }
        let others = news.filter { !$0.isOwn }
        if let worst = others.first(where: { Self.forbiddenCommands.contains($0.command.first?.uppercased() ?? "") }) {
            (forbidden, forbiddenAt) = (worst, now)
        }
        newestID = entries.map(\.id).max() ?? newestID
    }

    private static func isYoung(_ age: Duration) -> Bool { age < minute && age > .zero - minute }

    /// Ids have no holes, so they count also what a short page did not show.
    private func risen(to news: [SlowlogEntry]) -> Int {
        guard let newestID, let newest = news.map(\.id).max() else { return news.count }
        let (rise, overflow) = newest.subtractingReportingOverflow(newestID)
        return overflow ? news.count : max(news.count, rise)
    }
}
