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
    private let prior: SizePrior

    init(_ tally: KeyspaceTally, full: Bool, complete: Bool, expected: Int) {
        self.tally = tally
        self.full = full
        self.complete = complete
        self.expected = expected
        walked = tally.keys
        prior = SizePrior(tally.namespaces.map(\.sizes))
    }

    /// One a namespace, and one for the rest.
    var usages: [NamespaceUsage] { tally.namespaces.indices.map(usage) }

    private func usage(_ index: Int) -> NamespaceUsage {
        let counts = tally.namespaces[index]
        let (keys, share) = count(counts.keys)
        var usage = NamespaceUsage(tally, index, keys: keys, share: share)
        usage.bytes = bytes(counts)
        if counts.timed > 0 || counts.keys == 0 {
            usage.withoutTTL = part(counts.lifetimes.never, of: counts)
            usage.aboveContract = part(counts.aboveContract, of: counts)
        }
        return usage
    }

    /// A walk goes in the order of hashes: a part of it is a sample of the whole.
    private func count(_ keys: Int) -> (keys: Estimated, share: Estimated) {
        guard !complete, expected > walked else {
            let share = walked > 0 ? Double(keys) / Double(walked) : 0
            return (Estimated(exactly: keys), Estimated(exactly: share))
        }
        let share = ShareInterval.of(hits: keys, draws: walked, population: expected)
        return (Estimated(Double(keys), low: Double(keys), high: share.high * Double(expected)), share)
    }

    /// Of the keys that were counted.
    private func bytes(_ counts: NamespaceTally) -> Estimated? {
        guard counts.sizes.total > 0 else { return counts.keys == 0 ? Estimated(exactly: 0) : nil }
        // Keys that were gone when they were asked for have no size any more.
        if counts.sizes.total >= counts.keys || (full && complete) { return Estimated(exactly: counts.bytes) }
        return ByteInterval.of(
            share: Estimated(exactly: 1), keys: Double(counts.keys), sizes: counts.sizes, sum: counts.bytes,
            repeats: false, prior: prior)
    }

    private func part(_ hits: Int, of counts: NamespaceTally) -> Estimated {
        guard counts.timed > 0 else { return Estimated(exactly: 0) }
        let population = full && complete ? counts.timed : counts.keys
        return ShareInterval.of(hits: hits, draws: counts.timed, population: population) * Double(population)
    }

    var other: [PrefixUsage] {
        tally.prefixes.ranked.map { entry in
            PrefixUsage(
                prefix: Printable.escape(entry.prefix),
                keys: Estimated(Double(entry.keys), low: Double(entry.keys -| entry.error), high: Double(entry.keys)),
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
            keys: complete ? tally.keys : max(tally.keys, expected), report.usages, report.other, circumstances)
    }
}
