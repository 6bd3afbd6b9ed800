internal import RedisValues

/// The interval for the mean size of keys of which some were looked at.
///
/// Sizes have heavy tails: what holds most of the bytes is often not among the keys that were drawn, and the interval
/// of the normal distribution then misses the truth far more often than one time in twenty. The upper end is therefore
/// the largest of four: Student's, Cox' for log-normal sizes, and one that continues the largest sizes seen by a
/// Pareto tail whose index is at the upper end of its own interval, up to the largest size to be expected among all
/// keys. A fourth one holds for rare giants: three in as many keys as were looked at may have been missed, and would be
/// as far above their namespace's median as the largest of all namespaces are above theirs. A giant of which there is
/// no sign anywhere cannot be known from a sample; the server's own total can tell.
///
/// Sources: Land, "Confidence intervals for linear functions of the normal mean and variance", 1971, and Zhou, Gao,
/// "Confidence intervals for the log-normal mean", Statistics in Medicine 1997 (Cox' method); Hill, "A Simple General
/// Approach to Inference About the Tail of a Distribution", Annals of Statistics 1975.
struct SizeMean {
    /// Sizes that were looked at.
    var sizes: SizeHistogram
    /// Their sum, exact.
    var sum: Int
    /// All keys that the mean is of; at least as many as were looked at.
    var population: Double
    /// True where a key may have been looked at twice.
    var repeats: Bool
    /// What the sizes of all namespaces have in common, for where there are few of these.
    var prior: SizePrior

    /// Bytes a key; nil where nothing was looked at.
    var interval: Estimated? {
        let count = sizes.total
        guard count > 0 else { return nil }
        let mean = Double(sum) / Double(count)
        if !repeats, Double(count) >= population { return Estimated(exactly: mean) }
        // What was not looked at; all of it, where the draws may repeat.
        let unseen = repeats ? 1 : max(0, 1 - Double(count) / population)
        let t = StudentQuantile.of(count - 1)
        let student = t * (variance(around: mean) / Double(count) * unseen).squareRoot()
        let (coxLow, coxHigh) = cox(t)
        var low = count > 1 ? mean - student : 0
        if low <= mean / 4 || count < 30 { low = max(low, min(coxLow, mean)) }
        // What was seen is there, whatever the rest may be.
        if !repeats { low = max(low, Double(sum) / population) }
        let high = max(mean + student, count < 200 ? coxHigh : 0, pareto(mean), mean + missed)
        return Estimated(mean, low: low, high: mean + (high - mean) * (repeats ? 1 : unseen.squareRoot()))
    }

    private func variance(around mean: Double) -> Double {
        guard sizes.total > 1 else { return mean * mean }
        let squares = sizes.occupied.reduce(0.0) { sum, bin in
            let distance = SizeHistogram.middle(of: bin.bin) - mean
            return sum + Double(bin.count) * distance * distance
        }
        return squares / (Double(sizes.total) - 1)
    }

    private func cox(_ t: Double) -> (Double, Double) {
        let count = Double(sizes.total)
        let logs = LogMoments(sizes)
        // Four keys' worth of what the whole keyspace looks like.
        let spread = (logs.squares + 4 * prior.variance) / (count + 3)
        let centre = logs.mean + spread / 2
        let half = t * (spread / count + spread * spread / (2 * (count + 3))).squareRoot()
        return (Logarithms.exp(centre - half), Logarithms.exp(centre + half))
    }

    /// What three giants in as many keys as were looked at would add, and half as much again, since what the largest
    /// ones are is itself drawn.
    private var missed: Double {
        let share = min(1, 3 / Double(sizes.total))
        return 1.5 * share * (sizes.quantile(0.5) ?? 0) * prior.meanRatio(ofLargest: share)
    }

