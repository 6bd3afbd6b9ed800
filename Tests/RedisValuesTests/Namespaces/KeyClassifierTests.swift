import Support
import Testing

@testable import RedisValues

@Suite struct KeyClassifierTests {
    private let classifier = KeyClassifier()

    private func name(_ key: String, _ classifier: KeyClassifier? = nil) -> String? {
        let classifier = classifier ?? self.classifier
        return classifier.classify(Array(key.utf8)).map { classifier.rules[$0.namespace].name }
    }

    @Test(arguments: [
        ("product:123e4567", "product"), ("session:abc123", "session"), ("cart:user:123", "cart"),
        ("rate:limit:ip:192.168.1.1", "rate:limit"), ("token:blacklist:xyz789", "token:blacklist"),
        ("api:cache:/v1/x", "api:cache"), ("ws:session:9", "ws:session"), ("ws:session/9", "ws:session"),
        ("session", "session"), ("session:", "session"), ("session/", "session"),
        ("blacklist:token:1f", "token:blacklist"), ("blacklist:user:7", "token:blacklist"),
        ("blacklist:type:access", "token:blacklist"), ("shop:rate:limit/7/60/1700000000", "rate:limit"),
    ]) func knownKeys(key: String, namespace: String) {
        #expect(name(key) == namespace)
    }

    @Test(arguments: [
        "sessions:1", "session-archive:1", "sessio", "rate:limiter:1", "rate:1", "token:1", "Session:1", "", ":", "/",
        ":session:1", "xsession:1", "blacklist:other:1", ":rate:limit:1", "a:b:rate:limit:1", "shop:rate:limits",
    ]) func keysOfNone(key: String) {
        #expect(name(key) == nil)
    }

    @Test func longestPrefixWins() {
        let rules = [
            NamespaceRule(name: "a", prefixes: ["a"]), NamespaceRule(name: "ab", prefixes: ["a:b"]),
            NamespaceRule(name: "abc", prefixes: ["a:b/c"]),
        ]
        let classifier = KeyClassifier(rules: rules)
        #expect(name("a:1", classifier) == "a")
        #expect(name("a:b:1", classifier) == "ab")
        #expect(name("a:bx:1", classifier) == "a")
        #expect(name("a:b/c:1", classifier) == "abc")
        #expect(name("a:b/cd:1", classifier) == "ab")
        #expect(name("a:b/c", classifier) == "abc")
    }

    @Test func matchTellsThePrefixWithItsSeparator() {
        #expect(classifier.classify(Array("rate:limit:ip:1".utf8))?.length == 11)
        #expect(classifier.classify(Array("session".utf8))?.length == 7)
        #expect(classifier.classify(Array("shop:rate:limit/7".utf8))?.length == 16)
    }

    @Test func keysAreBytes() {
        #expect(classifier.classify(Array("session:".utf8) + [0, 0xff, 0x0a, 0xfe])?.namespace == 1)
        #expect(classifier.classify([0xff, 0xfe, 0x3a]) == nil)
        #expect(classifier.classify(Array("session".utf8) + [0]) == nil)
    }

    @Test func deploymentPrefixStandsInFrontOfEveryNamespace() {
        let classifier = KeyClassifier(keyPrefix: "rcommerce:")
        #expect(name("rcommerce:session:1", classifier) == "session")
        #expect(name("rcommerce:eu:rate:limit/1", classifier) == "rate:limit")
        #expect(name("session:1", classifier) == nil)
        #expect(name("rcommerce:sessions:1", classifier) == nil)
        #expect(name("rcommerce:", classifier) == nil)
    }

    @Test func ownRulesReplaceThoseOfTheSameName() {
        let rules = NamespaceRule.rules(with: [
            NamespaceRule(name: "cart", prefixes: ["basket"], maximumTTL: .seconds(60)),
            NamespaceRule(name: "flags", prefixes: ["feature:"]),
        ])
        let classifier = KeyClassifier(rules: rules)
        #expect(name("basket:1", classifier) == "cart")
        #expect(name("cart:1", classifier) == nil)
        #expect(name("feature:x", classifier) == "flags")
        #expect(rules.first { $0.name == "cart" }?.purpose == "Shopping carts")
    }

    /// The table against the rule said in words, on a hundred thousand keys.
    @Test func tableAgreesWithTheDefinition() {
        var generator = SeededGenerator(seed: 7)
        let parts = [
            "session", "sessions", "rate", "limit", "ws", "token", "blacklist", "user", "api", "cache", "x", "",
        ]
        for _ in 0..<100_000 {
            let count = Int.random(in: 1...4, using: &generator)
            let key = (0..<count).map { _ in parts.randomElement(using: &generator)! }
                .reduce("") { $0.isEmpty ? $1 : $0 + (Bool.random(using: &generator) ? ":" : "/") + $1 }
            #expect(name(key) == defined(key), "\(key)")
        }
    }

    private func defined(_ key: String) -> String? {
        func matches(_ key: Substring, _ prefix: String) -> Bool {
            key == prefix || key.hasPrefix(prefix + ":") || key.hasPrefix(prefix + "/")
        }
        var best: (name: String, length: Int)?
        for rule in classifier.rules {
            for prefix in rule.prefixes where !prefix.hasPrefix("*:") && matches(key[...], prefix) {
                if prefix.count > best?.length ?? -1 { best = (rule.name, prefix.count) }
            }
        }
        if let best { return best.name }
        guard let separator = key.firstIndex(where: { $0 == ":" || $0 == "/" }), separator > key.startIndex else {
            return nil
        }
        return matches(key[key.index(after: separator)...], "rate:limit") ? "rate:limit" : nil
    }
}
