internal import RedisValues

/// What the server itself says that all keys together take: the one thing that tells of a giant nobody has drawn.
struct SizeBudget {
    var total: Double

    /// Below this share of the total, what is not explained may be the server's own book-keeping.
    private static let noise = 0.1

    /// Widens the intervals by what is missing from their sum, since it could be anywhere; and narrows those that reach
    /// beyond what the others leave.
    func apply(to usages: inout [NamespaceUsage]) {
        guard total > 0, usages.allSatisfy({ $0.bytes != nil }) else { return }
        let found = usages.reduce(0) { $0 + ($1.bytes?.value ?? 0) }
        let certain = usages.reduce(0) { $0 + ($1.bytes?.low ?? 0) }
        let missing = total - found > Self.noise * total ? total - found : 0
        for index in usages.indices {
            guard var bytes = usages[index].bytes, usages[index].keys.high > 0 else { continue }
            bytes.high = max(bytes.high, bytes.value + missing)
            bytes.high = max(bytes.value, min(bytes.high, total * (1 + Self.noise) - (certain - bytes.low)))
            usages[index].bytes = bytes
        }
    }
}