    /// The mean with the tail above the k-th largest size put in the place of what was seen of it.
    private func pareto(_ mean: Double) -> Double {
        let count = sizes.total
        guard count >= 20 else { return 0 }
        let k = max(10, min(100, count / 20))
        guard let tail = Tail(sizes, largest: k), tail.index > 0 else { return 0 }
        let index = min(2, tail.index * (1 + 1.96 / Double(tail.count).squareRoot()))
        let share = Double(tail.count) / Double(count)
        // Of so many keys in the tail the largest is not larger than this, thirty-nine times of forty.
        let keys = max(1, population * share)
        let largest = Logarithms.power(40 * keys, index)
        let above: Double
        if abs(index - 1) < 1e-3 {
            above = 1 + Logarithms.log(largest)
        } else {
            above = (1 - index * Logarithms.power(largest, 1 - 1 / index)) / (1 - index)
        }
        let seen = tail.sum / Double(count)
        let margin = ShareInterval.z * (share / Double(count)).squareRoot() * tail.threshold
        return mean - seen + tail.threshold * above * share + margin
    }
}

/// Mean and sum of squared distances of the logarithms of sizes.
struct LogMoments {
    var mean = 0.0
    var squares = 0.0

    init(_ sizes: SizeHistogram) {
        guard sizes.total > 0 else { return }
        let logs = sizes.occupied.map { (Logarithms.log(SizeHistogram.middle(of: $0.bin)), Double($0.count)) }
        mean = logs.reduce(0) { $0 + $1.0 * $1.1 } / Double(sizes.total)
        squares = logs.reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1 }
    }
}

/// Sizes of all namespaces, each as a multiple of its own namespace's median.
struct SizePrior {
    /// In 1,024ths.
    private var ratios = SizeHistogram()
    /// Of the logarithms within a namespace.
    private(set) var variance = 1.0

    init(_ namespaces: [SizeHistogram]) {
        var (squares, degrees) = (0.0, 0)
        for sizes in namespaces {
            guard let median = sizes.quantile(0.5), sizes.total > 1 else { continue }
            for (bin, count) in sizes.occupied {
                ratios.add(Int(min(1e12, SizeHistogram.middle(of: bin) / median * 1024)), count: count)
            }
            squares += LogMoments(sizes).squares
            degrees +|= sizes.total -| 1
        }
        if degrees > 0 { variance = squares / Double(degrees) }
    }

    /// The mean of the largest ratios, which are so much of all.
    func meanRatio(ofLargest share: Double) -> Double {
        let wanted = max(1, share * Double(ratios.total))
        var (taken, sum) = (0.0, 0.0)
        for (bin, count) in ratios.occupied.reversed() {
            let part = min(Double(count), wanted - taken)
            guard part > 0 else { break }
            taken += part
            sum += part * SizeHistogram.middle(of: bin) / 1024
        }
        return taken > 0 ? sum / taken : 1
    }
}

/// The largest sizes, and how slowly they thin out.
private struct Tail {
    var threshold = 0.0
    var count = 0
    var sum = 0.0
    /// Hill's estimate; 0 where all are equal.
    var index = 0.0

    init?(_ sizes: SizeHistogram, largest wanted: Int) {
        var bins: [(bin: Int, count: Int)] = []
        for bin in sizes.occupied.reversed() {
            guard count < wanted else {
                threshold = SizeHistogram.middle(of: bin.bin)
                break
            }
            bins.append(bin)
            count +|= bin.count
        }
        guard threshold > 0, count > 0 else { return nil }
        for bin in bins {
            let middle = SizeHistogram.middle(of: bin.bin)
            sum += middle * Double(bin.count)
            index += Logarithms.log(middle / threshold) * Double(bin.count)
        }
        index /= Double(count)
    }
}

enum StudentQuantile {
    private static let table = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086,
    ]

    /// For 95 % on both sides; an approximation within 0.2 % above 20 degrees of freedom.
    static func of(_ degrees: Int) -> Double {
        guard degrees > 0 else { return table[0] }
        return degrees <= table.count ? table[degrees - 1] : 1.959_964 + 2.5 / Double(degrees)
    }
}
