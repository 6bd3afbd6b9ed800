internal import RedisValues

/// The interval for a share of which a number of draws tells: exact, so that it holds the truth at least 95 times of a
/// hundred for every share, every number of draws, and every part of a population that was walked over.
///
/// Each end is the share at which what was seen, or more of it, has a chance of one in forty. The end of a
/// hypergeometric interval is a whole number of the population.
///
/// Sources: Clopper, Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial",
/// Biometrika 1934; Wang, "Exact Optimal Confidence Intervals for Hypergeometric Parameters", JASA 2015, section 2.
public enum ShareInterval {
    /// The chance to miss the truth, on each side.
    static let miss = 0.025
    /// In larger ones the logarithms of factorials are too large for what is left of their differences, and what has been
    /// drawn is not missed.
    private static let largestPopulation = 1 << 32

    /// - Parameters:
    ///   - population: what was drawn from without putting back; nil for draws that may repeat.
    /// - Returns: the share of `hits` in `draws`, 0 to 1; everything is possible without a draw.
    public static func of(hits: Int, draws: Int, population: Int? = nil) -> Estimated {
        guard draws > 0 else { return Estimated(0, low: 0, high: 1) }
        let hits = max(0, min(hits, draws))
        let share = Double(hits) / Double(draws)
        if let population, draws >= population { return Estimated(exactly: share) }
        guard let population, population <= largestPopulation else {
            return Estimated(share, low: low(hits, draws), high: 1 - low(draws - hits, draws))
        }
        let all = Double(population)
        return Estimated(
            share, low: least(hits, draws, all) / all, high: (all - least(draws - hits, draws, all)) / all)
    }

    /// The smallest share that `hits` of `draws` allow.
    private static func low(_ hits: Int, _ draws: Int) -> Double {
        guard hits > 0 else { return 0 }
        let end = Logarithms.log(Double(hits) / Double(draws))
        // One hit of many allows a fortieth of its share, more hits a larger part.
        let bound = Probability.root(from: end - 4, to: end, precision: 1e-7) { share in
            Logarithms.log(Probability.binomialTail(hits, of: draws, share: min(1, Logarithms.exp(share))) / miss)
        }
        return min(Logarithms.exp(bound), Double(hits) / Double(draws))
    }

    /// How many of a population are hits at least.
    private static func least(_ hits: Int, _ draws: Int, _ population: Double) -> Double {
        guard hits > 0 else { return 0 }
        // What was seen is there.
        var low = Double(hits)
        var high = max(low, (low / Double(draws) * population).rounded(.up))
        while high - low >= 1 {
            let middle = ((low + high) / 2).rounded(.down)
            let chance = Probability.hypergeometricTail(hits, of: draws, among: middle, population: population)
            if chance > miss { high = middle } else { low = middle + 1 }
        }
        // One of those that were not seen may be something else, however unlikely that is.
        return max(0, min(low, Double(hits) + (population - Double(draws)) - 1))
    }
}
