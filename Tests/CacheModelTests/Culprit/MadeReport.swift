import Support

@testable import CacheModel

/// Reports of looks at made-up keyspaces, without the intervals, which nobody who asks for growth needs.
enum MadeReport {
    /// - Parameters:
    ///   - drawn: of each namespace its sizes, and how often a key of that size was drawn.
    ///   - without: keys that never expire, of namespaces whose keys must.
    ///   - lasting: the same of those whose keys need not.
    static func estimate(
        _ drawn: [(name: String, sizes: [(size: Int, hits: Int)])], draws: Int, keys: Int, account: Double?,
        at seconds: Int,
        other: [PrefixUsage] = [], without: [String: Double] = [:], lasting: [String: Double] = [:]
    ) -> NamespaceReport {
        let usages = drawn.map { name, sizes in
            var histogram = SizeHistogram()
            var (hits, sum) = (0, 0.0)
            for (size, count) in sizes where count > 0 {
                histogram.add(size, count: count)
                hits += count
                sum += Double(size) * Double(count)
            }
            let share = Double(hits) / Double(draws)
            var usage = usage(name, keys: share * Double(keys), share: share, sizes: histogram)
            usage.bytes = Estimated(exactly: sum / Double(draws) * Double(keys))
            usage.mustExpire = without[name] != nil
            usage.withoutTTL = (without[name] ?? lasting[name]).map { Estimated(exactly: $0) }
            return usage
        }
        var report = report(.estimate, usages, keys: keys, at: seconds, other)
        (report.draws, report.account) = (draws, account)
        return report
    }

    /// All keys were asked.
    static func sweep(_ counted: [String: (keys: Int, bytes: Int)], at seconds: Int) -> NamespaceReport {
        let all = counted.values.reduce(0) { $0 + $1.keys }
        let usages = counted.sorted { $0.key < $1.key }.map { name, part in
            var sizes = SizeHistogram()
            if part.keys > 0 { sizes.add(part.bytes / part.keys, count: part.keys) }
            var usage = usage(
                name, keys: Double(part.keys), share: Double(part.keys) / Double(max(1, all)), sizes: sizes)
            usage.bytes = Estimated(exactly: part.bytes)
            return usage
        }
        var report = report(.sweepFull, usages, keys: all, at: seconds, [])
        report.account = counted.values.reduce(0) { $0 + Double($1.bytes) }
        return report
    }

    private static func report(
        _ method: NamespaceReport.Method, _ usages: [NamespaceUsage], keys: Int, at seconds: Int, _ other: [PrefixUsage]
    ) -> NamespaceReport {
        let rest = usages.first { $0.name == "other" } ?? usage("other", keys: 0, share: 0, sizes: SizeHistogram())
        var circumstances = NamespaceReport.Circumstances(
            takenAt: Sample.takenAt, elapsed: .seconds(seconds), took: .milliseconds(100))
        circumstances.sizeIsKnown = true
        return NamespaceReport(
            method, complete: true, examined: keys, keys: keys, usages.filter { $0.name != "other" } + [rest], other,
            circumstances)
    }

    private static func usage(_ name: String, keys: Double, share: Double, sizes: SizeHistogram) -> NamespaceUsage {
        NamespaceUsage(
            name: name, purpose: "", mustExpire: false, maximumTTL: nil, protected: false, layout: [],
            keys: Estimated(exactly: keys), share: Estimated(exactly: share), bytes: nil, sizesAreSampled: false,
            examined: sizes.total, withoutTTL: nil, aboveContract: nil, sizes: sizes, lifetimes: LifetimeHistogram(),
            types: [:], biggest: [], breaches: [], idleShare: nil)
    }
}
