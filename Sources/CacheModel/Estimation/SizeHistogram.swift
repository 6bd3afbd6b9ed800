internal import RedisValues

/// How many sizes there are of each magnitude: eight steps an octave, so that a step is at most an eighth wide.
public struct SizeHistogram: Codable, Equatable, Sendable {
    /// Steps of an octave.
    public static let steps = 8
    /// Up to 2^43 bytes; larger ones count as that.
    public static let count = 41 * steps

    /// By bin; empty while nothing was added.
    private(set) var bins: [Int] = []
    public private(set) var total = 0

    public init() {}

    public mutating func add(_ size: Int, count: Int = 1) { add(bin: Self.bin(of: size), count: count) }

    public mutating func add(bin: Int, count: Int) {
        if bins.isEmpty { bins = Array(repeating: 0, count: Self.count) }
        bins[max(0, min(Self.count - 1, bin))] +|= count
        total +|= count
    }

    public mutating func merge(_ other: SizeHistogram) {
        for (bin, count) in other.bins.enumerated() where count > 0 { add(bin: bin, count: count) }
    }

    /// What is left without some that were added.
    func without(_ part: SizeHistogram) -> SizeHistogram {
        var rest = self
        for index in part.bins.indices { rest.bins[index] = max(0, rest.bins[index] -| part.bins[index]) }
        rest.total = max(0, total -| part.total)
        return rest
    }

    /// From 8 bytes on; less counts as 8.
    public static func bin(of size: Int) -> Int {
        let size = max(8, size)
        let exponent = Int.bitWidth - 1 - size.leadingZeroBitCount
        return min(count - 1, (exponent - 3) * steps + (size >> (exponent - 3)) & 7)
    }

    /// The smallest size of a bin.
    public static func floor(of bin: Int) -> Double {
        let octave = Double(sign: .plus, exponent: bin / steps + 3, significand: 1)
        return octave * (1 + Double(bin % steps) / Double(steps))
    }

    /// What all that were added are smaller than; 0 when empty.
    var end: Double { occupied.last.map { Self.floor(of: $0.bin + 1) } ?? 0 }

    /// Of the squares of all sizes; nil when empty.
    var meanSquare: Double? {
        guard total > 0 else { return nil }
        var sum = 0.0
        for (bin, count) in occupied {
            let size = Self.middle(of: bin)
            sum += size * size * Double(count)
        }
        return sum / Double(total)
    }

    static func middle(of bin: Int) -> Double { (floor(of: bin) + floor(of: bin + 1) - 1) / 2 }

    /// Bins that are not empty, the smallest sizes first.
    public var occupied: [(bin: Int, count: Int)] {
        bins.indices.filter { bins[$0] > 0 }.map { ($0, bins[$0]) }
    }

    /// The size that so many of all do not exceed, 0 to 1, as the middle of its bin; nil when empty.
    public func quantile(_ share: Double) -> Double? { quantileBin(share).map(Self.middle) }

    /// The same as the largest size of its bin.
    func quantileEnd(_ share: Double) -> Double? { quantileBin(share).map { Self.floor(of: $0 + 1) - 1 } }

    private func quantileBin(_ share: Double) -> Int? {
        guard total > 0 else { return nil }
        let wanted = max(1, (share * Double(total)).rounded(.up).whole)
        var seen = 0
        for (bin, count) in occupied {
            seen +|= count
            if seen >= wanted { return bin }
        }
        return nil
    }

    /// How many sizes lie in each octave, from the smallest one that has any to the largest.
    public var octaves: [(from: Double, count: Int)] {
        guard let first = occupied.first, let last = occupied.last else { return [] }
        return (first.bin / Self.steps...last.bin / Self.steps).map { octave in
            let from = octave * Self.steps
            return (Self.floor(of: from), bins[from..<from + Self.steps].reduce(0, +|))
        }
    }
}

extension SizeHistogram {
    private enum CodingKeys: String, CodingKey { case bins, counts }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let bins = try container.decode([Int].self, forKey: .bins)
        let counts = try container.decode([Int].self, forKey: .counts)
        for (bin, count) in zip(bins, counts) { add(bin: bin, count: max(0, count)) }
    }

    /// Only what is there.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(occupied.map(\.bin), forKey: .bins)
        try container.encode(occupied.map(\.count), forKey: .counts)
    }
}
