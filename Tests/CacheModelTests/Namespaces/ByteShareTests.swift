import Support
import Testing

@testable import CacheModel

/// Who holds the memory, and what of it nobody explains.
@Suite struct ByteShareTests {
    private static let megabyte = 1 << 20

    private func tally(_ groups: [(prefix: String, keys: Int, bytes: Int, type: KeyType)]) -> KeyspaceTally {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for group in groups {
            for number in 0..<group.keys {
                let key = Array("\(group.prefix)\(number)".utf8)
                let facts = KeyFacts(type: group.type, lifetime: .milliseconds(60_000), bytes: group.bytes)
                tally.note(facts, key: key.span, namespace: tally.count(key.span))
            }
        }
        return tally
    }

    private func circumstances(_ budget: Double?) -> NamespaceReport.Circumstances {
        var told = NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: .seconds(1), took: .zero)
        told.budget = budget
        return told
    }

    private var shop: KeyspaceTally { tally([("session:", 3000, 100, .string), ("reco:home:", 1000, 3000, .string)]) }

    @Test func countedBytesHaveExactShares() throws {
        let report = NamespaceReport.sweep(shop, full: true, complete: true, expected: 4000, circumstances(nil))
        #expect(report.bytesAreKnown)
        #expect(report.bytesShare(of: try #require(report["session"])) == Estimated(exactly: 3e5 / 3.3e6))
        #expect(report.bytesShare(of: report.rest) == Estimated(exactly: 3e6 / 3.3e6))
        #expect(
            report.ranked.map(\.name).prefix(2) == ["other", "session"],
            "the larger one first, though it has fewer keys")
    }

    @Test func estimatedSharesLieBetweenTheirEnds() throws {
        let report = NamespaceReport.estimate(shop, keys: 400_000, circumstances(330e6))
        let share = try #require(report.bytesShare(of: report.rest))
        #expect(share.low < 0.9 && share.low > 0.8 && share.high >= share.value && share.high <= 1)
        #expect(abs(share.value - 3.0 / 3.3) < 1e-9)
        #expect(report.unexplained == nil, "chance explains what is left")
    }

    @Test func withoutAnAccountThereIsNoInterval() throws {
        let report = NamespaceReport.estimate(shop, keys: 400_000, circumstances(nil))
        let share = try #require(report.bytesShare(of: report.rest))
        #expect(share.high == .infinity && abs(share.value - 3.0 / 3.3) < 1e-9)
        #expect(share.percentage.hasSuffix("±–"))
        #expect(report.mostBytes == nil)
    }

    @Test func withoutSizesKeysDecide() {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for number in 0..<10 { tally.count(Array((number < 7 ? "cart:\(number)" : "x:\(number)").utf8).span) }
        let report = NamespaceReport.estimate(tally, keys: 100, circumstances(1e6))
        #expect(!report.bytesAreKnown && report.bytesShare(of: report.rest) == nil && report.unexplainedShare == nil)
        #expect(report.ranked.map(\.name).prefix(2) == ["cart", "other"])
    }

    // MARK: what nobody explains

    /// 300 MiB in one key that no draw has met.
    @Test func aGiantThatNobodyDrewIsNotExplained() throws {
        let account = 330e6 + 300 * 1_048_576
        let report = NamespaceReport.estimate(shop, keys: 400_000, circumstances(account))
        let found = try #require(report.unexplained)
        #expect(found.reason == .largeKeys)
        #expect(abs(found.bytes.value - 300 * 1_048_576) < 1)
        #expect(found.bytes.low > 0 && found.bytes.low < found.bytes.value && found.bytes.high > found.bytes.value)
        let session = try #require(report["session"])
        let shares = [report.bytesShare(of: report.rest), report.bytesShare(of: session), report.unexplainedShare]
        #expect(abs(shares.reduce(0) { $0 + ($1?.value ?? 0) } - 1) < 1e-9, "together they are the whole")
    }

    struct Case: Sendable {
        var name: String
        var account: Double?
        var reason: UnexplainedBytes.Reason?
        init(_ name: String, _ account: Double?, _ reason: UnexplainedBytes.Reason?) {
            (self.name, self.account, self.reason) = (name, account, reason)
        }
    }

    @Test(arguments: [
        Case("nobody tells", nil, nil), Case("as much as was seen", 330e6, nil), Case("a tenth more", 360e6, nil),
        Case("less than was surely seen: it is of something else", 100e6, nil),
        Case("twice as much", 660e6, .largeKeys),
    ]) func onlyWhatIsBeyondChanceIsSaid(_ one: Case) {
        let report = NamespaceReport.estimate(shop, keys: 400_000, circumstances(one.account))
        #expect(report.unexplained?.reason == one.reason, "\(one.name)")
    }

    /// One of the large ones was drawn: there may be more of them, and chance explains the rest.
    @Test func whatChanceMayExplainIsNoGiant() {
        let drawn = tally([("session:", 4999, 100, .string), ("cart:", 1, 1_000_000, .string)])
        let report = NamespaceReport.estimate(drawn, keys: 500_000, circumstances(200e6))
        #expect(report.unexplained == nil)
    }

    @Test func tinyServersHaveNothingToExplain() {
        let report = NamespaceReport.estimate(shop, keys: 4000, circumstances(3.3e6 + 900_000))
        #expect(report.unexplained == nil)
    }

    @Test func aSampledSweepKnowsItAsWell() {
        var counted = shop
        for number in 0..<9000 { counted.count(Array("session:more\(number)".utf8).span) }
        func report(_ account: Double) -> NamespaceReport {
            .sweep(counted, full: false, complete: true, expected: 13_000, circumstances(account))
        }
        #expect(report(4.2e6).unexplained == nil)
        #expect(report(30e6).unexplained?.reason == .largeKeys)
        let part = NamespaceReport.sweep(counted, full: false, complete: false, expected: 13_000, circumstances(30e6))
        #expect(part.unexplained == nil, "the rest may still come")
    }

    /// After every key was asked it is not keys that nobody has drawn.
    @Test func aFullSweepSaysOtherWords() {
        func report(_ type: KeyType, _ account: Double, expected: Int = 4000) -> UnexplainedBytes? {
            let counted = tally([("session:", 3000, 100, type), ("reco:home:", 1000, 3000, .string)])
            return NamespaceReport.sweep(
                counted, full: true, complete: true, expected: expected, circumstances(account)
            ).unexplained
        }
        #expect(report(.hash, 3.3e6 + 3e6)?.reason == .sampledSizes)
        #expect(report(.string, 3.3e6 + 3e6)?.reason == .notOfKeys)
        #expect(report(.string, 3.4e6) == nil)
        #expect(report(.string, 6.6e6, expected: 8000) == nil, "half of the keys went while it walked")
    }

    @Test func biggestKeysAreThoseOfAllNamespaces() {
        let counted = tally([("session:", 30, 100, .string), ("cart:", 1, 5000, .hash), ("x:", 1, 9000, .list)])
        let report = NamespaceReport.sweep(counted, full: true, complete: true, expected: 32, circumstances(nil))
        #expect(report.biggest.count == NamespaceTally.biggestKept)
        #expect(report.biggest.prefix(2).map(\.key) == ["x:0", "cart:0"])
    }
}
