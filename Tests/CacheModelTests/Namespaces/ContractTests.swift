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
