/// Some of the 256 bytes.
struct ByteSet: Hashable, Sendable {
    private var words = SIMD4<UInt64>()

    static let all = ByteSet(0...255)
    static let separators = ByteSet([0x2f, 0x3a])

    init(_ bytes: some Sequence<UInt8> = []) { for byte in bytes { insert(byte) } }

    mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

    func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }

    var inverted: ByteSet {
        var set = self
        set.words = ~words
        return set
    }

    func intersects(_ other: ByteSet) -> Bool { words & other.words != SIMD4<UInt64>() }

    /// nil for none, and for several.
    var only: UInt8? {
        let all = (UInt8.min...UInt8.max).filter(contains)
        return all.count == 1 ? all[0] : nil
    }
}
