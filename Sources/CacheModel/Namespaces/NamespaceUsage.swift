internal import RedisValues

/// What the keys of one namespace amount to.
public struct NamespaceUsage: Codable, Equatable, Sendable {
    public enum Contract: String, Codable, Sendable { case kept, broken, unknown }

    public var name: String
    public var purpose: String
    public var mustExpire: Bool
    public var maximumTTL: Duration?
    public var protected: Bool
    /// How its keys really begin, escaped, such as `blacklist:token:`.
    public var layout: [String]
    public var keys: Estimated
    /// Why the interval of ``keys``, and of what is counted among them, says nothing; nil where it holds.
    public var keysDoubt: IntervalDoubt?
    /// Of all keys, 0 to 1.
    public var share: Estimated
    /// Sum of `MEMORY USAGE`; nil where no size is known.
    public var bytes: Estimated?
    /// Why the interval of ``bytes`` has no upper end; nil where it has, or they were counted.
    public var bytesDoubt: IntervalDoubt?
    /// `MEMORY USAGE` may have looked at five elements of a key only: what it says of hashes, lists, sets, sorted sets and
    /// streams is about right, and so are the sum and its ends.
    public var sizesAreSampled = false
    /// Keys that were looked at beyond their names.
    public var examined: Int
    /// Keys that never expire; nil where no lifetime is known.
    public var withoutTTL: Estimated?
    public var aboveContract: Estimated?
    public var sizes: SizeHistogram
    public var lifetimes: LifetimeHistogram
    /// Keys by type, of those examined.
    public var types: [String: Int]
    public var biggest: [NotedKey]
    /// Keys that break the contract, a few.
    public var breaches: [NotedKey]
    /// Of its memory, what nobody touched for an hour, 0 to 1; nil where it is not known.
    public var idleShare: Double?
    /// What its keys begin with, where no rule covers them; nil for a namespace, and for what is left.
    public var prefix: [UInt8]?

    /// What acts on it concern.
    public var scope: KeyScope { prefix.map { .prefix($0) } ?? .namespace(name) }

    /// Of its keys, what may break the contract without being worth a word.
    static let tolerated = 0.01

    /// Kept where the intervals leave no room for a breach worth a word, broken where one was seen.
    public var contract: Contract {
        // Figures that nobody knows are no reason to call it kept; a key that breaks it is known.
        if keysDoubt == .keysNotKnown { return breaches.isEmpty ? .unknown : .broken }
        guard let withoutTTL, let aboveContract else { return keys.high == 0 ? .kept : .unknown }
        let parts = [mustExpire ? withoutTTL : nil, maximumTTL == nil ? nil : aboveContract].compactMap { $0 }
        if parts.contains(where: { $0.value > 0 }) { return .broken }
        return parts.allSatisfy { $0.high <= Self.tolerated * keys.value } ? .kept : .unknown
    }

    /// Bytes of a key.
    public var meanSize: Double? {
        guard let bytes, keys.value > 0 else { return nil }
        // Keys that were gone before they were asked for are not among the bytes.
        if bytes.isExact, sizes.total > 0 { return bytes.value / Double(sizes.total) }
        return bytes.value / keys.value
    }

    /// What 99 of 100 keys that were looked at do not exceed, at most an eighth too large, and never beyond the largest.
    public var p99Size: Double? {
        guard let end = sizes.quantileEnd(0.99) else { return nil }
        return biggest.first?.bytes.map { min(end, Double($0)) } ?? end
    }

    /// The ends of ``bytes``' interval; nil for one that nobody knows.
    public var bytesLow: Double? { bytesDoubt == .keysNotKnown ? nil : bytes?.low }
    public var bytesHigh: Double? { bytesDoubt == nil ? bytes?.high : nil }
    /// The ends of ``keys``' interval; nil for one that nobody knows.
    public var keysLow: Double? { keysDoubt == .keysNotKnown ? nil : keys.low }
    public var keysHigh: Double? { keysDoubt == nil ? keys.high : nil }

    /// True where none of its keys was met, though there may be some.
    public var isUnmet: Bool { keys.value == 0 && keys.high >= 1 }

    /// Keys with a TTL, of those whose lifetime is known, 0 to 1.
    public var coverage: Double? {
        let known = lifetimes.total
        if known > 0 { return Double(known - lifetimes.never) / Double(known) }
        // Of what is known as a sum only.
        guard let withoutTTL, keys.value > 0, keysDoubt == nil else { return nil }
        return max(0, min(1, 1 - withoutTTL.value / keys.value))
    }

    public var forecast: ExpiryForecast {
        let known = lifetimes.total
        return ExpiryForecast(lifetimes, factor: known > 0 ? keys.value / Double(known) : 0)
    }
}

/// Keys of no namespace that begin alike.
public struct PrefixUsage: Codable, Equatable, Sendable {
    /// Escaped; empty for keys without a prefix.
    public var prefix: String
    public var keys: Estimated
    /// nil where no size is known.
    public var bytes: Double?
    /// Keys that never expire; nil where no lifetime is known.
    public var withoutTTL: Estimated?
    /// Bytes of those; nil where no size is known. An upper end of it that nobody knows is infinite.
    public var lastingBytes: Estimated?
}
