/// Which namespace holds how much: an estimate from drawn keys, or what a sweep has counted.
public struct NamespaceReport: Codable, Equatable, Sendable {
    public enum Method: String, Codable, Sendable {
        case estimate, sweepCounts = "sweep-counts", sweepFull = "sweep-full"
    }

    public var method: Method
    /// False for a sweep that has not seen all keys (yet).
    public var complete: Bool
    /// Keys drawn for an estimate, keys walked by a sweep.
    public var examined: Int
    /// All keys: of `DBSIZE` for an estimate, counted by a complete sweep, the larger of both in between.
    public var keys: Int
    public var takenAt: WallTime
    /// On the watching process' monotonic clock.
    public var elapsed: Duration
    public var took: Duration
    /// One a rule, in their order.
    public var items: [NamespaceUsage]
    /// All keys that belong to none.
    public var rest: NamespaceUsage
    /// By what those begin with, the most frequent first.
    public var other: [PrefixUsage]
    public var receipt: Receipt
    /// What the server refused, so that something is not known.
    public var denied: [DeniedCommand] = []
    /// Why it ended early; nil where it did not, or was cancelled.
    public var refusal: Refusal?

    /// Namespaces and the rest, where there are keys in it.
    public var all: [NamespaceUsage] { items + (rest.keys.high >= 1 || rest.keys.value > 0 ? [rest] : []) }

    public subscript(name: String) -> NamespaceUsage? { items.first { $0.name == name } }
}

extension NamespaceReport {
    /// What a report is made of beside the tally.
    public struct Circumstances: Sendable {
        public var takenAt: WallTime
        public var elapsed: Duration
        public var took: Duration
        public var receipt: Receipt
        public var denied: [DeniedCommand] = []
        public var refusal: Refusal?
        /// What all keys together take, by the server's own account; nil where it is not known.
        public var budget: Double?

        public init(takenAt: WallTime, elapsed: Duration, took: Duration, receipt: Receipt = Receipt()) {
            self.takenAt = takenAt
            self.elapsed = elapsed
            self.took = took
            self.receipt = receipt
        }
    }

    /// From keys drawn at random.
    ///
    /// - Parameter keys: all keys of the keyspace.
    public static func estimate(_ tally: KeyspaceTally, keys: Int, _ circumstances: Circumstances) -> NamespaceReport {
        let draws = tally.keys
        let prior = SizePrior(tally.namespaces.map(\.sizes))
        var usages = tally.namespaces.indices.map { index in
            let counts = tally.namespaces[index]
            let share =
                keys == 0 ? Estimated(exactly: 0) : ShareInterval.of(hits: counts.keys, draws: draws)
            var usage = NamespaceUsage(tally, index, keys: share * Double(keys), share: share)
            usage.bytes =
                keys == 0 && counts.sizes.total == 0
                ? Estimated(exactly: 0)
                : ByteInterval.of(
                    share: share, keys: Double(keys), sizes: counts.sizes, sum: counts.bytes, repeats: true,
                    prior: prior)
            // One that was not met has no size to go by, but is small.
            if usage.bytes == nil, counts.keys == 0, tally.namespaces.contains(where: { $0.sizes.total > 0 }) {
                let mean = Double(tally.namespaces.reduce(0) { $0 + $1.bytes }) / Double(max(1, tally.examined))
                usage.bytes = Estimated(0, low: 0, high: usage.keys.high * mean)
            }
            let part = { (hits: Int) in
                ShareInterval.of(hits: hits, draws: counts.timed) * usage.keys.value
            }
            if counts.timed > 0 {
                usage.withoutTTL = part(counts.lifetimes.never)
                usage.aboveContract = part(counts.aboveContract)
            }
            return usage
        }
        if let budget = circumstances.budget { SizeBudget(total: budget).apply(to: &usages) }
        let factor = draws > 0 ? Double(keys) / Double(draws) : 0
        let other = tally.prefixes.ranked.map { entry in
            let share = ShareInterval.of(hits: entry.keys, draws: draws)
            return PrefixUsage(
                prefix: Printable.escape(entry.prefix), keys: share * Double(keys),
                bytes: entry.sized > 0 ? Double(entry.bytes) / Double(entry.sized) * Double(entry.keys) * factor : nil)
        }
        return report(.estimate, complete: true, examined: draws, keys: keys, usages, other, circumstances)
    }

