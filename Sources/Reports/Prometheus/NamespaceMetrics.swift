internal import CacheModel

/// Metrics of a look at the keyspace; nothing without one.
enum NamespaceMetrics {
    static func families(_ report: NamespaceReport?) -> [MetricFamily] {
        guard let report else { return [] }
        let usages = report.isKnown ? report.all : []
        func family(
            _ name: String, _ help: String, _ figure: (NamespaceUsage) -> Double?
        ) -> MetricFamily {
            var family = MetricFamily("cachewatch_namespace_\(name)", .gauge, help)
            for usage in usages { family.add(figure(usage), [("namespace", usage.name)]) }
            return family
        }
        func count(_ figure: Double?) -> Double? { report.countsAreKnown ? figure : nil }
        func ends(
            _ name: String, _ help: String, _ low: (NamespaceUsage) -> Double?, _ high: (NamespaceUsage) -> Double?
        ) -> [MetricFamily] {
            [
                family("\(name)_low", "\(help) Lower end of the 95 % interval.") { count(low($0)) },
                family("\(name)_high", "\(help) Upper end of the 95 % interval.") { count(high($0)) },
            ]
        }
        let (keys, bytes) = ("Keys of the namespace.", "Memory of the namespace's keys.")
        return [family("keys", keys) { count($0.keys.value) }] + ends("keys", keys, \.keysLow, \.keysHigh)
            + [family("bytes", bytes) { count($0.bytes?.value) }] + ends("bytes", bytes, \.bytesLow, \.bytesHigh)
            + [
                family("sizes_sampled", "1 where MEMORY USAGE may have looked at some elements of a key only.") {
                    $0.sizes.total > 0 ? ($0.sizesAreSampled ? 1 : 0) : nil
                }, doubts(usages),
            ]
            + [
                family("share_ratio", "Share of all keys.") { $0.share.value },
                family("bytes_share_ratio", "Share of the memory of all keys.") { report.bytesShare(of: $0)?.value },
                unexplained(report),
                family("keys_without_ttl", "Keys that never expire.") { count($0.withoutTTL?.value) },
                family("keys_above_contract", "Keys that live longer than agreed.") { count($0.aboveContract?.value) },
                family("idle_ratio", "Share of the memory that nobody touched for an hour.") { $0.idleShare },
                method(report), complete(report),
            ] + receipt(report.receipt)
    }

    private static func unexplained(_ report: NamespaceReport) -> MetricFamily {
        var family = MetricFamily(
            "cachewatch_unexplained_bytes", .gauge, "Memory of keys by the server's account that no namespace explains."
        )
        family.add(report.unexplained?.bytes.value, [])
        return family
    }

    /// Why there is no interval.
    private static func doubts(_ usages: [NamespaceUsage]) -> MetricFamily {
        var family = MetricFamily(
            "cachewatch_namespace_interval_doubt_info", .gauge,
            "Why a figure has no whole 95 % interval, in its labels.")
        for usage in usages {
            for (figure, doubt) in [("keys", usage.keysDoubt), ("bytes", usage.bytesDoubt)] {
                guard let doubt else { continue }
                family.add(
                    1, [("namespace", usage.name), ("figure", figure), ("reason", doubt.rawValue)])
            }
        }
        return family
    }

    private static func method(_ report: NamespaceReport) -> MetricFamily {
        var family = MetricFamily(
            "cachewatch_namespace_look_info", .gauge, "How the namespaces were looked at, in its labels.")
        family.add(1, [("method", report.method.rawValue)])
        return family
    }

    private static func complete(_ report: NamespaceReport) -> MetricFamily {
        var family = MetricFamily(
            "cachewatch_namespace_look_complete", .gauge, "Whether all keys were seen or could have been drawn.")
        family.add(report.complete ? 1 : 0, [])
        return family
    }

    private static func receipt(_ receipt: Receipt) -> [MetricFamily] {
        func single(_ name: String, _ help: String, _ value: Double?) -> MetricFamily {
            var family = MetricFamily("cachewatch_namespace_look_\(name)", .gauge, help)
            family.add(value, [])
            return family
        }
        return [
            single("commands", "Commands that the look took.", Double(receipt.commands)),
            single(
                "bytes", "Bytes that the look moved, both ways.", Double(receipt.bytesSent +| receipt.bytesReceived)),
            single(
                "server_seconds", "Server time that the look took.", receipt.serverTime.map { $0 / .seconds(1) }),
            single("errors", "Error replies to the look.", Double(receipt.errors)),
        ]
    }
}
