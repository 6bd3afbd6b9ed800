internal import RedisValues

/// A report from keys drawn at random, which may repeat.
struct EstimateReport {
    let tally: KeyspaceTally
    /// All keys of the keyspace that can be drawn.
    let keys: Estimated
    let sizeIsKnown: Bool

    /// One a namespace, and one for the rest; and whether the server's account is of these keys.
    func usages(budget: Double?) -> (usages: [NamespaceUsage], budgetFits: Bool) {
        var usages = tally.namespaces.indices.map(usage)
        let fits = budget.map { SizeBudget(total: $0).apply(to: &usages, rests: rests) } ?? false
        return (usages, fits)
    }

    /// What all keys take at most if none is larger than the largest one that was drawn; nil where no size is known.
    var mostWithoutLarger: Double? {
        let (all, sum) = sizes
        guard all.total > 0, keys.high.isFinite else { return nil }
        let bound = MeanBound(all, sum: sum, zeros: max(0, tally.keys -| all.total))
        return bound.high(MeanBound.Miss.twoAndAHalf, most: all.end) * keys.high
    }

    private var sizes: (all: SizeHistogram, sum: Int) {
        var (all, sum) = (SizeHistogram(), 0)
        for counts in tally.namespaces {
            all.merge(counts.sizes)
            sum +|= counts.bytes
        }
        return (all, sum)
    }

    private func usage(_ index: Int) -> NamespaceUsage { usage(index, tally.namespaces[index]) }

    /// - Parameter counts: all keys of a rule or of none, or a part of those.
    func usage(_ index: Int, _ counts: NamespaceTally) -> NamespaceUsage {
        let share = share(of: counts.keys)
        var usage = NamespaceUsage(tally, index, counts, keys: share * keys, share: share)
        if sizeIsKnown, keys.high > 0 { usage.examined = min(usage.examined, usage.keys.high.whole) }
        usage.keysDoubt = sizeIsKnown ? nil : .keysNotKnown
        usage.bytes = bytes(counts, usage.keys)
        usage.bytesDoubt = sizeIsKnown ? doubt(usage.bytes) : .keysNotKnown
        guard counts.timed > 0 else { return usage }
        usage.withoutTTL = part(counts.lifetimes.never, of: counts, usage.keys)
        usage.aboveContract = part(counts.aboveContract, of: counts, usage.keys)
        return usage
    }

    private var isEmpty: Bool { keys.high == 0 && tally.keys == 0 && sizeIsKnown }

    private func share(of hits: Int) -> Estimated {
        isEmpty ? Estimated(exactly: 0) : ShareInterval.of(hits: hits, draws: tally.keys)
    }

    /// Keys of a namespace of which something is so: drawn from all keys, not from those of the namespace, of which
    /// nobody knows how many there are. Those whose lifetime is not known may be any.
    private func part(_ hits: Int, of counts: NamespaceTally, _ all: Estimated) -> Estimated {
        let unknown = max(0, counts.keys -| counts.timed)
        let least = ShareInterval.of(hits: hits, draws: tally.keys).low * keys.low
        let most = ShareInterval.of(hits: hits +| unknown, draws: tally.keys).high * keys.high
        return Estimated(Double(hits) / Double(counts.timed) * all.value, low: least, high: min(most, all.high))
    }

    private func bytes(_ counts: NamespaceTally, _ keys: Estimated) -> Estimated? {
        if isEmpty { return Estimated(exactly: 0) }
        // One that was not met has no size to go by; what it may take at most, the others tell.
        if counts.keys == 0 { return hasSizes ? Estimated(0, low: 0, high: .infinity) : nil }
        return ByteInterval.of(
            keys: keys, population: self.keys, draws: tally.keys, sizes: counts.sizes, sum: counts.bytes)
    }

    private func doubt(_ bytes: Estimated?) -> IntervalDoubt? {
        guard let bytes, !bytes.isExact else { return nil }
        return .totalNotKnown
    }

    private var hasSizes: Bool { tally.namespaces.contains { $0.sizes.total > 0 } }

