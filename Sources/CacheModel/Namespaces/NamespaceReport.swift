public import RedisValues

/// Which namespace holds how much: an estimate from drawn keys, or what a sweep has counted.
public struct NamespaceReport: Codable, Equatable, Sendable {
    public enum Method: String, Codable, Sendable {
        case estimate, sweepCounts = "sweep-counts", sweepFull = "sweep-full"
    }

    public var method: Method
    /// False for a sweep that has not seen all keys (yet).
    public var complete: Bool
    /// Keys that an estimate has drawn, each once where that is known; keys walked by a sweep.
    public var examined: Int
    /// How often an estimate drew a key, the same one maybe several times; nil for a sweep.
    public var draws: Int?
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
    /// Of those, the ones that hold a hundredth of the keys or of the bytes, each as a namespace would be; and what is left
    /// of ``rest`` without them.
    public var discovered: [NamespaceUsage] = []
    public var remainder: NamespaceUsage?
    public var receipt: Receipt
    /// What the server refused, so that something is not known.
    public var denied: [DeniedCommand] = []
    /// Why it ended early; nil where it did not, or was cancelled.
    public var refusal: Refusal?

    /// False where nobody told how many keys there are: shares are known then, and no figure that counts.
    public var sizeIsKnown = true
    /// What all keys together take by the server's own account, where that is no less than what was seen; nil where it
    /// is not known.
    public var account: Double?
    /// What of it no namespace explains; nil where that is little, chance, or not known.
    public var unexplained: UnexplainedBytes?
    /// Bytes of those keys of no namespace that never expire; nil where it is not known.
    public var otherLastingBytes: Estimated?

    /// False where nothing was seen of the keys: no figure in it means anything.
    public var isKnown: Bool { complete || examined > 0 }
    /// True where its figures of keys and bytes mean something.
    public var countsAreKnown: Bool { isKnown && sizeIsKnown }

    /// Namespaces and the rest, where there are keys in it.
    public var all: [NamespaceUsage] { shownItems + (rest.keys.high >= 1 || isMet(rest) ? [rest] : []) }

    /// The same with each discovered prefix in a line of its own.
    public var rows: [NamespaceUsage] {
        guard let remainder else { return all }
        return shownItems + discovered + (remainder.keys.high >= 1 || isMet(remainder) ? [remainder] : [])
    }

    private var shownItems: [NamespaceUsage] {
        items.filter { isMet($0) || !NamespaceRule.seldom.contains($0.name) }
    }

    /// Where nobody tells how many keys there are, a share says that there are some.
    private func isMet(_ usage: NamespaceUsage) -> Bool {
        usage.keys.value > 0 || !sizeIsKnown && usage.share.value > 0
    }

    /// Why there are no intervals, and of which namespaces; only those that have keys.
    public var doubts: [(doubt: IntervalDoubt, names: [String])] {
        let found = all.filter(isMet).map { usage in
            (usage.name, [usage.keysDoubt, usage.bytesDoubt].compactMap { $0 })
        }
        let order: [IntervalDoubt] = [.keysNotKnown, .stillGrowing, .totalNotKnown]
        return order.compactMap { doubt in
            let names = found.filter { $0.1.contains(doubt) }.map(\.0)
            return names.isEmpty ? nil : (doubt, names)
        }
    }

    /// Namespaces whose sizes are `MEMORY USAGE`'s own guesses, in part at least.
    public var sampledSizes: [String] { all.filter(\.sizesAreSampled).map(\.name) }
    public static let sampledSizesWords =
        "about: MEMORY USAGE looks at five elements of a hash, list, set, sorted set or stream"

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
        /// Keys that there are: expired ones that are not removed yet are none; nil for as many as the server counts.
        public var present: Estimated?
        /// False where the server does not tell how many keys there are.
        public var sizeIsKnown = true

        public init(takenAt: WallTime, elapsed: Duration, took: Duration, receipt: Receipt = Receipt()) {
            self.takenAt = takenAt
            self.elapsed = elapsed
            self.took = took
            self.receipt = receipt
        }
    }
}

extension NamespaceReport {
    init(
        _ method: Method, complete: Bool, examined: Int, keys: Int, _ usages: [NamespaceUsage], _ other: [PrefixUsage],
        _ circumstances: Circumstances
    ) {
        self.init(
            method: method, complete: complete, examined: examined, keys: keys, takenAt: circumstances.takenAt,
            elapsed: circumstances.elapsed, took: circumstances.took, items: Array(usages.dropLast()),
            rest: usages[usages.count - 1], other: other, receipt: circumstances.receipt,
            denied: circumstances.denied, refusal: circumstances.refusal)
    }
}

extension NamespaceUsage {
    /// All but what depends on how the keys were chosen.
    init(_ tally: KeyspaceTally, _ index: Int, _ counts: NamespaceTally, keys: Estimated, share: Estimated) {
        let rule = index < tally.otherIndex ? tally.classifier.rules[index] : nil
        var types: [String: Int] = [:]
        for type in KeyType.allCases where counts.types[type.rawValue] > 0 {
            types[type.name] = counts.types[type.rawValue]
        }
        self.init(
            name: rule?.name ?? NamespaceRule.rest(beside: tally.classifier.rules), purpose: rule?.purpose ?? "",
            mustExpire: rule?.mustExpire ?? false,
            maximumTTL: rule?.maximumTTL, protected: rule?.protected ?? false,
            layout: counts.layouts.map { Printable.escape($0) }.sorted(), keys: keys, share: share, bytes: nil,
            sizesAreSampled: counts.hasSampledSizes, examined: counts.examined, withoutTTL: nil, aboveContract: nil,
            sizes: counts.sizes,
            lifetimes: counts.lifetimes, types: types, biggest: counts.biggest, breaches: counts.breaches,
            idleShare: counts.watchedBytes > 0 ? Double(counts.idleBytes) / Double(counts.watchedBytes) : nil)
    }
}
