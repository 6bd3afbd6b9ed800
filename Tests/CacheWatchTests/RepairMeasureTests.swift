import CacheModel
import Testing

@testable import CacheCore
@testable import CacheWatch

/// What a repair gives to which keys, without a server.
@Suite struct RepairMeasureTests {
    private static let hour: Int64 = 3_600_000
    private static let classifier = KeyClassifier(
        rules: NamespaceRule.platform + [
            NamespaceRule(name: "shelf", prefixes: ["shelf"], maximumTTL: .seconds(3600), mustExpire: false),
            NamespaceRule(name: "blink", prefixes: ["blink"], maximumTTL: .seconds(5)),
        ])

    private func given(_ key: String, _ lifetime: Int64, _ glob: Glob = "*", ttl: Duration) -> Int64? {
        let selection = KeySelection(.pattern(glob), glob, Self.classifier)
        return RepairMeasure(selection: selection, maximum: ttl, shortens: true)
            .given(to: Array(key.utf8), with: lifetime)
    }

    @Test func keysOfANamespaceThatNeedNotExpireAreLeftAlone() {
        for lifetime in [-1, 1, Self.hour, 1000 * Self.hour, .max] {
            #expect(given("shelf:1", lifetime, ttl: .seconds(600)) == nil, "\(lifetime)")
        }
        #expect(given("shelves:1", -1, ttl: .seconds(600)) != nil, "it is of no namespace")
    }

    @Test func noKeyGetsMoreThanItsOwnContractAllows() {
        let month = Duration.seconds(30 * 86_400)
        for number in 0..<50 {
            let session = given("session:\(number)", -1, ttl: month) ?? 0
            #expect(session >= Self.hour && session <= 2 * Self.hour, "\(session)")
            let none = given("reco:\(number)", -1, ttl: month) ?? 0
            #expect(none >= 360 * Self.hour && none <= 720 * Self.hour, "\(none)")
        }
        #expect(given("session:1", 3 * Self.hour, ttl: month) == 2 * Self.hour)
        #expect(given("reco:1", 3 * Self.hour, ttl: month) == nil)
        #expect(given("reco:1", 721 * Self.hour, ttl: month) == 720 * Self.hour)
        #expect(given("blink:1", -1, ttl: month) == nil, "it would be a deletion")
    }

    /// A prefix is no contract: what keeps its own is no breach.
    @Test func keysWithinTheirOwnContractKeepWhatTheyHave() {
        #expect(given("session:1", Self.hour, ttl: .seconds(600)) == nil)
        #expect(given("session:1", 3 * Self.hour, ttl: .seconds(600)) == 600_000)
        #expect(given("cart:1", 1000 * Self.hour, ttl: .seconds(600)) == nil)
        #expect((300_000...600_000).contains(given("cart:1", -1, ttl: .seconds(600)) ?? 0))
        #expect(given("reco:1", Self.hour, ttl: .seconds(600)) == 600_000)
        #expect(given("reco:1", -2, ttl: .seconds(600)) == nil, "it is gone")
    }

    /// Whoever names the namespace means it.
    @Test func namespaceIsMeasuredByWhatIsAskedFor() {
        let rule = NamespaceRule(name: "session", prefixes: ["session"], maximumTTL: .seconds(7200))
        let selection = KeySelection(
            .namespace("session"), index: 0, rule: rule, prefix: Array("session:".utf8), KeyClassifier(rules: [rule]))
        var measure = RepairMeasure(selection: selection, maximum: .seconds(600), shortens: true)
        #expect(measure.given(to: Array("session:1".utf8), with: Self.hour) == 600_000)
        measure = RepairMeasure(selection: selection, maximum: .seconds(600), shortens: false)
        #expect(measure.given(to: Array("session:1".utf8), with: Self.hour) == nil)
        #expect(measure.given(to: Array("session:1".utf8), with: -1) != nil)
    }

    @Test func breachesAreSummedByWhoseTheyAre() {
        let selection = KeySelection(.pattern("*"), "*", Self.classifier)
        var sum = TTLRepair.Sum()
        for key in ["session:1", "session:2", "reco:1"] {
            sum.note(Array(key.utf8), isWithout: key != "reco:1", of: selection)
        }
        #expect(sum.withoutTTL == 2 && sum.above == 1)
        #expect(
            KeyCount.parts(sum.beginnings) == [
                FlushPlan.Part(prefix: "session:", keys: 2, namespace: "session"),
                FlushPlan.Part(prefix: "reco:", keys: 1),
            ])
        sum.forget([0])
        #expect(sum.beginnings.isEmpty && sum.withoutTTL == 0)
    }
}
