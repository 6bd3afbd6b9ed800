internal import RedisValues

/// A report from keys drawn at random, which may repeat.
struct EstimateReport {
    let tally: KeyspaceTally
    /// All keys of the keyspace.
    let keys: Int
    private let prior: SizePrior

    init(_ tally: KeyspaceTally, keys: Int) {
        self.tally = tally
        self.keys = keys
        prior = SizePrior(tally.namespaces.map(\.sizes))
    }

    /// One a namespace, and one for the rest.
    func usages(budget: Double?) -> [NamespaceUsage] {
        var usages = tally.namespaces.indices.map(usage)
        if let budget { SizeBudget(total: budget).apply(to: &usages) }
        return usages
    }

    private func usage(_ index: Int) -> NamespaceUsage {
        let counts = tally.namespaces[index]
        let share = share(of: counts.keys)
        var usage = NamespaceUsage(tally, index, keys: share * Double(keys), share: share)
        usage.bytes = bytes(counts, share)
        guard counts.timed > 0 else { return usage }
        let part = { ShareInterval.of(hits: $0, draws: counts.timed) * usage.keys.value }
        usage.withoutTTL = part(counts.lifetimes.never)
        usage.aboveContract = part(counts.aboveContract)
        return usage
    }

    private func share(of hits: Int) -> Estimated {
        keys == 0 && tally.keys == 0 ? Estimated(exactly: 0) : ShareInterval.of(hits: hits, draws: tally.keys)
    }

    private func bytes(_ counts: NamespaceTally, _ share: Estimated) -> Estimated? {
        if keys == 0, counts.sizes.total == 0 { return Estimated(exactly: 0) }
        let bytes = ByteInterval.of(
            share: share, keys: Double(keys), sizes: counts.sizes, sum: counts.bytes, repeats: true, prior: prior)
        guard bytes == nil, counts.keys == 0, let mean else { return bytes }
        // One that was not met has no size to go by, but is small.
        return Estimated(0, low: 0, high: share.high * Double(keys) * mean)
    }

    /// Bytes of a key, whatever its namespace; nil where no size is known.
    private var mean: Double? {
        let known = tally.namespaces.reduce(0) { $0 +| $1.sizes.total }
        return known > 0 ? Double(tally.namespaces.reduce(0) { $0 +| $1.bytes }) / Double(known) : nil
    }

    var other: [PrefixUsage] {
        let factor = tally.keys > 0 ? Double(keys) / Double(tally.keys) : 0
        return tally.prefixes.ranked.map { entry in
            PrefixUsage(
                prefix: Printable.escape(entry.prefix), keys: share(of: entry.keys) * Double(keys),
                bytes: entry.meanSize.map { $0 * Double(entry.keys) * factor })
        }
    }
}

extension NamespaceReport {
    /// From keys drawn at random.
    ///
    /// - Parameter keys: all keys of the keyspace.
    public static func estimate(_ tally: KeyspaceTally, keys: Int, _ circumstances: Circumstances) -> NamespaceReport {
        let report = EstimateReport(tally, keys: keys)
        return NamespaceReport(
            .estimate, complete: true, examined: tally.keys, keys: keys, report.usages(budget: circumstances.budget),
            report.other, circumstances)
    }
}

extension PrefixSketch.Entry {
    /// Bytes of a key; nil where no size is known.
    var meanSize: Double? { sized > 0 ? Double(bytes) / Double(sized) : nil }
}
