internal import RedisValues

/// What the server itself says that all keys together take: the one thing that tells of a giant nobody has drawn.
struct SizeBudget {
    var total: Double

    /// By how much the sum of `MEMORY USAGE` may exceed it, as a share: keys come and go between both.
    static let slack = 0.03

    /// Sets each upper end to what the others leave of the total.
    ///
    /// - Parameter rests: what all others but the one with this index take at least, where it is known better than
    ///   from their own lower ends.
    /// - Returns: false where it is of something else: less than what was surely seen.
    @discardableResult
    func apply(to usages: inout [NamespaceUsage], rests: [Double]? = nil) -> Bool {
        let certain = usages.reduce(0) { $0 + ($1.bytes?.low ?? 0) }
        let most = total * (1 + Self.slack)
        guard total > 0, certain <= most else { return false }
        for index in usages.indices {
            guard let bytes = usages[index].bytes, !bytes.isExact, usages[index].keys.high > 0 else { continue }
            let rest = max(rests?[index] ?? 0, certain - bytes.low)
            usages[index].bytes = Estimated(bytes.value, low: bytes.low, high: max(0, most - rest))
            if usages[index].bytesDoubt == .totalNotKnown { usages[index].bytesDoubt = nil }
        }
        return true
    }
}
