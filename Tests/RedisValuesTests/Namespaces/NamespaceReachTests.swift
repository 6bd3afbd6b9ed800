import RedisValues
import Testing

/// What a prefix or a pattern is held to goes by which keys it matches, and not by what it is called.
@Suite struct NamespaceReachTests {
    private static let own = NamespaceRule.rules(with: [
        NamespaceRule(name: "vault", prefixes: ["*:vault"], protected: true),
        NamespaceRule(name: "token", prefixes: ["token"]),
    ])

    private static let prefixes: [(prefix: String, names: [String])] = [
        ("t", ["token:blacklist"]), ("tok", ["token:blacklist"]), ("token", ["token:blacklist"]),
        ("token:", ["token:blacklist"]), ("token:b", ["token:blacklist"]), ("token:blacklist", ["token:blacklist"]),
        ("token:blacklist:", ["token:blacklist"]), ("token:blacklist/7", ["token:blacklist"]),
        ("token:blacklist:7f", ["token:blacklist"]), ("blacklist:", ["token:blacklist"]),
        ("blacklist:since:u", ["token:blacklist"]), ("b", ["token:blacklist"]),
        ("token:blacklists:", []), ("token:black:", []), ("tokens", []), ("Token:", []), ("reco:home:", []),
        ("session", []), ("*", []), ("[t]oken:", []), ("\\token", []), ("blacklist-", []),
    ]

    @Test func prefixesReachWhatBeginsSo() {
        for (prefix, names) in Self.prefixes {
            let found = KeyClassifier().protectedReach(of: Glob(prefix: Array(prefix.utf8)))
            #expect(found == names, "\(prefix)")
        }
    }

    private static let patterns: [(glob: String, names: [String])] = [
        ("*", ["token:blacklist"]), ("*:*", ["token:blacklist"]), ("*list*", ["token:blacklist"]),
        ("t?ken:*", ["token:blacklist"]), ("[a-z]*", ["token:blacklist"]), ("[^a-s]*:blacklist:*", ["token:blacklist"]),
        ("*7f3c", ["token:blacklist"]), ("token:blacklist", ["token:blacklist"]),
        ("token\\:black*", ["token:blacklist"]),
        ("*:home:*", ["token:blacklist"]), ("?????:blacklist:*", ["token:blacklist"]),
        ("[tT][oO]ken*", ["token:blacklist"]), ("blacklist:[a-t]*:*", ["token:blacklist"]),
        ("????:blacklist", []), ("cart:*", []), ("reco:*", []), ("[^tb]*", []), ("?", []),
        ("token:blacklist?7", ["token:blacklist"]),
        ("token:blacklis[^t]*", []), ("token:[^b]*", []), ("\\*", []), ("[ab]", []), ("", []),
    ]

    @Test func patternsReachWhatTheyMayMatch() {
        for (glob, names) in Self.patterns {
            #expect(KeyClassifier().protectedReach(of: Glob(glob)) == names, "\(glob)")
        }
    }

    @Test func wildcardsAndTheDeploymentsPrefixCount() {
        let plain = KeyClassifier(rules: Self.own)
        for (glob, names) in [
            ("shop:*", ["vault"]), ("shop:vault:7", ["vault"]), ("shop/vault", ["vault"]), ("shop:vaults*", []),
            (":vault*", []), ("vault:*", ["vault"]), ("vault:7", []), ("token:user:*", []),
            ("token:*", ["token:blacklist", "vault"]),
        ] {
            #expect(plain.protectedReach(of: Glob(glob)) == names, "\(glob)")
        }
        let deployed = KeyClassifier(keyPrefix: "shop:")
        for (glob, names) in [
            ("shop:*", ["token:blacklist"]), ("sh*", ["token:blacklist"]), ("shop:token:*", ["token:blacklist"]),
            ("token:*", ["token:blacklist"]), ("tok*", ["token:blacklist"]), ("shop:reco:*", []), ("reco:*", []),
        ] {
            #expect(deployed.protectedReach(of: Glob(glob)) == names, "\(glob)")
        }
    }

    /// A deployment without a prefix beside one with: its revocations are not ours, and no less protected.
    @Test func revocationsOfADeploymentWithoutAPrefixCount() {
        let deployed = KeyClassifier(keyPrefix: "shop:")
        for (key, isOurs, isAnyones) in [
            ("shop:token:blacklist:7", true, true), ("token:blacklist:7", false, true),
            ("blacklist:since:u", false, true), ("token:blacklists:7", false, false), ("shop:session:7", false, false),
            ("session:7", false, false),
        ] {
            #expect(deployed.protects(Array(key.utf8)) == isOurs, "\(key)")
            #expect(deployed.protectsForAnyone(Array(key.utf8)) == isAnyones, "\(key)")
        }
        #expect(KeyClassifier().protectsForAnyone(Array("token:blacklist:7".utf8)))
        #expect(!KeyClassifier().protectsForAnyone(Array("shop:token:blacklist:7".utf8)))
    }

    /// What a pattern matches and a rule protects is reached: no key slips through.
    @Test func noProtectedKeyIsMatchedUnseen() {
        let classifier = KeyClassifier(rules: Self.own)
        let keys = [
            "token:blacklist:7", "token:blacklist", "blacklist:token/x", "a:vault:1", "a/vault", "blacklist:since:u",
        ].map { Array($0.utf8) }
        let globs = Self.patterns.map { Glob($0.glob) } + Self.prefixes.map { Glob(prefix: Array($0.prefix.utf8)) }
        for glob in globs {
            for key in keys where glob.matches(key) {
                #expect(classifier.protects(key) && !classifier.protectedReach(of: glob).isEmpty, "\(glob.bytes)")
            }
        }
    }
}
