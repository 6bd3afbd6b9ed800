internal import RedisValues

/// How many of some keys never expire, and what those hold.
public struct LastingKeys: Equatable, Sendable {
    /// Keys whose lifetime is known.
    public var timed = 0
    /// Of those, the ones that never expire.
    public var never = 0
    /// Of those that never expire, the ones whose size is known, and their bytes.
    public var sized = 0
    public var bytes = 0
    /// How many of those sizes there are, by `SizeHistogram.bin(of:)`: most keys that begin alike have few sizes. Empty
    /// where only the sums are known.
    private(set) var bins: [Int: Int] = [:]

    public init() {}

    public init(timed: Int, never: Int, sized: Int, bytes: Int) {
        (self.timed, self.never, self.sized, self.bytes) = (timed, never, sized, bytes)
    }

    mutating func note(_ facts: KeyFacts) {
        guard let lifetime = facts.lifetime else { return }
        timed +|= 1
        guard lifetime == .never else { return }
        never +|= 1
        guard let size = facts.bytes else { return }
        sized +|= 1
        bytes +|= size
        bins[SizeHistogram.bin(of: size), default: 0] +|= 1
    }

    mutating func merge(_ other: LastingKeys) {
        timed +|= other.timed
        never +|= other.never
        sized +|= other.sized
        bytes +|= other.bytes
        for (bin, count) in other.bins { bins[bin, default: 0] +|= count }
    }

    /// Their sizes; nil where some are known as sums only.
    var sizes: SizeHistogram? {
        var sizes = SizeHistogram()
        for (bin, count) in bins { sizes.add(bin: bin, count: count) }
        return sizes.total == sized ? sizes : nil
    }
}
