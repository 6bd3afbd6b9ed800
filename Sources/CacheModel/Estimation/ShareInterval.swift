/// The interval for a share of which a number of draws tells.
///
/// Wilson's score interval, with the lower ends for one, two and three hits replaced by those of the Poisson
/// distribution: Wilson's own are too high there and hold the truth too seldom.
///
/// Sources: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927; Brown, Cai,
/// DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 2001, section 4.1.1.
public enum ShareInterval {
    /// The quantile of the normal distribution for 95 % on both sides.
    static let z = 1.959_964

    /// - Parameters:
    ///   - population: what was drawn from without putting back; nil for draws that may repeat.
    /// - Returns: the share of `hits` in `draws`, 0 to 1; everything is possible without a draw.
    public static func of(hits: Int, draws: Int, population: Int? = nil) -> Estimated {
        guard draws > 0 else { return Estimated(0, low: 0, high: 1) }
        let share = Double(hits) / Double(draws)
        if let population, draws >= population { return Estimated(exactly: share) }
        let n = effective(draws, of: population)
        let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        var (low, high) = (max(0, centre - half), min(1, centre + half))
        if hits < 4, draws > 8 { low = poisson[hits] / n }
        if draws - hits < 4, draws > 8 { high = 1 - poisson[draws - hits] / n }
        return Estimated(share, low: low, high: high)
    }

    /// Draws without repetition tell more, the more so the nearer they come to all.
    private static func effective(_ draws: Int, of population: Int?) -> Double {
        guard let population, population > 1 else { return Double(draws) }
        return Double(draws) * Double(population - 1) / Double(population - draws)
    }

    /// Where the Poisson distribution has 5 % at or above so many hits.
    private static let poisson = [0.0, 0.051_293, 0.355_362, 0.817_691]
}
