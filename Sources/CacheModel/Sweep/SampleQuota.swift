internal import RedisValues

/// How many keys of a namespace are looked at in a batch of a counting sweep.
///
/// SCAN walks in the order of hashes, which has nothing to do with what keys hold: the first keys of a namespace in a
/// batch are as good as drawn. Rare namespaces are looked at whole, large ones in proportion.
public struct SampleQuota: Equatable, Sendable {
    /// Keys of each namespace that are to be looked at in all.
    public static let target = 2000

    private let expected: Int

    /// - Parameter expected: keys of the whole keyspace.
    public init(expected: Int) { self.expected = expected }

    /// - Parameters:
    ///   - inBatch: keys of the namespace in this batch.
    ///   - counted: keys of the namespace so far, those of the batch included.
    ///   - examined: of them, those that were looked at.
    ///   - seen: keys of all namespaces so far.
    public func quota(inBatch: Int, counted: Int, examined: Int, seen: Int) -> Int {
        guard inBatch > 0 else { return 0 }
        let whole = max(seen, expected)
        let likely = Double(counted) * Double(whole) / Double(max(1, seen))
        let rate = min(1, Double(Self.target) / max(1, likely))
        // What the rate asks for up to here, rounded up, so that a rare namespace is never left out.
        let wanted = Int((rate * Double(counted)).rounded(.up)) - examined
        return max(0, min(inBatch, wanted))
    }
}
