import Support
import Testing

@testable import CacheModel

/// What is said of contracts, and for how long.
@Suite struct ContractTests {
    private func report(_ method: NamespaceReport.Method, never: Int, of keys: Int, at seconds: Int) -> NamespaceReport
    {
        let circumstances = NamespaceReport.Circumstances(
            takenAt: Sample.takenAt, elapsed: .seconds(seconds), took: .seconds(1))
        var tally = KeyspaceTally(classifier: KeyClassifier())
        func add(_ name: String, _ lifetime: KeyFacts.Lifetime) {
            let key = Array(name.utf8)
            tally.note(
                KeyFacts(type: .string, lifetime: lifetime, bytes: 100), key: key.span, namespace: tally.count(key.span)
            )
        }
        for number in 0..<keys { add("token:blacklist:\(number)", number < never ? .never : .milliseconds(60_000)) }
        guard method == .estimate else {
            return .sweep(tally, full: true, complete: true, expected: keys, circumstances)
        }
        for number in 0..<max(0, 5000 - keys) { add("product:\(number)", .milliseconds(60_000)) }
        return .estimate(tally, keys: 1_000_000, circumstances)
    }

    private func raised(_ engine: inout AlertEngine, _ report: NamespaceReport, at seconds: Int) -> Set<Alert.ID> {
        var snapshot = Sample.healthy
        snapshot.elapsed = .seconds(seconds)
        snapshot.namespaces = report
        snapshot.nodes[0].info?.memory.policy = "allkeys-lru"
        _ = engine.evaluate(snapshot)
        return Set(engine.raised.map(\.id))
    }

    @Test(arguments: [(3, false), (100, false), (360, false), (400, true), (2000, true)])
    func contractIsKeptOnTheWordOfEnoughKeysOnly(drawn: Int, isKept: Bool) {
        let usage = report(.estimate, never: 0, of: drawn, at: 1)["token:blacklist"]
        #expect(usage?.contract == (isKept ? .kept : .unknown))
    }

    @Test func oneKeyThatBreaksItIsEnough() {
        #expect(report(.estimate, never: 1, of: 2000, at: 1)["token:blacklist"]?.contract == .broken)
        #expect(report(.sweepFull, never: 0, of: 3, at: 1)["token:blacklist"]?.contract == .kept, "it was counted")
    }

    /// A walk over some of 60,000 keys: what it has not met may break the contract.
    @Test(
        arguments: [
            (3, 0, 600, .unknown), (0, 0, 600, .unknown), (600, 0, 600, .unknown), (300, 0, 30_000, .unknown),
            (600, 0, 30_000, .kept),
            (1200, 0, 59_990, .kept), (3, 1, 600, .broken),
        ] as [(Int, Int, Int, NamespaceUsage.Contract)])
    func partOfAWalkVouchesForNothingThatItHasNotMet(
        met: Int, never: Int, walked: Int, contract: NamespaceUsage.Contract
    ) throws {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        let (mine, other) = (Array("token:blacklist:1".utf8), Array("product:1".utf8))
        for number in 0..<walked {
            let key = number < met ? mine : other
            let facts = KeyFacts(
                type: .string, lifetime: number < never ? .never : .milliseconds(60_000), bytes: 100)
            tally.note(facts, key: key.span, namespace: tally.count(key.span))
        }
        var circumstances = NamespaceReport.Circumstances(
            takenAt: Sample.takenAt, elapsed: .seconds(1), took: .seconds(1))
        let usage = try #require(
            NamespaceReport.sweep(tally, full: true, complete: false, expected: 60_000, circumstances)[
                "token:blacklist"])
        #expect(usage.contract == contract)
        #expect(usage.withoutTTL?.isExact == false && usage.aboveContract?.isExact == false)
        let unmet = usage.keys.high - usage.keys.value
        #expect((usage.withoutTTL?.high ?? 0) <= Double(never) + (met > 0 ? usage.keys.high : unmet))
        #expect(usage.bytesLow == Double(met * 100) && usage.bytesHigh == nil && usage.bytesDoubt == .totalNotKnown)
        circumstances.budget = Double(60_000 * 100)
        let told = NamespaceReport.sweep(tally, full: true, complete: false, expected: 60_000, circumstances)
        let high = try #require(told["token:blacklist"]?.bytesHigh)
        #expect(high > Double(met * 100) && high <= Double(60_000 * 100) * 1.1)
    }

    @Test func nothingIsKeptWhereNobodyKnowsHowManyKeysThereAre() {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        func add(_ name: String, _ lifetime: KeyFacts.Lifetime) {
            let key = Array(name.utf8)
            tally.note(KeyFacts(type: .string, lifetime: lifetime), key: key.span, namespace: tally.count(key.span))
        }
        for _ in 0..<3000 { add("token:blacklist:1", .milliseconds(60_000)) }
        for _ in 0..<3000 { add("rate:limit:1", .never) }
        for _ in 0..<30 { add("unheard-of", .never) }
        var circumstances = NamespaceReport.Circumstances(
            takenAt: Sample.takenAt, elapsed: .seconds(1), took: .seconds(1))
        (circumstances.present, circumstances.sizeIsKnown) = (nil, false)
        let report = NamespaceReport.estimate(tally, keys: 0, circumstances)
        #expect(report["token:blacklist"]?.contract == .unknown && report["rate:limit"]?.contract == .broken)
        // What was drawn is there, and its row is, too.
        #expect(report.all.last?.name == "other" && report.all.last?.share.value ?? 0 > 0)
        #expect(report.doubts.contains { $0.doubt == .keysNotKnown && $0.names.contains("other") })
    }

    /// Neither the keys without a TTL nor those that may be evicted are gone because an estimate drew none of them.
    @Test func whatWasCountedStandsUntilALookExcludesIt() {
        var engine = AlertEngine()
        let both: Set<Alert.ID> = [.ttlContractBroken, .revocationsEvictable]
        #expect(raised(&engine, report(.sweepFull, never: 40, of: 200, at: 1), at: 2).isSuperset(of: both))
        #expect(raised(&engine, report(.estimate, never: 0, of: 0, at: 300), at: 302).isSuperset(of: both))
        let counted = raised(&engine, report(.sweepFull, never: 0, of: 200, at: 600), at: 602)
        #expect(!counted.contains(.ttlContractBroken) && counted.contains(.revocationsEvictable))
        #expect(raised(&engine, report(.sweepFull, never: 0, of: 0, at: 700), at: 702).isDisjoint(with: both))
    }

    /// One look says little; many that find nothing say together that there is nothing.
    @Test func manyLooksThatFindNothingExcludeIt() {
        var engine = AlertEngine()
        _ = raised(&engine, report(.sweepFull, never: 40, of: 1000, at: 1), at: 2)
        var looks = 0
        while looks < 100 {
            looks += 1
            let standing = raised(&engine, report(.estimate, never: 0, of: 5, at: 60 * looks), at: 60 * looks + 1)
            if !standing.contains(.ttlContractBroken) { break }
        }
        #expect(looks > 5 && looks < 60, "\(looks)")
    }
}
