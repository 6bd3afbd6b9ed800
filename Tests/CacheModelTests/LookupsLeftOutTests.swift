import CacheModel
import RedisValues
import Support
import Testing

/// A revocation check is a miss for the server, and says nothing of a cache.
@Suite struct LookupsLeftOutTests {
    /// Of a minute in which a shop was asked 600 times, with 60 misses, and tokens were checked 300 times.
    private static func report(checks: Bool = true) -> CounterReport {
        var (products, tokens) = (StoreCounts(), StoreCounts())
        (products.hits, products.misses, products.sideMisses) = (540, 60, 30)
        (tokens.hits, tokens.misses) = (3, 297)
        func line(_ namespace: String, _ counts: StoreCounts) -> CounterReport.Line {
            CounterReport.Line(
                service: "shop", namespace: namespace, total: counts, recent: counts, over: .seconds(60))
        }
        var report = CounterReport(
            services: [CounterReport.Service(name: "shop", publishedAt: nil)],
            lines: [line("product", products)] + (checks ? [line(NamespaceRule.revocations, tokens)] : []))
        (report.serverHits, report.serverMisses) = (543.0 / 60, 387.0 / 60)
        return report
    }

    private static func snapshot(_ report: CounterReport?) -> Snapshot {
        var snapshot = Sample.healthy
        snapshot.counters = report
        snapshot.nodes[0].rates?.hits = 543.0 / 60
        snapshot.nodes[0].rates?.misses = 387.0 / 60
        snapshot.leaveOutChecks()
        return snapshot
    }

    @Test func theRatioIsAboutTheCaches() throws {
        let node = Self.snapshot(Self.report()).nodes[0]
        #expect(try abs(#require(node.hitRatio) - 0.9) < 1e-9)
        // The same chart, the same reports.
        #expect(History.values(of: node)[History.Figure.hitRatio.rawValue] == node.hitRatio)
    }

    @Test func withoutCountersItIsTheServers() throws {
        for report in [nil, Self.report(checks: false)] {
            let node = Self.snapshot(report).nodes[0]
            #expect(node.rates?.leftOut == nil)
            #expect(try abs(#require(node.hitRatio) - 543.0 / 930) < 1e-9)
        }
    }

    /// A second of checks alone has no ratio, and none is beyond one.
    @Test func nothingAskedIsNoRatio() {
        var rates = Rates()
        (rates.hits, rates.misses) = (0, 50)
        rates.leftOut = LookupsLeftOut(lookups: 1, found: 0)
        #expect(rates.hitRatio == nil)
        (rates.hits, rates.misses) = (50, 0)
        rates.leftOut = LookupsLeftOut(lookups: 0.4, found: 0)
        #expect(rates.hitRatio == 1)
    }

    /// Of several primaries nobody knows which of them was asked for what.
    @Test func ofSeveralNodesOnlyTheSumIsWithoutThem() {
        var snapshot = Sample.healthy
        snapshot.counters = Self.report()
        var sum = snapshot.nodes[0]
        sum.address = "all primaries"
        snapshot.nodes = [snapshot.nodes[0], snapshot.nodes[0]]
        snapshot.sum = sum
        snapshot.leaveOutChecks()
        #expect(snapshot.sum?.rates?.leftOut != nil)
        #expect(snapshot.nodes.allSatisfy { $0.rates?.leftOut == nil })
    }

    @Test func checksHaveNoHitRatio() throws {
        let traffic = try #require(Self.report().traffic(in: NamespaceRule.revocations))
        #expect(traffic.hitRatio == nil)
        #expect(traffic.lookups == 5 && (0.049...0.051).contains(traffic.found ?? 0))
        #expect(try #require(Self.report().traffic(in: "product")).found == nil)
    }
}
