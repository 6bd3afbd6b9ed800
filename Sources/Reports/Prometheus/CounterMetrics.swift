internal import CacheModel

/// Metrics of what servers have counted; nothing where they publish nothing.
enum CounterMetrics {
    static func families(_ report: CounterReport?) -> [MetricFamily] {
        guard let report else { return [] }
        var lookups = MetricFamily(
            "cachewatch_store_lookups_total", .counter, "What stores were asked for, as servers have counted it.")
        for line in report.lines {
            for (result, count) in [
                ("hit", line.total.hits), ("miss", line.total.misses), ("stale", line.total.stale),
                ("negative", line.total.negative),
            ] {
                lookups.add(Double(count), labels(line) + [("result", result)])
            }
        }
        func total(
            _ name: String, _ help: String, _ figure: (StoreCounts) -> Double
        ) -> MetricFamily {
            var family = MetricFamily("cachewatch_store_\(name)_total", .counter, help)
            for line in report.lines { family.add(figure(line.total), labels(line)) }
            return family
        }
        var ratio = MetricFamily(
            "cachewatch_namespace_hit_ratio", .gauge,
            "Hits of all lookups that servers count, of late if known, else of all.")
        for name in report.namespaces { ratio.add(report.traffic(in: name)?.hitRatio, [("namespace", name)]) }
        var published = MetricFamily(
            "cachewatch_store_published_timestamp_seconds", .gauge, "When a service has published last, Unix time.")
        for service in report.services {
            published.add(service.publishedAt.map { Double($0.milliseconds) / 1000 }, [("service", service.name)])
        }
        return [
            lookups, total("loads", "Values that loaders brought.") { Double($0.loads) },
            total("load_seconds", "What those took.") { Double($0.loadMilliseconds) / 1000 },
            total("drops", "Calls that were left out because the cache was away.") { Double($0.drops) },
            total("undecodable", "What was there and could not be understood.") { Double($0.undecodable) },
            total("side_misses", "Keys that were looked for besides and were not there.") { Double($0.sideMisses) },
            ratio, published,
        ]
    }

    private static func labels(_ line: CounterReport.Line) -> [(name: String, value: String)] {
        [("namespace", line.namespace), ("service", line.service)]
    }
}
