/// Knows keys that SCAN has returned a short while ago, in a megabyte.
///
/// SCAN returns a key twice when the server's table shrinks meanwhile: the buckets that fold into the one where the
/// cursor stands are walked again. They are neighbours in the order of the cursor, so what came twice came lately.
/// Hashes of 64 bits stand for the keys; two keys are taken for one once in 10^13.
public struct RecentKeys: Equatable, Sendable {
    private var slots: [UInt64]
    private let mask: UInt64

    /// - Parameter bits: binary logarithm of the number of places.
    public init(bits: Int = 17) {
        slots = Array(repeating: 0, count: 1 << bits)
        mask = UInt64(slots.count - 1)
    }

    /// - Returns: false for a key that is known.
    public mutating func insert(_ key: Span<UInt8>) -> Bool {
        let hash = Self.hash(key)
        let slot = Int(hash & mask)
        guard slots[slot] != hash else { return false }
        slots[slot] = hash
        return true
    }

    /// Eight bytes at a time, multiplied and folded, with a final mixing of all bits.
    private static func hash(_ key: Span<UInt8>) -> UInt64 {
        var hash = 0x9e37_79b9_7f4a_7c15 ^ UInt64(truncatingIfNeeded: key.count)
        var index = 0
        while index + 8 <= key.count {
            var word: UInt64 = 0
            for offset in 0..<8 { word |= UInt64(key[index + offset]) << (8 * UInt64(offset)) }
            hash = fold(hash ^ word)
            index += 8
        }
        var rest: UInt64 = 0
        while index < key.count {
            rest = rest << 8 | UInt64(key[index])
            index += 1
        }
        hash = fold(fold(hash ^ rest) ^ 0xd6e8_feb8_6659_fd93)
        return hash == 0 ? 1 : hash
    }

    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
        return product.high ^ product.low
    }
}
