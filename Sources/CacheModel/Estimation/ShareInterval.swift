internal import RedisValues

/// The interval for a share of which a number of draws tells.
///
/// Wilson's score interval; for few hits, where that one holds the truth too seldom, the exact interval of the Poisson
/// distribution in Byar's approximation, which never promises too much.
///
/// Sources: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927; Brown, Cai,
/// DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 2001; Breslow, Day, "Statistical
/// Methods in Cancer Research II", IARC 1987, page 69.
public enum ShareInterval {
    /// The quantile of the normal distribution for 95 % on both sides.
    static let z = 1.959_964

    /// - Parameters:
    ///   - population: what was drawn from without putting back; nil for draws that may repeat.
    /// - Returns: the share of `hits` in `draws`, 0 to 1; everything is possible without a draw.
    public static func of(hits: Int, draws: Int, population: Int? = nil) -> Estimated {
        guard draws > 0 else { return Estimated(0, low: 0, high: 1) }
        let hits = max(0, min(hits, draws))
        let share = Double(hits) / Double(draws)
        if let population, draws >= population { return Estimated(exactly: share) }
        let n = effective(draws, of: population)
        let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        let wilson = Estimated(share, low: max(0, centre - half), high: min(1, centre + half))
        if hits < few, draws > 2 * few { return poisson(hits: Double(hits) * n / Double(draws), of: n, share) }
        if draws - hits < few, draws > 2 * few {
            let rest = poisson(hits: Double(draws - hits) * n / Double(draws), of: n, 1 - share)
            return Estimated(share, low: 1 - rest.high, high: 1 - rest.low)
        }
        return wilson
    }

    /// Below this, hits are few.
    private static let few = 40

    private static func poisson(hits: Double, of n: Double, _ share: Double) -> Estimated {
        func cubed(_ x: Double) -> Double { x * x * x }
        let low = hits > 0 ? hits * cubed(max(0, 1 - 1 / (9 * hits) - z / (3 * hits.squareRoot()))) : 0
        let more = hits + 1
        let high = more * cubed(1 - 1 / (9 * more) + z / (3 * more.squareRoot()))
        return Estimated(share, low: low / n, high: min(1, high / n))
    }

    /// Draws without repetition tell more, the more so the nearer they come to all.
    private static func effective(_ draws: Int, of population: Int?) -> Double {
        guard let population, population > 1 else { return Double(draws) }
        return Double(draws) * Double(population - 1) / Double(population - draws)
    }
}
