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
    /// Of all keys, 0 to 1.
    public var share: Estimated
    /// Sum of `MEMORY USAGE`; nil where no size is known.
    public var bytes: Estimated?
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

    public var contract: Contract {
        guard let withoutTTL, let aboveContract else { return keys.high == 0 ? .kept : .unknown }
        return (mustExpire && withoutTTL.value > 0) || aboveContract.value > 0 ? .broken : .kept
    }

    /// Bytes of a key.
    public var meanSize: Double? {
        guard let bytes, keys.value > 0 else { return nil }
        return bytes.value / keys.value
    }

    public var p99Size: Double? { sizes.quantile(0.99) }

    /// Keys with a TTL, of those whose lifetime is known, 0 to 1.
    public var coverage: Double? {
        let known = lifetimes.total
        return known > 0 ? Double(known - lifetimes.never) / Double(known) : nil
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
}
