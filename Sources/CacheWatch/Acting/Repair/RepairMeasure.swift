internal import CacheCore
internal import CacheModel

/// What a repair gives to which keys: what was asked for, and no key more than its own namespace's contract allows.
struct RepairMeasure: Sendable {
    let selection: KeySelection
    /// What a key may have at most, and gets.
    let maximum: Duration
    /// Whether keys with more are shortened.
    let shortens: Bool

    /// Milliseconds that a key is to get; nil where it keeps what it has.
    ///
    /// Keys that are mended together do not expire together: each gets between half of the maximum and all of it, the
    /// same each time. A key that a prefix or a pattern meets in a namespace is a breach where it breaks that
    /// namespace's contract, and no other.
    ///
    /// - Parameter lifetime: what it has, in milliseconds; -1 for a key that never expires.
    func given(to key: [UInt8], with lifetime: Int64) -> Int64? {
        var most = max(1000, maximum.wholeMilliseconds)
        var allowed = most
        if let contract = selection.contract(of: key) {
            guard contract.mustExpire else { return nil }
            allowed = .max
            if let limit = contract.maximumTTL {
                // It would end the key before long, and its value is in no journal.
                if KeyLifetime.isDeletion(limit) { return nil }
                allowed = limit.wholeMilliseconds
                most = min(most, allowed)
            }
        }
        if lifetime == -1 {
            return selection.rule.mustExpire ? most - Int64(Checksum.of(key)) % (most / 2 + 1) : nil
        }
        return shortens && lifetime > allowed +| 1000 ? most : nil
    }
}