    /// What all namespaces but one take at least, for each.
    private var rests: [Double] {
        let (all, sum) = sizes
        return tally.namespaces.map { counts in
            let sizes = all.without(counts.sizes)
            let bound = MeanBound(sizes, sum: sum -| counts.bytes, zeros: max(0, tally.keys -| sizes.total))
            return bound.low(ByteInterval.missRest) * keys.low
        }
    }

    var other: [PrefixUsage] {
        let factor = tally.keys > 0 ? keys.value / Double(tally.keys) : 0
        return tally.prefixes.ranked.map { entry in
            // A prefix that took another one's place may have fewer.
            let (most, least) = (share(of: entry.keys), share(of: entry.keys -| entry.error))
            let counted = Estimated(most.value, low: least.low, high: most.high) * keys
            return PrefixUsage(
                prefix: Printable.escape(entry.prefix), keys: counted,
                bytes: entry.meanSize.map { $0 * Double(entry.keys) * factor },
                withoutTTL: withoutTTL(entry, counted), lastingBytes: bytes(of: entry.lasting))
        }
    }

    private func withoutTTL(_ entry: PrefixSketch.Entry, _ all: Estimated) -> Estimated? {
        guard entry.lasting.timed > 0 else { return nil }
        let (hits, unknown) = (entry.lasting.never, max(0, entry.keys -| entry.lasting.timed))
        let least = ShareInterval.of(hits: hits, draws: tally.keys).low * keys.low
        let most = ShareInterval.of(hits: hits +| unknown, draws: tally.keys).high * keys.high
        return Estimated(
            Double(hits) / Double(entry.lasting.timed) * all.value, low: least, high: min(most, all.high))
    }

    /// What those of the keys hold that never expire: nothing tells how much at most.
    func bytes(of lasting: LastingKeys) -> Estimated? {
        guard lasting.timed > 0, tally.keys > 0 else { return nil }
        if lasting.never == 0 { return Estimated(0, low: 0, high: .infinity) }
        guard lasting.sized > 0, let sizes = lasting.sizes else { return nil }
        let bound = MeanBound(sizes, sum: lasting.bytes, zeros: max(0, tally.keys -| sizes.total))
        return Estimated(
            Double(lasting.bytes) / Double(tally.keys) * keys.value, low: bound.low(ByteInterval.missLow) * keys.low,
            high: .infinity)
    }
}

extension NamespaceReport {
    /// From keys drawn at random.
    ///
    /// - Parameter keys: all keys of the keyspace.
    public static func estimate(_ tally: KeyspaceTally, keys: Int, _ circumstances: Circumstances) -> NamespaceReport {
        let report = EstimateReport(
            tally: tally, keys: circumstances.present ?? Estimated(exactly: keys),
            sizeIsKnown: circumstances.sizeIsKnown)
        // Of few keys the same ones come again and again.
        let examined = circumstances.sizeIsKnown && keys > 0 ? min(tally.keys, keys) : tally.keys
        let (usages, fits) = report.usages(budget: circumstances.budget)
        var result = NamespaceReport(
            .estimate, complete: true, examined: examined, keys: keys, usages, report.other, circumstances)
        result.draws = tally.keys
        result.sizeIsKnown = circumstances.sizeIsKnown
        result.discover(tally, budget: fits ? circumstances.budget : nil) { report.usage(tally.otherIndex, $0) }
        result.otherLastingBytes = report.bytes(of: tally.lasting)
        guard fits, result.sizeIsKnown, let budget = circumstances.budget else { return result }
        result.account = budget
        result.unexplained = report.mostWithoutLarger.flatMap {
            UnexplainedBytes(account: budget, usages: usages, most: $0, .largeKeys)
        }
        return result
    }
}

extension PrefixSketch.Entry {
    /// Bytes of a key; nil where no size is known.
    var meanSize: Double? { sized > 0 ? Double(bytes) / Double(sized) : nil }
}

extension NamespaceTally {
    /// True where `MEMORY USAGE` may have looked at some elements only: of any type but strings, and where nobody knows
    /// the types.
    var hasSampledSizes: Bool {
        guard sizes.total > 0 else { return false }
        let known = types.reduce(0, +|)
        return known == 0 || types[KeyType.string.rawValue] < known
            || biggest.contains { $0.type.map { $0 != .string } ?? false }
    }
}
