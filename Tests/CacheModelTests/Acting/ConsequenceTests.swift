import RedisValues
import Testing

@testable import CacheModel

/// What a plan says that follows for people.
@Suite struct ConsequenceTests {
    private func plan(_ scope: KeyScope, keys: Int?, _ parts: [FlushPlan.Part] = []) -> FlushPlan {
        var plan = FlushPlan(scope: scope, protected: false, target: "t", database: 0, nodes: [])
        (plan.keys, plan.parts, plan.total) = (keys, parts, 200_000)
        plan.noteConsequences(NamespaceRule.platform)
        return plan
    }

    @Test func aNamespaceSaysWhatFollows() {
        let plan = plan(.namespace("session"), keys: 100_004)
        #expect(plan.consequences == ["100,004 people are logged out"])
        #expect(OperationWords.plan(plan).contains("  100,004 people are logged out"))
    }

    @Test func aPatternSaysItOfAllWhoseKeysGo() {
        let parts = [
            FlushPlan.Part(prefix: "session:", keys: 3, namespace: "session"),
            FlushPlan.Part(prefix: "cart:", keys: 2, namespace: "cart"),
            FlushPlan.Part(prefix: "cart/", keys: 1, namespace: "cart"), FlushPlan.Part(prefix: "x:", keys: 9),
        ]
        #expect(
            plan(.pattern("*7"), keys: 15, parts).consequences == [
                "3 people are logged out", "3 shopping carts are lost",
            ])
    }

    @Test func nothingFollowsWhereNothingGoesOrNobodyHasSaidSo() {
        #expect(plan(.namespace("session"), keys: 0).consequences.isEmpty)
        #expect(plan(.namespace("session"), keys: nil).consequences.isEmpty)
        #expect(plan(.prefix(Array("x:".utf8)), keys: 9, [FlushPlan.Part(prefix: "x:", keys: 9)]).consequences.isEmpty)
        #expect(NamespaceRule(name: "mine", prefixes: ["mine"]).consequence(of: "9") == nil)
    }

    @Test func everyNamespaceOfThePlatformSaysIt() {
        for rule in NamespaceRule.platform {
            #expect(rule.consequence(of: "7")?.hasPrefix("7 ") == true, "\(rule.name)")
            let one = rule.consequence(of: "1") ?? ""
            #expect(
                one.hasPrefix("1 ") && !one.contains("|") && one != "1" + (rule.consequence(of: "7")?.dropFirst() ?? "")
            )
        }
    }

    /// A rule of one's own that says nothing of it keeps what the platform says.
    @Test func ownRulesReplaceTheSentence() {
        let own = [
            NamespaceRule(name: "session", prefixes: ["session"], consequence: "everybody logs in anew"),
            NamespaceRule(name: "cart", prefixes: ["cart"]),
        ]
        let rules = NamespaceRule.rules(with: own)
        #expect(rules.first { $0.name == "session" }?.consequence(of: "7") == "everybody logs in anew")
        #expect(rules.first { $0.name == "cart" }?.consequence(of: "7") == "7 shopping carts are lost")
    }
}
