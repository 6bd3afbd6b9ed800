/// What a store counts for a namespace.
public enum StoreFigure: String, CaseIterable, Sendable {
    /// What was asked for was there and fresh.
    case hits
    /// It was not there.
    case misses
    /// It was served although its fresh time was over.
    case stale
    /// It was known not to exist.
    case negative
    /// Values that a loader brought.
    case loads
    /// What those took, all in all.
    case loadMilliseconds = "load_ms"
    /// Calls that were left out, or failed, because the cache was away; and values that were too large to be kept.
    case drops
    /// What was there and could not be understood; a miss as well.
    case undecodable
    /// Keys that were looked for besides, such as the other layout's, and were not there: misses that the server counts and
    /// no store.
    case sideMisses = "side_misses"

    /// Whether it counts what became of a lookup.
    public var isLookup: Bool {
        switch self {
        case .hits, .misses, .stale, .negative: true
        case .loads, .loadMilliseconds, .drops, .undecodable, .sideMisses: false
        }
    }
}
