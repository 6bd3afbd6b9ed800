internal import RedisValues

/// Distributions that intervals are made of, without a library of mathematics.
enum Probability {
    private static let halfLog2Pi = 0.918_938_533_204_672_7

    /// The logarithm of x!, x >= 0; error below 10^-10.
    static func logFactorial(_ x: Double) -> Double {
        var (z, product) = (x + 1, 1.0)
        // Stirling's series begins where it is good.
        while z < 12 {
            product *= z
            z += 1
        }
        let inverse = 1 / (z * z)
        let series = (1 / 12.0 - inverse * (1 / 360.0 - inverse * (1 / 1260.0 - inverse / 1680))) / z
        return (z - 0.5) * Logarithms.log(z) - z + halfLog2Pi + series - Logarithms.log(product)
    }

    static func logChoose(_ n: Double, _ k: Double) -> Double {
        logFactorial(n) - logFactorial(k) - logFactorial(n - k)
    }

    /// The probability that a binomial count of `draws` is `hits` or more.
    static func binomialTail(_ hits: Int, of draws: Int, share: Double) -> Double {
        guard hits > 0 else { return 1 }
        guard share > 0 else { return 0 }
        guard share < 1 else { return 1 }
        let (n, k) = (Double(draws), Double(hits))
        let variance = n * share * (1 - share)
        if variance > many { return wide(k, around: n * share, variance) }
        let first = logChoose(n, k) + k * Logarithms.log(share) + (n - k) * Logarithms.log(1 - share)
        let odds = share / (1 - share)
        return sum(from: first) { step in
            let now = k + step
            return now < n ? (n - now) / (now + 1) * odds : 0
        }
    }

    /// The same of draws without putting back, from a population that holds so many hits.
    static func hypergeometricTail(_ hits: Int, of draws: Int, among: Double, population: Double) -> Double {
        let (n, k) = (Double(draws), Double(hits))
        let (least, most) = (max(0, n - (population - among)), min(n, among))
        if k <= least { return 1 }
        if k > most { return 0 }
        let rest = (population - among) / population
        let variance = n * among / population * rest * (population - n) / max(1, population - 1)
        if variance > many { return wide(k, around: n * among / population, variance) }
        let first =
            logChoose(among, k) + logChoose(population - among, n - k) - logChoose(population, n)
        return sum(from: first) { step in
            let now = k + step
            guard now < most else { return 0 }
            return (among - now) * (n - now) / ((now + 1) * (population - among - n + now + 1))
        }
    }

    /// From this variance on a count is as good as normal: what its skewness adds is covered by a hundredth.
    private static let many = 40_000.0

    private static func wide(_ count: Double, around mean: Double, _ variance: Double) -> Double {
        normal(-0.99 * (count - 0.5 - mean) / variance.squareRoot())
    }

    /// A sum whose first term has this logarithm, and each next one is so many times the one before; 1, which excludes
    /// nothing, where numbers are too large for it.
    private static func sum(from first: Double, factor: (Double) -> Double) -> Double {
        guard first.isFinite else { return 1 }
        var (term, sum, step) = (1.0, 1.0, 0.0)
        while true {
            let ratio = factor(step)
            guard ratio.isFinite, step < mostTerms else { return 1 }
            term *= ratio
            sum += term
            step += 1
            // What follows is a geometric series at most, once the terms fall.
            if term <= 0 || (ratio < 1 && term * ratio / (1 - ratio) < 1e-8 * sum) || sum > 1e280 { break }
        }
        return min(1, Logarithms.exp(first + Logarithms.log(sum)))
    }

    /// More than lie within thirty standard deviations of ``many``.
    private static let mostTerms = 1e6

    /// The normal distribution's; error below 10^-7, relative to the smaller tail.
    static func normal(_ z: Double) -> Double {
        guard z <= 0 else { return 1 - normal(-z) }
        let x = -z
        if x > 37 { return 0 }
        let density = normalDensity(x)
        if x < 3 {
            // The series of the area between 0 and x.
            var (term, sum, odd) = (x, x, 1.0)
            while term > 1e-12 * sum {
                odd += 2
                term *= x * x / odd
                sum += term
            }
            return 0.5 - density * sum
        }
        // Laplace's continued fraction.
        var fraction = 0.0
        for k in stride(from: 60.0, through: 1.0, by: -1.0) { fraction = k / (x + fraction) }
        return density / (x + fraction)
    }

    static func normalDensity(_ z: Double) -> Double { Logarithms.exp(-z * z / 2 - halfLog2Pi) }

    /// Where a function that rises is 0: by secants, and by halves where those do not help.
    static func root(
        from start: Double, to end: Double, precision: Double, _ rising: (Double) -> Double
    ) -> Double {
        var (low, high) = (start, end)
        var (below, above) = (-Double.infinity, Double.infinity)
        var x = end - 0.3 * min(1, end - start)
        for _ in 0..<60 where high - low > 0.1 * precision {
            let y = rising(x)
            if abs(y) < precision { return x }
            if y < 0 { (low, below) = (x, y) } else { (high, above) = (x, y) }
            let middle = (low + high) / 2
            guard below.isFinite, above.isFinite else {
                // Further down in larger and larger steps, while nothing is known there.
                x = below.isFinite ? middle : max(middle, high - 2 * (end - high + 0.3))
                continue
            }
            let secant = low - below * (high - low) / (above - below)
            let margin = 0.05 * (high - low)
            x = secant.isFinite ? max(low + margin, min(high - margin, secant)) : middle
        }
        return low
    }
}
