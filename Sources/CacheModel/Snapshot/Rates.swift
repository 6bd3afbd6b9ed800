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

    public init() {}

    /// Hits of all lookups, 0 to 1; nil without a lookup.
    public var hitRatio: Double? {
        guard let hits, let misses, hits + misses > 0 else { return nil }
        return hits / (hits + misses)
    }
}
