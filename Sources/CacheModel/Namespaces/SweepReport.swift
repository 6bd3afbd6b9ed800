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

    /// One a namespace, and one for the rest; and whether the server's account is of these keys.
    func usages(budget: Double?) -> (usages: [NamespaceUsage], budgetFits: Bool) {
        var usages = tally.namespaces.indices.map(usage)
        let fits = budget.map { SizeBudget(total: $0).apply(to: &usages) } ?? false
        return (usages, fits)
    }

    /// What the server's account has beyond the keys that were counted; nil where that is nothing, or nobody can say.
    func unexplained(_ budget: Double, _ usages: [NamespaceUsage]) -> UnexplainedBytes? {
        guard complete else { return nil }
        // Keys that went while it walked are in the account, and not in the sums.
        let account = expected > walked ? budget * Double(walked) / Double(expected) : budget
        if isWhole {
            guard usages.allSatisfy({ $0.bytes?.isExact == true }) else { return nil }
            let isSampled = usages.contains(where: \.sizesAreSampled)
            return UnexplainedBytes(
                account: account, usages: usages, most: usages.reduce(0) { $0 + ($1.bytes?.value ?? 0) },
                isSampled ? .sampledSizes : .notOfKeys)
        }
        return mostWithoutLarger(usages).flatMap {
            UnexplainedBytes(account: account, usages: usages, most: $0, .largeKeys)
        }
    }

    /// What all keys take at most if none is larger than the largest one that was asked; nil where of some no size is
    /// known.
    private func mostWithoutLarger(_ usages: [NamespaceUsage]) -> Double? {
        let largest = tally.namespaces.map(\.sizes.end).max() ?? 0
        var most = 0.0
        for (usage, counts) in zip(usages, tally.namespaces) where counts.keys > 0 {
            guard let bytes = usage.bytes, counts.sizes.total > 0 else { return nil }
            let bound = MeanBound(counts.sizes, sum: counts.bytes, zeros: 0)
            most +=
                bytes.isExact
                ? bytes.value : bound.high(MeanBound.Miss.twoAndAHalf, most: largest) * Double(counts.keys)
        }
        return most
    }

    private func usage(_ index: Int) -> NamespaceUsage { usage(index, tally.namespaces[index]) }

    /// - Parameter counts: all keys of a rule or of none, or a part of those.
    func usage(_ index: Int, _ counts: NamespaceTally) -> NamespaceUsage {
        let (keys, share) = count(counts.keys)
        var usage = NamespaceUsage(tally, index, counts, keys: keys, share: share)
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
                bytes: entry.meanSize.map { $0 * Double(entry.keys) }, withoutTTL: withoutTTL(entry),
                lastingBytes: bytes(of: entry.lasting, among: entry.keys))
        }
    }

    private func withoutTTL(_ entry: PrefixSketch.Entry) -> Estimated? {
        let lasting = entry.lasting
        guard lasting.timed > 0 else { return nil }
        let keys = Double(entry.keys)
        let share = Double(lasting.never) / Double(lasting.timed)
        guard !isWhole || lasting.timed < entry.keys || entry.error > 0 else {
            return Estimated(exactly: lasting.never)
        }
        // Those that were not asked may all be.
        let unknown = Double(max(0, entry.keys -| lasting.timed))
        return Estimated(
            share * keys, low: Double(lasting.never),
            high: complete ? Double(lasting.never) + unknown : count(entry.keys).keys.high)
    }

    /// What those of the keys hold that never expire: what was seen at least.
    func bytes(of lasting: LastingKeys, among keys: Int) -> Estimated? {
        guard lasting.timed > 0, lasting.never == 0 || lasting.sized > 0 else { return nil }
        if isWhole, lasting.timed >= keys, lasting.sized >= lasting.never { return Estimated(exactly: lasting.bytes) }
        let factor = Double(max(1, keys)) / Double(lasting.timed)
        return Estimated(Double(lasting.bytes) * factor, low: Double(lasting.bytes), high: .infinity)
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
        let (usages, fits) = report.usages(budget: circumstances.budget)
        var result = NamespaceReport(
            full ? .sweepFull : .sweepCounts, complete: complete, examined: tally.keys,
            keys: complete ? tally.keys : max(tally.keys, expected), usages, report.other, circumstances)
        result.discover(tally, budget: fits ? circumstances.budget : nil) { report.usage(tally.otherIndex, $0) }
        let rest = tally.namespaces[tally.otherIndex].keys
        result.otherLastingBytes = report.bytes(of: tally.lasting, among: rest)
        guard fits, let budget = circumstances.budget else { return result }
        result.account = budget
        result.unexplained = report.unexplained(budget, usages)
        return result
    }
}
