internal import RedisValues

/// A bound for the mean of numbers that are not negative, from some of them that were drawn.
///
/// Nothing is assumed of how the numbers are spread. The weights that the drawn numbers may have in the whole are those
/// of a flat Dirichlet distribution, with one more number that nobody has drawn: 0 for the lower bound, the largest one
/// possible for the upper. For hits and misses this is the interval of Clopper and Pearson; for other numbers it has held
/// in all that was tried (`scripts/bench coverage`). The distribution's tail is a saddlepoint approximation.
///
/// Sources: Gaffke, "Three Test Statistics for a Nonparametric One-Sided Hypothesis on the Mean of a Nonnegative
/// Variable", Mathematical Methods of Statistics 2005; Learned-Miller, Thomas, "A New Confidence Interval for the Mean of
/// a Bounded Random Variable", 2020; Barndorff-Nielsen, "Modified Signed Log Likelihood Ratio", Biometrika 1991.
struct MeanBound {
    private struct Term {
        var number: Double
        var count: Double
    }

    private let drawn: [Term]
    private let mean: Double
    private let largest: Double

    /// - Parameters:
    ///   - sizes: those of the drawn that are not 0.
    ///   - sum: their exact sum.
    ///   - zeros: how many were 0.
    init(_ sizes: SizeHistogram, sum: Int, zeros: Int) {
        var drawn: [Term] = sizes.occupied.map {
            Term(number: SizeHistogram.middle(of: $0.bin), count: Double($0.count))
        }
        // A bin's sizes are not its middle; their sum is known.
        var rough = 0.0
        for term in drawn { rough += term.number * term.count }
        let factor: Double = rough > 0 ? Double(sum) / rough : 1
        for index in drawn.indices { drawn[index].number *= factor }
        largest = drawn.last?.number ?? 0
        if zeros > 0 { drawn.append(Term(number: 0, count: Double(zeros))) }
        let count = Double(sizes.total) + Double(zeros)
        mean = count > 0 ? Double(sum) / count : 0
        self.drawn = drawn
    }

    /// How often a bound may be missed, as the normal distribution's quantile.
    enum Miss {
        static let twoAndAHalf = 1.959_964
        static let three = 1.880_794
        static let two = 2.053_749
    }

    /// The mean is larger than this, but for a part of ``Miss``.
    func low(_ miss: Double) -> Double {
        guard mean > 0 else { return 0 }
        // On the scale of logarithms: few draws of unlike sizes allow very little.
        let end = Logarithms.log(mean)
        let bound = Probability.root(from: end - 28, to: end, precision: 1e-3) {
            quantile(of: Logarithms.exp($0), unseen: 0) + miss
        }
        return min(mean, Logarithms.exp(bound))
    }

    /// The mean is smaller than this, but for a part of ``Miss``, where no number exceeds `most`.
    func high(_ miss: Double, most: Double) -> Double {
        let most = max(most, largest)
        guard most > mean, mean > 0 else { return most }
        let bound = Probability.root(from: Logarithms.log(mean), to: Logarithms.log(most), precision: 1e-3) {
            quantile(of: Logarithms.exp($0), unseen: most) - miss
        }
        return max(mean, min(most, Logarithms.exp(bound)))
    }

    /// The normal quantile of the chance that the weighted mean is less than a number, which is that of a sum of gamma
    /// variables to be below 0.
    private func quantile(of bound: Double, unseen: Double) -> Double {
        let (rest, last) = (unseen - bound, largest - bound)
        let most = max(rest, last)
        let least = drawn.reduce(rest) { min($0, $1.number - bound) }
        guard least < 0 else { return -.infinity }
        guard most > 0 else { return .infinity }
        // The root of the cumulants' first derivative, which rises between these two.
        var (low, high) = (1 / least, 1 / most)
        var t = 0.0
        var curve = 0.0
        for _ in 0..<60 {
            var slope = rest / (1 - t * rest)
            curve = slope * slope
            for term in drawn {
                let part = (term.number - bound) / (1 - t * (term.number - bound))
                slope += term.count * part
                curve += term.count * part * part
            }
            if slope > 0 { high = t } else { low = t }
            let next = t - slope / curve
            let isInside = next > low && next < high
            let step = (isInside ? next : (low + high) / 2) - t
            t += step
            if abs(step) <= 1e-6 * abs(t) { break }
        }
        var height = -Logarithms.log(1 - t * rest)
        for term in drawn { height -= term.count * Logarithms.log(1 - t * (term.number - bound)) }
        let w: Double = (t < 0 ? -1 : 1) * max(0, -2 * height).squareRoot()
        let u = t * curve.squareRoot()
        guard abs(w) > 1e-3, u / w > 0 else { return 0 }
        return w + Logarithms.log(u / w) / w
    }
}
