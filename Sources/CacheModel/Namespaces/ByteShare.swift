internal import RedisValues

// Which part of the memory of all keys a namespace holds.
extension NamespaceReport {
    /// True where there is a sum of bytes to be a part of.
    public var bytesAreKnown: Bool {
        countsAreKnown && sum > 0 && everything.allSatisfy { $0.bytes != nil || $0.keys.high == 0 }
    }

    /// What all keys take at most; nil where nobody knows.
    public var mostBytes: Double? {
        isCounted ? sum : account.map { $0 * (1 + SizeBudget.slack) }
    }

    /// True where the bytes of all keys were counted.
    private var isCounted: Bool { bytesAreKnown && everything.allSatisfy { $0.bytes?.isExact ?? true } }

    /// Of the bytes of all keys, those that no namespace explains included, 0 to 1; nil where they are not known.
    ///
    /// An end that nothing is known of is infinite.
    public func bytesShare(of usage: NamespaceUsage) -> Estimated? {
        bytesAreKnown ? usage.bytes.map { share(of: $0, doubt: usage.bytesDoubt) } : nil
    }

    /// The same of what no namespace explains.
    public var unexplainedShare: Estimated? {
        bytesAreKnown ? unexplained.map { share(of: $0.bytes, doubt: nil) } : nil
    }

    private func share(of bytes: Estimated, doubt: IntervalDoubt?) -> Estimated {
        let value = bytes.value / (sum + (unexplained?.bytes.value ?? 0))
        // A part of more is less; and what the others surely have is no part of this one.
        guard let mostBytes, mostBytes > 0, doubt == nil else { return Estimated(value, low: 0, high: .infinity) }
        if bytes.isExact, isCounted { return Estimated(exactly: value) }
        let others = everything.reduce(0) { $0 + ($1.bytes?.low ?? 0) } - bytes.low
        let whole = bytes.isExact ? bytes.value + max(0, others) : mostBytes
        return Estimated(
            min(1, value), low: bytes.low / mostBytes, high: whole > 0 ? min(1, bytes.high / whole) : 1)
    }

    /// What may be held by keys that nobody has seen; nil where nobody knows what all keys take.
    public var unseenBytes: Double? {
        account.map { max(0, $0 * (1 + SizeBudget.slack) - everything.reduce(0) { $0 + ($1.bytes?.low ?? 0) }) }
    }

    private var everything: [NamespaceUsage] { items + [rest] }

    /// Bytes of all namespaces and the rest, as far as they are known.
    private var sum: Double { everything.reduce(0) { $0 + ($1.bytes?.value ?? 0) } }

    /// The biggest keys of all namespaces, the largest first, ten at most.
    public var biggest: [NotedKey] {
        let all = everything.flatMap(\.biggest)
        return Array(
            all.sorted { ($1.bytes ?? 0, $0.key) < ($0.bytes ?? 0, $1.key) }.prefix(NamespaceTally.biggestKept))
    }

    /// True where every key was asked for its size: the biggest ones are the biggest.
    public var hasAllSizes: Bool { method == .sweepFull && complete }

    /// Namespaces, those with the most bytes first; the most keys, where bytes are not known.
    public var ranked: [NamespaceUsage] { ranked(all) }

    /// The same of namespaces and discovered prefixes.
    public var rankedRows: [NamespaceUsage] { ranked(rows) }

    private func ranked(_ usages: [NamespaceUsage]) -> [NamespaceUsage] {
        let isByBytes = bytesAreKnown
        return usages.sorted { left, right in
            let (mine, other) = (Self.weight(left, isByBytes), Self.weight(right, isByBytes))
            return mine != other ? mine > other : left.name < right.name
        }
    }

    private static func weight(_ usage: NamespaceUsage, _ isByBytes: Bool) -> Double {
        isByBytes ? usage.bytes?.value ?? 0 : usage.share.value
    }
}
