/// What was counted of a namespace, figure by figure; none is below zero.
public struct StoreCounts: Codable, Equatable, Sendable {
    public var hits = 0
    public var misses = 0
    public var stale = 0
    public var negative = 0
    public var loads = 0
    public var loadMilliseconds = 0
    public var drops = 0
    public var undecodable = 0
    public var sideMisses = 0

    public init() {}

    public subscript(figure: StoreFigure) -> Int {
        get {
            switch figure {
            case .hits: hits
            case .misses: misses
            case .stale: stale
            case .negative: negative
            case .loads: loads
            case .loadMilliseconds: loadMilliseconds
            case .drops: drops
            case .undecodable: undecodable
            case .sideMisses: sideMisses
            }
        }
        set {
            switch figure {
            case .hits: hits = newValue
            case .misses: misses = newValue
            case .stale: stale = newValue
            case .negative: negative = newValue
            case .loads: loads = newValue
            case .loadMilliseconds: loadMilliseconds = newValue
            case .drops: drops = newValue
            case .undecodable: undecodable = newValue
            case .sideMisses: sideMisses = newValue
            }
        }
    }

    public var isEmpty: Bool { self == StoreCounts() }

    /// What the cache had an answer to: that something does not exist is one, and so is what is a little old.
    public var answered: Int { hits +| stale +| negative }
    /// What it was asked for; calls that never reached it are none.
    public var lookups: Int { answered +| misses }
    /// 0 to 1; nil without a lookup.
    public var hitRatio: Double? { lookups > 0 ? Double(answered) / Double(lookups) : nil }
    /// Of what loaders brought, each; nil without one.
    public var meanLoad: Duration? {
        loads > 0 ? .limited(seconds: Double(loadMilliseconds) / Double(loads) / 1000) : nil
    }

    /// What has come since; nil where a figure fell, which was then counted anew.
    public func since(_ before: StoreCounts) -> StoreCounts? {
        var rise = StoreCounts()
        for figure in StoreFigure.allCases {
            guard self[figure] >= before[figure] else { return nil }
            rise[figure] = self[figure] -| before[figure]
        }
        return rise
    }

    public mutating func add(_ more: StoreCounts) {
        for figure in StoreFigure.allCases { self[figure] = self[figure] +| more[figure] }
    }
}
