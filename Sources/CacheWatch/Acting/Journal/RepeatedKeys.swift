internal import CacheModel

/// Finds keys that come more than once, in little memory: some of those that come once are taken for such, too.
///
/// A flush may meet a key again that was written anew after it was removed; then a journal holds two lives of it.
struct RepeatedKeys {
    /// Bits of a Bloom filter.
    private var words: [UInt64]
    private(set) var keys: Set<[UInt8]> = []

    /// An entry takes some 50 bytes at least; there are 12 bits for each.
    private static let bytesPerWord = 256
    private static let mostWords = 1 << 22

    /// - Parameter bytes: of the journal.
    init(bytes: Int) {
        words = [UInt64](repeating: 0, count: max(64, min(Self.mostWords, bytes / Self.bytesPerWord)))
    }

    mutating func note(_ key: [UInt8]) {
        let hash = Self.hash(key)
        var isNew = false
        for part in 0..<3 as Range<UInt64> {
            let bit = Int(((hash & 0xffff_ffff) + part * (hash >> 32)) % UInt64(words.count * 64))
            let mask: UInt64 = 1 << UInt64(bit % 64)
            if words[bit / 64] & mask == 0 { isNew = true }
            words[bit / 64] |= mask
        }
        if !isNew { keys.insert(key) }
    }

    /// FNV-1a, and its bits mixed.
    private static func hash(_ key: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ hash >> 33
    }
}