    /// From a walk over the keyspace.
    ///
    /// - Parameters:
    ///   - expected: all keys, as far as is known before the end.
    public static func sweep(
        _ tally: KeyspaceTally, full: Bool, complete: Bool, expected: Int, _ circumstances: Circumstances
    ) -> NamespaceReport {
        let walked = tally.keys
        let prior = SizePrior(tally.namespaces.map(\.sizes))
        let usages = tally.namespaces.indices.map { index in
            let counts = tally.namespaces[index]
            let share = Estimated(exactly: walked > 0 ? Double(counts.keys) / Double(walked) : 0)
            var usage = NamespaceUsage(tally, index, keys: Estimated(exactly: counts.keys), share: share)
            if counts.sizes.total > 0 {
                // Keys that were gone when they were asked for have no size any more.
                let isWhole = counts.sizes.total == counts.keys || (full && complete)
                usage.bytes =
                    isWhole
                    ? Estimated(exactly: counts.bytes)
                    : ByteInterval.of(
                        share: Estimated(exactly: 1), keys: Double(counts.keys), sizes: counts.sizes,
                        sum: counts.bytes, repeats: false, prior: prior)
            } else if counts.keys == 0 {
                usage.bytes = Estimated(exactly: 0)
            }
            if counts.timed > 0 || counts.keys == 0 {
                let population = full && complete ? counts.timed : counts.keys
                let part = { (hits: Int) -> Estimated in
                    guard counts.timed > 0 else { return Estimated(exactly: 0) }
                    return ShareInterval.of(hits: hits, draws: counts.timed, population: population)
                        * Double(population)
                }
                usage.withoutTTL = part(counts.lifetimes.never)
                usage.aboveContract = part(counts.aboveContract)
            }
            return usage
        }
        let other = tally.prefixes.ranked.map { entry in
            PrefixUsage(
                prefix: Printable.escape(entry.prefix),
                keys: Estimated(Double(entry.keys), low: Double(entry.keys - entry.error), high: Double(entry.keys)),
                bytes: entry.sized > 0 ? Double(entry.bytes) / Double(entry.sized) * Double(entry.keys) : nil)
        }
        return report(
            full ? .sweepFull : .sweepCounts, complete: complete, examined: walked,
            keys: complete ? walked : max(walked, expected), usages, other, circumstances)
    }

    private static func report(
        _ method: Method, complete: Bool, examined: Int, keys: Int, _ usages: [NamespaceUsage], _ other: [PrefixUsage],
        _ circumstances: Circumstances
    ) -> NamespaceReport {
        NamespaceReport(
            method: method, complete: complete, examined: examined, keys: keys, takenAt: circumstances.takenAt,
            elapsed: circumstances.elapsed, took: circumstances.took, items: Array(usages.dropLast()),
            rest: usages[usages.count - 1], other: other, receipt: circumstances.receipt,
            denied: circumstances.denied, refusal: circumstances.refusal)
    }
}

extension NamespaceUsage {
    /// All but what depends on how the keys were chosen.
    fileprivate init(_ tally: KeyspaceTally, _ index: Int, keys: Estimated, share: Estimated) {
        let rule = index < tally.otherIndex ? tally.classifier.rules[index] : nil
        let counts = tally.namespaces[index]
        var types: [String: Int] = [:]
        for type in KeyType.allCases where counts.types[type.rawValue] > 0 {
            types[type.name] = counts.types[type.rawValue]
        }
        self.init(
            name: rule?.name ?? "other", purpose: rule?.purpose ?? "", mustExpire: rule?.mustExpire ?? false,
            maximumTTL: rule?.maximumTTL, protected: rule?.protected ?? false,
            layout: counts.layouts.map { Printable.escape($0) }.sorted(), keys: keys, share: share, bytes: nil,
            examined: counts.examined, withoutTTL: nil, aboveContract: nil, sizes: counts.sizes,
            lifetimes: counts.lifetimes, types: types, biggest: counts.biggest, breaches: counts.breaches,
            idleShare: counts.watchedBytes > 0 ? Double(counts.idleBytes) / Double(counts.watchedBytes) : nil)
    }
}
