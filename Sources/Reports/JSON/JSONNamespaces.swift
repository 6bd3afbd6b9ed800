internal import CacheModel

/// The JSON report's `namespaces` and `receipt`.
enum JSONNamespaces {
    /// - Parameter counters: what servers have counted, which is there without a look at the keys, too.
    static func value(_ report: NamespaceReport?, _ counters: CounterReport?) -> JSONValue {
        guard let report else { return counters.map(counted) ?? .null }
        return .object([
            ("method", .string(report.method.rawValue)),
            ("complete", .boolean(report.complete)),
            ("examined", .integer(report.examined)),
            ("draws", JSONValue(report.draws)),
            ("keys", report.countsAreKnown ? .integer(report.keys) : .null),
            ("taken_at", .string(report.takenAt.iso8601)),
            ("took_us", JSONValue(microseconds: report.took)),
            ("refusal", JSONValue(report.refusal?.reason)),
            ("refusal_detail", JSONValue(report.refusal?.detail)),
            ("denied", JSONValue(report.denied.map(\.command))),
            ("account_bytes", whole(report.account)),
            ("unexplained_bytes", whole(report.unexplained?.bytes.value)),
            ("unexplained_bytes_low", whole(report.unexplained?.bytes.low)),
            ("unexplained_bytes_high", whole(report.unexplained?.bytes.high)),
            ("unexplained_reason", JSONValue(report.unexplained?.reason.rawValue)),
            ("items", .array(report.items.map { usage($0, in: report, counters) } + others(than: report, counters))),
            ("rest", usage(report.rest, in: report, nil)),
            ("other", .array(report.other.map { prefix($0, in: report) })),
        ])
    }

    static func receipt(_ report: NamespaceReport?) -> JSONValue {
        guard let receipt = report?.receipt else { return .null }
        return .object([
            ("commands", .integer(receipt.commands)), ("bytes_sent", .integer(receipt.bytesSent)),
            ("bytes_received", .integer(receipt.bytesReceived)),
            ("server_us", JSONValue(microseconds: receipt.serverTime)),
            ("largest_stall_us", JSONValue(microseconds: receipt.largestStall)),
            ("errors", .integer(receipt.errors)), ("keyspace_hits", .integer(receipt.hits)),
            ("keyspace_misses", .integer(receipt.misses)),
        ])
    }

    /// Namespaces that are counted, where nobody has looked at the keys.
    private static func counted(_ counters: CounterReport) -> JSONValue {
        let unknown = ["method", "complete", "examined", "draws", "keys", "taken_at", "took_us"]
        return .object(
            unknown.map { ($0, .null) } + [
                ("items", .array(counters.namespaces.map { counted($0, counters) })), ("rest", .null),
                ("other", .array([])),
            ])
    }

    /// Of its keys nothing is known.
    private static func counted(_ name: String, _ counters: CounterReport) -> JSONValue {
        let unknown = ["keys", "keys_low", "keys_high", "share", "bytes", "bytes_low", "bytes_high"]
        return .object(
            [("name", .string(name))] + unknown.map { ($0, .null) } + JSONCounters.members(of: name, counters))
    }

    /// Those that servers count and no rule names.
    private static func others(than report: NamespaceReport, _ counters: CounterReport?) -> [JSONValue] {
        guard let counters else { return [] }
        let known = Set(report.items.map { Printable.escape($0.name) })
        return counters.namespaces.filter { !known.contains($0) }.map { counted($0, counters) }
    }

    private static func usage(
        _ usage: NamespaceUsage, in report: NamespaceReport, _ counters: CounterReport?
    ) -> JSONValue {
        let counted = JSONCounters.members(of: usage.name, counters)
        guard report.isKnown else {
            return .object([("name", .string(usage.name))] + unknown(usage, in: report) + counted)
        }
        let members = figures(usage) + shares(usage, in: report) + details(usage) + counted
        return .object(
            report.countsAreKnown ? members : members.map { (name: $0, value: counts.contains($0) ? .null : $1) })
    }

    /// The members of a namespace of which nothing was seen: a name, and no figure.
    private static func unknown(
        _ usage: NamespaceUsage, in report: NamespaceReport
    ) -> [(name: String, value: JSONValue)] {
        (figures(usage) + shares(usage, in: report) + details(usage)).dropFirst().map { name, value in
            if name == "contract" { return (name, .string(NamespaceUsage.Contract.unknown.rawValue)) }
            return (name, .null)
        }
    }

    /// What cannot be known without how many keys there are.
    private static let counts: Set = [
        "keys", "keys_low", "keys_high", "bytes", "bytes_low", "bytes_high", "without_ttl", "without_ttl_low",
        "without_ttl_high", "ttl_above_contract", "average_bytes", "expiring_per_minute", "expiry_cliffs",
    ]

