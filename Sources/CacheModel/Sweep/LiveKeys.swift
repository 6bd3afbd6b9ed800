internal import RedisValues

/// How many keys are there, of those that a server counts: expired ones stay in `DBSIZE` until they are removed, and
/// `RANDOMKEY` passes them over.
///
/// A primary removes each expired key that a `RANDOMKEY` meets and counts it in `expired_keys`, so that the draws
/// themselves tell how many they have met. A replica removes none: there a page of `SCAN` tells, which leaves expired
/// keys out.
public struct LiveKeys: Equatable, Sendable {
    /// More keys than a server can hold; what is said beyond is not believed.
    public static let most = 1 << 50
    /// `COUNT` of the page: what holds a server for about a seventh of a millisecond.
    public static let page = 200
    /// By how much a page may exceed its `COUNT`: keys of a place come together.
    static let excess = 20
    /// Draws that may have to pass over twenty expired keys for each one that is there are still short.
    static let leastLive = 0.05

    /// `DBSIZE`; nil where the server does not tell.
    public var counted: Int?
    /// Of those, keys with a TTL; nil where it is not known.
    public var volatile: Int?
    /// Keys on the page; nil where SCAN was not answered.
    public var onPage: Int?
    /// True where an expired key that is met is removed, and counted.
    public var removesExpired = false

    public init() {}

    /// Nothing can have expired.
    public var neverExpire: Bool { volatile == 0 }

    /// Whether `RANDOMKEY` finds a key before long. Where every key has expired, it removes them all before it answers,
    /// and up to Redis 7.4 never answers while writes are paused.
    public var canBeDrawn: Bool {
        if counted == 0 || neverExpire { return true }
        if let counted, let volatile, Double(counted -| volatile) >= Self.leastLive * Double(counted) { return true }
        guard let onPage else { return false }
        return Double(onPage) >= Self.leastLive * Double(min(Self.page, counted ?? Self.page))
    }

    /// Keys that are there, as the page shows it; nil where nobody tells how many there are.
    public var shown: Int? { counted.map { present(now: $0, removed: nil, draws: 0).value.whole } }

    /// Keys that are there, with their interval.
    ///
    /// - Parameters:
    ///   - now: `DBSIZE` after the draws.
    ///   - removed: by how much `expired_keys` rose during the latest draws; nil where it is not known.
    ///   - draws: the latest draws.
    public func present(now: Int, removed: Int?, draws: Int) -> Estimated {
        let all = Double(now)
        guard !neverExpire, now > 0 else { return Estimated(exactly: all) }
        // Those without a TTL are there, whatever else has expired.
        let least = volatile.map { Double(max(0, (counted ?? 0) -| $0)) } ?? 0
        if removesExpired, let removed, removed >= 0, draws > 0 {
            // Each draw meets one that is there, and before it those that were removed: by others as well, at worst.
            let expired = ShareInterval.of(hits: removed, draws: removed +| draws)
            return Estimated(
                all * (1 - expired.value), low: max(min(all, least), all * (1 - expired.high)), high: all)
        }
        guard let onPage else { return Estimated(all, low: min(all, least), high: all) }
        let page = min(now, Self.page)
        let live = ShareInterval.of(hits: onPage, draws: max(onPage, min(now, page +| Self.excess)))
        return Estimated(
            all * min(1, Double(onPage) / Double(page)), low: max(min(all, least), all * live.low), high: all)
    }
}
