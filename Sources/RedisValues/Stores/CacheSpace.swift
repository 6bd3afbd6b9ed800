/// One kind of values in a cache: under which keys they are, and for how long.
public struct CacheSpace: Equatable, Sendable {
    /// In whose words a value is kept.
    public enum Envelope: Equatable, Sendable {
        /// `{"fresh_until":ms,"value":…}`.
        case value
        /// `{"data":…,"cached_at":s,"ttl_secs":n,"fingerprint":key}`, the platform's own of query results.
        case query
    }

    /// In front of the id in keys, and the name under which it is counted, such as `product`.
    public var name: String
    /// How long a value is served as it is.
    public var fresh: Duration
    /// How long it is served behind that while one caller loads it anew. Both together are the longest that a key lives.
    public var stale: Duration
    /// How long it is kept that there is no such value; nil for not at all, ``negativeLife`` where nothing speaks against it.
    public var negative: Duration?
    /// How long one server may load a value while the others wait for it; nil where each loads for itself.
    public var lease: Duration?
    public var envelope: Envelope

    public static let negativeLife = Duration.seconds(30)

    public init(
        _ name: String, fresh: Duration, stale: Duration = .zero, negative: Duration? = nil, lease: Duration? = nil,
        envelope: Envelope = .value
    ) {
        (self.name, self.fresh, self.stale) = (name, fresh, stale)
        (self.negative, self.lease, self.envelope) = (negative, lease, envelope)
    }

    /// 55 min fresh and 5 min stale: within the contract of an hour.
    public static let product = CacheSpace("product", fresh: .seconds(55 * 60), stale: .seconds(5 * 60))
    /// What the platform's code keeps of queries: an id is the query's text.
    public static let query = CacheSpace("query_cache", fresh: .seconds(300), envelope: .query)

    /// Under which key a value is; of a query by a fingerprint, 16 digits.
    ///
    /// - Throws: ``StoreProblem`` for an id that may not stand in a key, and for times that make no sense.
    package func key(_ id: String) throws(StoreProblem) -> [UInt8] {
        do throws(StoreID.Problem) {
            _ = try StoreID(name)
            if envelope == .value { _ = try StoreID(id) } else if id.isEmpty { throw .empty }
        } catch { throw StoreProblem(error) }
        try fresh.checkedLife("the fresh time")
        if stale != .zero { try stale.checkedLife("the stale time") }
        try negative?.checkedLife("the negative time")
        try lease?.checkedLife("the lease")
        switch envelope {
        case .value: return Array("\(name):\(id)".utf8)
        case .query:
            let normal = Array(id.trimmed.lowercased().utf8)
            return Array("\(name):\(SHA256.digest(of: normal).prefix(8).hexadecimal)".utf8)
        }
    }

    /// For how long a value is kept.
    ///
    /// - Parameter draw: from 0 to 1, drawn anew each time: lives are shortened by it, so that values which came
    ///   together do not end together, and no contract breaks.
    package func life(isNegative: Bool = false, draw: Double) -> ValueLife? {
        let share = 0.9 + 0.1 * min(1, max(0, draw))
        if isNegative {
            // The platform's readers know no null.
            return envelope == .query ? nil : negative.map { ValueLife(fresh: $0 * share, stale: .zero) }
        }
        return ValueLife(fresh: fresh * share, stale: envelope == .query ? .zero : stale * share)
    }
}

/// How long a value is served as it is, and how long behind that.
package struct ValueLife: Equatable, Sendable {
    package var fresh: Duration
    package var stale: Duration

    package init(fresh: Duration, stale: Duration) { (self.fresh, self.stale) = (fresh, stale) }

    package var whole: Duration { fresh + stale }
}

extension String {
    /// Without blanks at both ends.
    fileprivate var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...last]
    }
}