    private static func figures(_ usage: NamespaceUsage) -> [(name: String, value: JSONValue)] {
        [
            ("name", .string(usage.name)),
            ("keys", whole(usage.keys.value)), ("keys_low", whole(usage.keysLow)),
            ("keys_high", whole(usage.keysHigh)), ("keys_doubt", JSONValue(usage.keysDoubt?.rawValue)),
            ("share", JSONValue(usage.share.value)), ("share_low", JSONValue(usage.share.low)),
            ("share_high", JSONValue(usage.share.high)),
            ("bytes", whole(usage.bytes?.value)), ("bytes_low", whole(usage.bytesLow)),
            ("bytes_high", whole(usage.bytesHigh)), ("bytes_doubt", JSONValue(usage.bytesDoubt?.rawValue)),
            ("sizes_sampled", usage.sizes.total > 0 ? .boolean(usage.sizesAreSampled) : .null),
            ("without_ttl", whole(usage.withoutTTL?.value)), ("without_ttl_low", whole(usage.withoutTTL?.low)),
            ("without_ttl_high", whole(usage.withoutTTL?.high)),
            ("ttl_above_contract", whole(usage.aboveContract?.value)),
            ("contract", .string(usage.contract.rawValue)), ("layout", JSONValue(usage.layout)),
        ]
    }

    private static func shares(
        _ usage: NamespaceUsage, in report: NamespaceReport
    ) -> [(name: String, value: JSONValue)] {
        let share = report.bytesShare(of: usage)
        // Of what has no upper end there is no interval.
        let ends = share.flatMap { $0.high.isFinite ? $0 : nil }
        return [
            ("bytes_share", JSONValue(share?.value)), ("bytes_share_low", JSONValue(ends?.low)),
            ("bytes_share_high", JSONValue(ends?.high)),
        ]
    }

    private static func details(_ usage: NamespaceUsage) -> [(name: String, value: JSONValue)] {
        let forecast = usage.forecast
        // Of keys that are not there nothing is unknown.
        let isEmpty = usage.keys.high == 0
        func known(_ isKnown: Bool, _ value: JSONValue) -> JSONValue { isKnown || isEmpty ? value : .null }
        let (hasTypes, hasSizes) = (!usage.types.isEmpty, usage.sizes.total > 0)
        let hasLifetimes = usage.lifetimes.total > 0
        return [
            ("examined", .integer(usage.examined)),
            ("average_bytes", JSONValue(usage.meanSize)), ("p99_bytes", JSONValue(usage.p99Size)),
            ("ttl_coverage", JSONValue(usage.coverage)), ("idle_share", JSONValue(usage.idleShare)),
            (
                "types",
                known(hasTypes, .object(usage.types.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) }))
            ),
            ("biggest", known(hasSizes, .array(usage.biggest.map(key)))),
            ("breaches", known(hasLifetimes, .array(usage.breaches.map(key)))),
            (
                "ttl_histogram",
                known(
                    hasLifetimes,
                    .object(hasLifetimes ? usage.lifetimes.stretches.map { ($0.label, .integer($0.count)) } : []))
            ),
            (
                "size_histogram",
                known(
                    hasSizes,
                    .array(
                        usage.sizes.octaves.map {
                            .object([("from", whole($0.from)), ("keys", .integer($0.count))])
                        }))
            ),
            (
                "expiring_per_minute",
                known(hasLifetimes, .array(hasLifetimes ? forecast.perMinute.map { whole($0) } : []))
            ),
            ("expiry_cliffs", known(hasLifetimes, .array(forecast.cliffs.map(JSONValue.integer)))),
        ]
    }

    private static func prefix(_ prefix: PrefixUsage, in report: NamespaceReport) -> JSONValue {
        func figure(_ number: Double?) -> JSONValue { report.countsAreKnown ? whole(number) : .null }
        return .object([
            ("prefix", .string(prefix.prefix)), ("keys", figure(prefix.keys.value)),
            ("keys_low", figure(prefix.keys.low)), ("keys_high", figure(prefix.keys.high)),
            ("bytes", figure(prefix.bytes)),
            ("without_ttl", figure(prefix.withoutTTL?.value)), ("without_ttl_low", figure(prefix.withoutTTL?.low)),
            ("without_ttl_high", figure(prefix.withoutTTL?.high)),
            ("bytes_without_ttl", figure(prefix.lastingBytes?.value)),
            ("bytes_without_ttl_low", figure(prefix.lastingBytes?.low)),
            ("bytes_without_ttl_high", figure(prefix.lastingBytes?.high)),
        ])
    }

    private static func key(_ key: NotedKey) -> JSONValue {
        .object([
            ("key", .string(key.key)), ("bytes", JSONValue(key.bytes)),
            ("bytes_sampled", JSONValue(key.sizeIsSampled)), ("type", JSONValue(key.type?.name)),
            ("ttl", JSONValue(key.lifetime)),
        ])
    }

    /// Keys and bytes come whole.
    private static func whole(_ number: Double?) -> JSONValue {
        guard let number, number.isFinite, abs(number) < 9e15 else { return .null }
        return .integer(number.whole)
    }
}
