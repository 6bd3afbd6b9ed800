internal import RedisValues

/// The bytes of some keys, of which some were looked at.
///
/// The lower end needs nothing but what was drawn. An upper end does not follow from draws: one key that nobody has
/// drawn may hold more than all the others. Only what the server says of all keys together bounds it (``SizeBudget``);
/// until that is applied, the upper end is infinite, or what holds where no key is larger than the largest one that was
/// drawn; it is not told to anybody as an interval then (``IntervalDoubt/totalNotKnown``).
enum ByteInterval {
    /// The chance to miss the truth at the lower end, and at the upper end where others' lower ends make it.
    static let missLow = MeanBound.Miss.three
    static let missRest = MeanBound.Miss.two
    /// How many sizes have to be known for an upper end without the server's total, and how many of the largest
    /// magnitude.
    private static let leastSizes = 200
    private static let leastLargest = 10

    /// - Parameters:
    ///   - keys: those of the namespace.
    ///   - population: all that was drawn from; the namespace's own keys where only they were.
    ///   - draws: all draws from it, those of other namespaces too.
    ///   - sizes, sum: of those keys of the namespace that were looked at.
    static func of(
        keys: Estimated, population: Estimated, draws: Int, sizes: SizeHistogram, sum: Int
    ) -> Estimated? {
        guard sizes.total > 0 else { return nil }
        let bound = MeanBound(sizes, sum: sum, zeros: max(0, draws -| sizes.total))
        let mean = Double(sum) / Double(sizes.total)
        return Estimated(
            keys.value * mean, low: bound.low(missLow) * population.low,
            high: isSettled(sizes)
                ? bound.high(MeanBound.Miss.twoAndAHalf, most: sizes.end) * population.high
                : .infinity)
    }

    /// Many of the largest were seen: they are no rare ones.
    private static func isSettled(_ sizes: SizeHistogram) -> Bool {
        sizes.total >= leastSizes && (sizes.octaves.last?.count ?? 0) >= leastLargest
    }
}
