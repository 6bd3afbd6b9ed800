internal import RedisValues

/// What something has risen by; it has risen for sure where the lower end is above zero.
struct Rise: Equatable, Sendable {
    var name: String
    var amount: Estimated

    var isSure: Bool { amount.low > 0 }
}

/// What has risen beside one another, and which part each is of all of it.
struct Rises: Equatable, Sendable {
    private(set) var all: [Rise]
    /// The sum of all of it, those without a name included; nil for the sum of the named ones.
    var whole: Double?

    init(_ all: [Rise], whole: Double? = nil) { (self.all, self.whole) = (all, whole) }

    /// The largest of those that have risen for sure; nil where none has.
    var leader: Rise? {
        all.filter(\.isSure).max { ($0.amount.value, $1.name) < ($1.amount.value, $0.name) }
    }

    /// - Returns: 0 to 1.
    func part(of rise: Rise) -> Estimated {
        var (others, noise) = (0.0, 0.0)
        for other in all where other.name != rise.name {
            others += max(0, other.amount.value)
            noise += other.amount.margin * other.amount.margin
        }
        noise = noise.squareRoot()
        let whole = max(0, self.whole ?? 0)
        func share(_ amount: Double, beside rest: Double) -> Double {
            let sum = max(whole, amount + rest)
            return amount > 0 && sum > 0 ? min(1, amount / sum) : 0
        }
        return Estimated(
            share(rise.amount.value, beside: others), low: share(rise.amount.low, beside: others + noise),
            high: share(rise.amount.high, beside: max(0, others - noise)))
    }

    func amounts(named name: (String) -> String = { $0 }) -> [String: Double] {
        Dictionary(all.map { (name($0.name), $0.amount.value) }, uniquingKeysWith: +)
    }
}

/// Rates of many things in stretches of ten seconds or more, for as long as a baseline reaches back.
///
/// The latest stretches are the window, those before it the baseline: what has a rate in the window beyond what is usual
/// in the baseline has risen.
struct RateBins: Equatable, Sendable {
    private struct Bin: Equatable, Sendable {
        var start: Duration
        var end: Duration
        /// A second, by name; what is missing has none.
        var rates: [String: Double]

        var span: Double { (end - start) / .seconds(1) }
    }

    static let window = Duration.seconds(60)
    static let baseline = Duration.seconds(600)
    /// Shorter stretches say little, and there would be many of them.
    static let shortest = Duration.milliseconds(9500)
    /// Names that are kept of a stretch, those with the highest rates.
    static let mostNames = 48
    private static let mostBins = 72
    /// Fewer say nothing of what is usual; and up to so many, all that they have shown is.
    private static let leastBaseline = 3
    private static let fewBaseline = 18

    private var bins: [Bin] = []

    /// - Parameter rates: a second, by name; none is below zero.
    mutating func append(_ rates: [String: Double], from start: Duration, to end: Duration) {
        guard end > start else { return }
        var kept = rates
        if kept.count > Self.mostNames {
            let most = kept.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.mostNames)
            kept = Dictionary(uniqueKeysWithValues: most.map { ($0.key, $0.value) })
        }
        bins.append(Bin(start: start, end: end, rates: kept))
        let oldest = end - Self.window - Self.baseline
        bins.removeAll { $0.end < oldest }
        if bins.count > Self.mostBins { bins.removeFirst() }
    }

    /// What was counted before is not compared with what is counted now.
    mutating func reset() { bins = [] }

    /// The highest rate of the last minute, and which part of all rates it is; nil where nothing is known of it.
    func highest(at now: Duration) -> (name: String, part: Double)? {
        var sums: [String: Double] = [:]
        for bin in bins where now - bin.end <= Self.window {
            for (name, rate) in bin.rates { sums[name, default: 0] += rate * bin.span }
        }
        let all = sums.values.reduce(0.0, +)
        guard all > 0, let most = sums.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
        return (most.key, most.value / all)
    }

    /// Excesses over the median of the baseline: nothing where they lie within what it has shown.
    ///
    /// - Returns: nil where there is no baseline, or nothing of the last minute.
    func rises(at now: Duration, of isMeant: (String) -> Bool = { _ in true }) -> [Rise]? {
        guard let first = bins.first, let last = bins.last, now - last.end <= Self.window else { return nil }
        // Of what has not been watched for long, the later half is the window.
        let start = last.end - min(Self.window, (last.end - first.start) / 2)
        let recent = bins.filter { $0.start + ($0.end - $0.start) / 2 >= start }
        let before = bins.dropLast(recent.count)
        let seconds = recent.reduce(0.0) { $0 + $1.span }
        guard before.count >= Self.leastBaseline, seconds > 0 else { return nil }
        var names = Set<String>()
        for bin in recent { names.formUnion(bin.rates.keys) }
        return names.filter(isMeant).map { name in
            let rate = recent.reduce(0.0) { $0 + ($1.rates[name] ?? 0) * $1.span } / seconds
            let usual = Self.usual(before.map { $0.rates[name] ?? 0 })
            let excess = rate - usual.median
            return Rise(
                name: name, amount: Estimated(excess, low: excess - usual.spread, high: excess + usual.spread))
        }.sorted { ($1.amount.value, $0.name) < ($0.amount.value, $1.name) }
    }

    /// Three median absolute deviations and a twentieth are noise.
    private static func usual(_ rates: [Double]) -> (median: Double, spread: Double) {
        let median = median(rates)
        var noise = 3 * self.median(rates.map { abs($0 - median) })
        if rates.count < fewBaseline, let least = rates.min(), let most = rates.max() {
            noise = max(noise, most - least)
        }
        return (median, noise + median / 20)
    }

    private static func median(_ numbers: [Double]) -> Double {
        guard !numbers.isEmpty else { return 0 }
        let sorted = numbers.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
