internal import RedisValues

/// Keys of no namespace that never expire and hold much of the memory.
struct LastingPrefix: Equatable, Sendable {
    /// What they begin with, escaped; nil for all keys of no namespace together, none of whose prefixes does by itself.
    var prefix: String?
    /// Keys that never expire.
    var keys: Estimated?
    /// Their bytes; an upper end that nobody knows is infinite.
    var bytes: Estimated
    /// Of the memory of all keys.
    var share: Double
    var leastShare: Double

    /// What stands holds on until it is this much below the threshold.
    private static let hysteresis = 0.95

    /// Those that surely hold more than the thresholds say, the largest first; nothing where nobody knows what all keys
    /// take.
    ///
    /// - Parameter standing: what a look before has found: it goes once its figure is below, whatever its lower end.
    static func found(
        in report: NamespaceReport, beside standing: [String?], _ thresholds: AlertThresholds
    ) -> [LastingPrefix] {
        guard report.bytesAreKnown, let most = report.mostBytes, most > 0 else { return [] }
        func found(_ prefix: String?, _ keys: Estimated?, _ bytes: Estimated?) -> LastingPrefix? {
            guard let bytes, bytes.value > 0 else { return nil }
            let found = LastingPrefix(
                prefix: prefix, keys: keys, bytes: bytes, share: min(1, bytes.value / most),
                leastShare: bytes.low / most)
            let stands = standing.contains(prefix)
            let (part, size) = stands ? (found.share, bytes.value) : (found.leastShare, bytes.low)
            let factor = stands ? hysteresis : 1
            return part > thresholds.unexpiringPrefix * factor && size > thresholds.unexpiringPrefixBytes * factor
                ? found : nil
        }
        let prefixes = report.other.filter { !$0.prefix.isEmpty }.compactMap {
            found($0.prefix, $0.withoutTTL, $0.lastingBytes)
        }
        guard prefixes.isEmpty else { return prefixes.sorted { $0.bytes.value > $1.bytes.value } }
        return [found(nil, report.rest.withoutTTL, report.otherLastingBytes)].compactMap { $0 }
    }
}

extension NamespaceAlert {
    /// What no contract covers breaks none, and grows until the memory is full.
    static let prefixNeverExpires = NamespaceAlert(id: .prefixNeverExpires) { input in
        guard let worst = input.memory.lasting.first else { return nil }
        let what = worst.prefix ?? "their prefix"
        var finding = Finding(
            .warning, input.memory.lasting.map(\.words).joined(separator: "; "), value: worst.leastShare,
            remedy: [
                "Write \(worst.prefix.map { "\($0) keys" } ?? "these keys") with SET … EX, or EXPIRE behind each write",
                "Mend them with a TTL, or flush them: m and F on its row, cachewatch repair or flush --prefix",
                "Make \(what) a [[cachewatch.namespace]] with must_expire and max_ttl",
            ])
        finding.about = worst.prefix.map { .prefix($0) }
        return finding
    }
}

extension LastingPrefix {
    /// `reco:home: 51.0 MiB that never expire, 46.2 % of all keys' memory, in 16,500 keys of no namespace`.
    fileprivate var words: String {
        let size = "\(bytes.isExact ? "" : "about ")\(Format.bytes(ByteCount(bytes.value.whole)))"
        let part = "\(bytes.isExact ? "" : "at least ")\(Format.percent(leastShare)) of all keys' memory"
        let count = keys.map {
            ", in \($0.isExact ? "" : "about ")\(Format.count($0.value.whole, "key")) of no namespace"
        }
        return "\(prefix ?? "Keys without a namespace:") \(size) that never expire, \(part)\(count ?? "")"
    }
}
