/// Numbers that look random and are the same for the same seed.
///
/// Source: SplitMix64, G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014.
package struct ShopRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// - Parameter kind: what is drawn of the same number, so that a product and a user of one number have nothing in common.
    package init(_ number: Int, _ kind: UInt64) {
        state = UInt64(bitPattern: Int64(number)) &* 0x9e37_79b9_7f4a_7c15 ^ kind &* 0xd6e8_feb8_6659_fd93
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    package mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    package mutating func pick<Item>(_ items: [Item]) -> Item { items[number(0...items.count - 1)] }

    /// 0 to 1.
    package mutating func share() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    /// 32 digits of a UUID (RFC 9562, version 4), lower case.
    package mutating func uuid() -> String {
        var digits = Array(Self.hexadecimal(next(), 16) + Self.hexadecimal(next(), 16))
        digits[12] = "4"
        digits[16] = "a"
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        return parts.joined(separator: "-")
    }

    package static func hexadecimal(_ value: UInt64, _ count: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits.suffix(count)
    }
}

/// Ranks by Zipf's law with exponent 1: the second is asked for half as often as the first, and so on.
package struct Zipf: Sendable {
    /// Of the first so many ranks together, of all.
    private let sums: [Double]

    /// - Parameter count: of ranks, 1 or more.
    package init(_ count: Int) {
        var sum = 0.0
        sums = (1...max(1, count)).map { rank in
            sum += 1 / Double(rank)
            return sum
        }
    }

    package var count: Int { sums.count }

    /// Which part of all asks the first so many ranks get: 0 to 1.
    package func share(ofFirst ranks: Int) -> Double {
        ranks < 1 ? 0 : sums[min(ranks, count) - 1] / sums[count - 1]
    }

    /// A rank from 0.
    package func draw(_ random: inout ShopRandom) -> Int {
        let wanted = random.share() * sums[count - 1]
        var (low, high) = (0, count - 1)
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
