internal import RedisValues

/// A report from keys drawn at random, which may repeat.
struct EstimateReport {
    let tally: KeyspaceTally
    /// All keys of the keyspace that can be drawn.
    let keys: Estimated
    let sizeIsKnown: Bool

    /// One a namespace, and one for the rest.
    func usages(budget: Double?) -> [NamespaceUsage] {
        var usages = tally.namespaces.indices.map(usage)
        if let budget { SizeBudget(total: budget).apply(to: &usages, rests: rests) }
        return usages
    }

    private func usage(_ index: Int) -> NamespaceUsage {
        let counts = tally.namespaces[index]
        let share = share(of: counts.keys)
        var usage = NamespaceUsage(tally, index, keys: share * keys, share: share)
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
        var (all, sum) = (SizeHistogram(), 0)
        for counts in tally.namespaces {
            all.merge(counts.sizes)
            sum +|= counts.bytes
        }
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
            return PrefixUsage(
                prefix: Printable.escape(entry.prefix),
                keys: Estimated(most.value, low: least.low, high: most.high) * keys,
                bytes: entry.meanSize.map { $0 * Double(entry.keys) * factor })
        }
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
        var result = NamespaceReport(
            .estimate, complete: true, examined: examined, keys: keys,
            report.usages(budget: circumstances.budget), report.other, circumstances)
        result.draws = tally.keys
        result.sizeIsKnown = circumstances.sizeIsKnown
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
