import Support
import Testing

@testable import CacheModel

@Suite struct NamespaceReportTests {
    private func tally(_ keys: [(String, KeyFacts?)]) -> KeyspaceTally {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for (key, facts) in keys {
            let bytes = Array(key.utf8)
            let namespace = tally.count(bytes.span)
            if let facts { tally.note(facts, key: bytes.span, namespace: namespace) }
        }
        return tally
    }

    private var circumstances: NamespaceReport.Circumstances {
        NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: .seconds(1), took: .milliseconds(3))
    }

    @Test func fullSweepIsExact() {
        let keys: [(String, KeyFacts?)] = [
            ("session:1", KeyFacts(lifetime: .milliseconds(60_000), bytes: 100)),
            ("session:2", KeyFacts(lifetime: .never, bytes: 300)),
            ("session:3", KeyFacts(lifetime: .milliseconds(7_200_001), bytes: 50)),
            ("sessions:1", KeyFacts(lifetime: .never, bytes: 10)),
        ]
        let report = NamespaceReport.sweep(tally(keys), full: true, complete: true, expected: 9, circumstances)
        let session = report["session"]
        #expect(session?.keys == Estimated(exactly: 3))
        #expect(session?.bytes == Estimated(exactly: 450))
        #expect(session?.withoutTTL == Estimated(exactly: 1))
        #expect(session?.aboveContract == Estimated(exactly: 1))
        #expect(session?.contract == .broken)
        #expect(session?.breaches.map(\.key) == ["session:2", "session:3"])
        #expect(report.rest.keys == Estimated(exactly: 1))
        #expect(report.rest.contract == .kept, "nothing is promised of other keys")
        let one = PrefixUsage(
            prefix: "sessions:", keys: Estimated(exactly: 1), bytes: 10, withoutTTL: Estimated(exactly: 1),
            lastingBytes: Estimated(exactly: 10))
        #expect(report.other == [one])
        #expect(report.keys == 4)
    }

    @Test func sampledSweepCountsExactlyAndEstimatesTheRest() {
        let keys = (0..<1000).map { number -> (String, KeyFacts?) in
            ("session:\(number)", number < 200 ? KeyFacts(lifetime: .milliseconds(5000), bytes: 100 + number % 7) : nil)
        }
        let report = NamespaceReport.sweep(tally(keys), full: false, complete: true, expected: 0, circumstances)
        #expect(report["session"]?.keys.isExact == true)
        #expect(report["session"]?.bytes?.isExact == false)
        let bytes = report["session"]?.bytes ?? Estimated(exactly: 0)
        #expect(bytes.low < 103_000 && bytes.high > 103_000 && bytes.margin < 5000)
        #expect(report["session"]?.withoutTTL?.value == 0)
        #expect((report["session"]?.withoutTTL?.high ?? 0) > 0, "a sample cannot say none")
    }

    /// Half a walk is a sample of the whole: what was counted is certain, the rest has an interval.
    @Test func partOfASweepSaysWhatTheWholeMayBe() {
        let keys = (0..<1000).map { ($0 % 4 == 0 ? "cart:\($0)" : "x:\($0)", nil as KeyFacts?) }
        let part = NamespaceReport.sweep(tally(keys), full: false, complete: false, expected: 4000, circumstances)
        let cart = part["cart"]
        #expect(cart?.keys.value == 250 && cart?.keys.low == 250)
        #expect((cart?.keys.high ?? 0) > 1000 && (cart?.keys.high ?? 0) < 1150)
        #expect((cart?.share.low ?? 1) < 0.25 && (cart?.share.high ?? 0) > 0.25)
        #expect(part.keys == 4000 && part.examined == 1000)
        let whole = NamespaceReport.sweep(tally(keys), full: false, complete: true, expected: 4000, circumstances)
        #expect(whole["cart"]?.keys == Estimated(exactly: 250) && whole.keys == 1000)
    }

    @Test func estimateScalesToTheWholeKeyspace() {
        let keys = (0..<1000).map { number -> (String, KeyFacts?) in
            (number % 4 == 0 ? "cart:\(number)" : "x:\(number)", KeyFacts(lifetime: .never, bytes: 80))
        }
        let report = NamespaceReport.estimate(tally(keys), keys: 1_000_000, circumstances)
        #expect(report["cart"]?.keys.value == 250_000)
        #expect((report["cart"]?.keys.low ?? 0) < 250_000 && (report["cart"]?.keys.high ?? 0) > 250_000)
        #expect(abs((report["cart"]?.bytes?.value ?? 0) - 20_000_000) < 1)
        #expect(report["product"]?.keys.value == 0)
        #expect((report["product"]?.keys.high ?? 0) > 1000, "what was not drawn may still be there")
        #expect(report.complete)
    }

    @Test func withoutSizesThereAreNoBytes() {
        let keys = (0..<100).map { ("cart:\($0)", KeyFacts(lifetime: .never) as KeyFacts?) }
        #expect(NamespaceReport.estimate(tally(keys), keys: 100, circumstances)["cart"]?.bytes == nil)
        #expect(
            NamespaceReport.sweep(tally(keys), full: true, complete: true, expected: 100, circumstances)["cart"]?.bytes
                == nil)
        #expect(NamespaceReport.estimate(tally(keys), keys: 100, circumstances)["cart"]?.contract == .broken)
    }

    @Test func emptyKeyspaceIsExactlyNothing() {
        let report = NamespaceReport.estimate(tally([]), keys: 0, circumstances)
        #expect(report.items.allSatisfy { $0.keys == Estimated(exactly: 0) && $0.bytes == Estimated(exactly: 0) })
        #expect(
            report.all.map(\.name) == report.items.map(\.name).filter { !NamespaceRule.seldom.contains($0) },
            "namespaces that many deployments have no keys of are shown where there are some")
    }

    @Test func layoutIsTheOneThatWasFound() {
        let report = NamespaceReport.sweep(
            tally([
                ("ws:session/1", nil), ("ws:session/2", nil), ("blacklist:token:1", nil), ("token:blacklist:2", nil),
            ]),
            full: false, complete: true, expected: 4, circumstances)
        #expect(report["ws:session"]?.layout == ["ws:session/"])
        #expect(report["token:blacklist"]?.layout == ["blacklist:token:", "token:blacklist:"])
    }

    @Test func cliffsStandOutOfTheForecast() {
        var lifetimes = LifetimeHistogram()
        for minute in 0..<60 { for _ in 0..<10 { lifetimes.add(milliseconds: minute * 60_000 + 5) } }
        #expect(ExpiryForecast(lifetimes, factor: 1).cliffs.isEmpty)
        for _ in 0..<400 { lifetimes.add(milliseconds: 12 * 60_000) }
        #expect(ExpiryForecast(lifetimes, factor: 3).cliffs == [12])
        #expect(ExpiryForecast(lifetimes, factor: 3).perMinute[12] == 1230)
    }

    @Test func lifetimesFallIntoTheirStretches() {
        var lifetimes = LifetimeHistogram()
        for seconds in [0, 59, 60, 3599, 3600, 7199, 7200, 86_399, 86_400, 2_591_999, 2_592_000, 99_999_999] {
            lifetimes.add(milliseconds: seconds * 1000)
        }
        lifetimes.never = 2
        let counts = Dictionary(uniqueKeysWithValues: lifetimes.stretches.map { ($0.label, $0.count) })
        #expect(counts["< 1 min"] == 2 && counts["1-5 min"] == 1 && counts["15-60 min"] == 1)
        #expect(counts["1-2 h"] == 2 && counts["2-6 h"] == 1 && counts["6-24 h"] == 1)
        #expect(counts["1-7 d"] == 1 && counts["7-30 d"] == 1 && counts["> 30 d"] == 2 && counts["never"] == 2)
        #expect(lifetimes.total == 14)
    }

    @Test func biggestKeysAreTheBiggestAndNoneTwice() {
        let keys = (0..<500).map { ("cart:\($0 % 250)", KeyFacts(bytes: ($0 % 250) * 37 % 251) as KeyFacts?) }
        let biggest = tally(keys).namespaces[2].biggest
        #expect(biggest.map { $0.bytes ?? 0 } == (241...250).reversed())
    }

    @Test func talliesOfTwoNodesAddUp() {
        var (left, right) = (
            tally([("cart:1", KeyFacts(lifetime: .never, bytes: 5)), ("x:1", nil)]), tally([("x:2", nil)])
        )
        right.merge(left)
        left = tally([("cart:1", KeyFacts(lifetime: .never, bytes: 5)), ("x:1", nil), ("x:2", nil)])
        #expect(right.namespaces == left.namespaces)
        #expect(right.prefixes.ranked.map(\.keys) == [2])
    }

    /// The drawn sum of a hundred thousand keys takes no more memory than that of a thousand: nothing lists keys.
    @Test func nothingGrowsWithTheKeys() {
        let small = Sample.estimate
        #expect(small.items.allSatisfy { $0.biggest.count <= NamespaceTally.biggestKept })
        #expect(small.items.allSatisfy { $0.breaches.count <= NamespaceTally.examplesKept })
        #expect(small.other.count <= PrefixSketch().capacity)
    }

    @Test func hostileKeysAreEscapedWhereverTheyAreNamed() {
        let report = Sample.hostileEstimate
        let names =
            report.other.map(\.prefix) + report.all.flatMap { $0.layout + ($0.biggest + $0.breaches).map(\.key) }
        #expect(names.contains { $0.contains("\\x1b") })
        #expect(names.allSatisfy { $0.unicodeScalars.allSatisfy(Printable.isPrintable) })
    }
}
