internal import RedisValues

/// Counters turned to rates a second between two polls of one node, our own load subtracted.
///
/// A counter that was missing on either side is nil. The rates of a node that restarted in between are nil as a
/// whole: a gap, not a negative number.
public struct Rates: Codable, Equatable, Sendable {
    public var commands: Double?
    public var hits: Double?
    public var misses: Double?
    public var evicted: Double?
    public var expired: Double?
    public var inputBytes: Double?
    public var outputBytes: Double?
    public var connections: Double?
    public var rejectedConnections: Double?
    public var errorReplies: Double?
    /// By error prefix, only those that rose.
    public var errors: [String: Double] = [:]

    /// What of the lookups no cache's hit ratio is about; nil where nobody counts it.
    public var leftOut: LookupsLeftOut?

    public init() {}

    /// Hits of all lookups, 0 to 1, without what is left out of them; nil without a lookup.
    public var hitRatio: Double? {
        guard let hits, let misses, hits + misses > 0 else { return nil }
        let all = hits + misses
        let asked = all * (1 - (leftOut?.lookups ?? 0))
        guard asked > 0 else { return nil }
        return min(1, max(0, hits - all * (leftOut?.found ?? 0)) / asked)
    }
}
