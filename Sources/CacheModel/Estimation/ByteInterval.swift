internal import RedisValues

/// The bytes of a namespace: its keys times their mean size, with the doubt about both.
enum ByteInterval {
    /// - Parameters:
    ///   - share: of the keys.
    ///   - keys: all keys.
    ///   - sizes, sum: of those keys of the namespace that were looked at.
    /// - Returns: nil where no size is known.
    static func of(
        share: Estimated, keys: Double, sizes: SizeHistogram, sum: Int, repeats: Bool, prior: SizePrior
    ) -> Estimated? {
        let count = share * keys
        let mean = SizeMean(
            sizes: sizes, sum: sum, population: max(1, count.value), repeats: repeats, prior: prior
        ).interval
        guard let mean else { return nil }
        let value = count.value * mean.value
        // Both errors are independent: their distances add up as squares.
        func combined(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
        let below = combined((count.value - count.low) * mean.value, (mean.value - mean.low) * count.value)
        let above = combined((count.high - count.value) * mean.value, (mean.high - mean.value) * count.value)
        let floor = count.low * mean.low
        return Estimated(value, low: max(floor, value - below), high: value + above)
    }
}
