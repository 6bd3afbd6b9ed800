internal import CacheModel

/// Metrics of a look at the keyspace; nothing without one.
enum NamespaceMetrics {
    static func families(_ report: NamespaceReport?) -> [MetricFamily] {
        guard let report else { return [] }
        let usages = report.all
        func family(
            _ name: String, _ help: String, _ figure: (NamespaceUsage) -> Double?
        ) -> MetricFamily {
            var family = MetricFamily("cachewatch_namespace_\(name)", .gauge, help)
            for usage in usages { family.add(figure(usage), [("namespace", usage.name)]) }
            return family
        }
        func bounds(
            _ name: String, _ help: String, _ figure: @escaping (NamespaceUsage) -> Estimated?
        ) -> [MetricFamily] {
            [
                family(name, help) { figure($0)?.value },
                family("\(name)_low", "\(help) Lower end of the 95 % interval.") { figure($0)?.low },
                family("\(name)_high", "\(help) Upper end of the 95 % interval.") { figure($0)?.high },
            ]
        }
        return bounds("keys", "Keys of the namespace.") { $0.keys }
            + bounds("bytes", "Memory of the namespace's keys.") { $0.bytes }
            + [
                family("share_ratio", "Share of all keys.") { $0.share.value },
                family("keys_without_ttl", "Keys that never expire.") { $0.withoutTTL?.value },
                family("keys_above_contract", "Keys that live longer than agreed.") { $0.aboveContract?.value },
                family("idle_ratio", "Share of the memory that nobody touched for an hour.") { $0.idleShare },
                method(report), complete(report),
            ] + receipt(report.receipt)
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
