internal import RedisValues

/// A report from a walk over the keyspace.
struct SweepReport {
    let tally: KeyspaceTally
    /// Every key was asked, not a sample.
    let full: Bool
    let complete: Bool
    /// All keys, as far as is known before the end.
    let expected: Int
    private let walked: Int

    init(_ tally: KeyspaceTally, full: Bool, complete: Bool, expected: Int) {
        self.tally = tally
        self.full = full
        self.complete = complete
        self.expected = expected
        walked = tally.keys
    }

    /// One a namespace, and one for the rest.
    func usages(budget: Double?) -> [NamespaceUsage] {
        var usages = tally.namespaces.indices.map(usage)
        if let budget { SizeBudget(total: budget).apply(to: &usages) }
        return usages
    }

    private func usage(_ index: Int) -> NamespaceUsage {
        let counts = tally.namespaces[index]
        let (keys, share) = count(counts.keys)
        var usage = NamespaceUsage(tally, index, keys: keys, share: share)
        if keys.high == .infinity { usage.keysDoubt = .stillGrowing }
        usage.bytes = bytes(counts)
        // Keys that the walk has not met take whatever the others leave.
        if !keys.isExact { usage.bytes?.high = .infinity }
        if usage.bytes?.isExact == false { usage.bytesDoubt = .totalNotKnown }
        if counts.timed > 0 || counts.keys == 0 {
            usage.withoutTTL = part(counts.lifetimes.never, of: counts, keys)
            usage.aboveContract = part(counts.aboveContract, of: counts, keys)
        }
        return usage
    }

    /// A walk goes in the order of hashes: a part of it is a sample of the whole. Of the keys that there were at the
    /// beginning some may have expired; that makes the interval wider than it need be.
    private func count(_ keys: Int) -> (keys: Estimated, share: Estimated) {
        guard !complete else {
            let share = walked > 0 ? Double(keys) / Double(walked) : 0
            return (Estimated(exactly: keys), Estimated(exactly: share))
        }
        guard expected > walked else {
            // Nobody knows how many came since it began.
            let share = ShareInterval.of(hits: keys, draws: walked)
            return (Estimated(Double(keys), low: Double(keys), high: .infinity), share)
        }
        let share = ShareInterval.of(hits: keys, draws: walked, population: expected)
        // The end is a whole number of keys; as a share it is not quite.
        let most = (share.high * Double(expected)).rounded()
        return (Estimated(Double(keys), low: Double(keys), high: most), share)
    }

    /// Of the keys that were counted.
    private func bytes(_ counts: NamespaceTally) -> Estimated? {
        guard counts.sizes.total > 0 else { return counts.keys == 0 ? Estimated(exactly: 0) : nil }
        // Keys that were gone when they were asked for have no size any more.
        if counts.sizes.total >= counts.keys || (isWhole && counts.sizes.total >= counts.examined) {
            return Estimated(exactly: counts.bytes)
        }
        let keys = Estimated(exactly: counts.keys)
        let bytes = ByteInterval.of(
            keys: keys, population: keys, draws: counts.sizes.total, sizes: counts.sizes, sum: counts.bytes)
        // What was seen is there, whatever the rest may be.
        return bytes.map { Estimated($0.value, low: max($0.low, Double(counts.bytes)), high: $0.high) }
    }

    private var isWhole: Bool { full && complete }

    /// - Parameter keys: of the namespace; those that were asked are a sample of all that there may be.
    private func part(_ hits: Int, of counts: NamespaceTally, _ keys: Estimated) -> Estimated {
        guard counts.timed > 0 else { return Estimated(0, low: 0, high: keys.high) }
        guard keys.isExact else {
            let all = keys.high.isFinite ? keys.high.whole : nil
            let share = ShareInterval.of(hits: hits, draws: counts.timed, population: all)
            return Estimated(
                share.value * keys.value, low: max(Double(hits), share.low * keys.value), high: share.high * keys.high)
        }
        let population = isWhole && counts.timed >= counts.examined ? counts.timed : counts.keys
        return ShareInterval.of(hits: hits, draws: counts.timed, population: population) * Double(population)
    }

    var other: [PrefixUsage] {
        tally.prefixes.ranked.map { entry in
            PrefixUsage(
                prefix: Printable.escape(entry.prefix),
                keys: Estimated(
                    Double(entry.keys), low: Double(entry.keys -| entry.error), high: count(entry.keys).keys.high),
                bytes: entry.meanSize.map { $0 * Double(entry.keys) })
        }
    }
}

extension NamespaceReport {
    /// From a walk over the keyspace.
    ///
    /// - Parameter expected: all keys, as far as is known before the end.
    public static func sweep(
        _ tally: KeyspaceTally, full: Bool, complete: Bool, expected: Int, _ circumstances: Circumstances
    ) -> NamespaceReport {
        let report = SweepReport(tally, full: full, complete: complete, expected: expected)
        return NamespaceReport(
            full ? .sweepFull : .sweepCounts, complete: complete, examined: tally.keys,
            keys: complete ? tally.keys : max(tally.keys, expected), report.usages(budget: circumstances.budget),
            report.other, circumstances)
    }
}
