/// Which keys a namespace holds, and what is promised of them.
public struct NamespaceRule: Codable, Equatable, Sendable {
    public var name: String
    /// What the platform keeps there, in a word or two; may be empty.
    public var purpose: String
    /// Without the separator that must follow, such as `rate:limit`; the name itself first, then aliases.
    ///
    /// One that begins with `*:` matches after any first segment: `*:rate:limit` takes `shop:rate:limit/7`.
    public var prefixes: [String]
    public var maximumTTL: Duration?
    public var mustExpire: Bool
    /// Needs a second confirmation before it is flushed, and must never be evicted.
    public var protected: Bool
    /// What follows for people when keys of it go, as one sentence without an end, ``count`` standing for how many keys;
    /// empty where nobody has said so. Behind a bar it may say the same of one key.
    public var consequence: String

    /// What stands for the number of keys in ``consequence``.
    public static let count = "{keys}"

    public init(
        name: String, purpose: String = "", prefixes: [String], maximumTTL: Duration? = nil, mustExpire: Bool = true,
        protected: Bool = false, consequence: String = ""
    ) {
        self.name = name
        self.purpose = purpose
        self.prefixes = prefixes
        self.maximumTTL = maximumTTL
        self.mustExpire = mustExpire
        self.protected = protected
        self.consequence = consequence
    }

    /// What follows when so many of its keys go: `100,004 people are logged out`; nil where nobody has said so.
    ///
    /// - Parameter keys: as they are shown.
    public func consequence(of keys: String) -> String? {
        let forms = consequence.split(separator: "|", maxSplits: 1).map(String.init)
        let form = keys == "1" ? forms.last : forms.first
        let words = (form ?? "").replacing(Self.count, with: keys)
        return words.isEmpty ? nil : words
    }
}

extension NamespaceRule {
    /// The namespace of revoked tokens.
    public static let revocations = "token:blacklist"

    /// The platform's namespaces with the aliases that deployed servers are known to write.
    public static let platform: [NamespaceRule] = [
        NamespaceRule(
            name: "product", purpose: "Product catalog cache", prefixes: ["product"], maximumTTL: .seconds(3600),
            consequence: "{keys} products are read from the database again|1 product is read from the database again"),
        NamespaceRule(
            name: "session", purpose: "User sessions", prefixes: ["session"], maximumTTL: .seconds(7200),
            consequence: "{keys} people are logged out|1 person is logged out"),
        NamespaceRule(
            name: "cart", purpose: "Shopping carts", prefixes: ["cart"],
            consequence: "{keys} shopping carts are lost|1 shopping cart is lost"),
        NamespaceRule(
            name: "rate:limit", purpose: "Rate limiting", prefixes: ["rate:limit", "*:rate:limit"],
            maximumTTL: .seconds(3600), consequence: "{keys} limits begin anew|1 limit begins anew"),
        NamespaceRule(
            name: revocations, purpose: "Revoked tokens",
            prefixes: ["token:blacklist", "blacklist:token", "blacklist:user", "blacklist:type", "blacklist:since"],
            protected: true, consequence: "{keys} revoked tokens are let in again|1 revoked token is let in again"),
        NamespaceRule(
            name: "api:cache", purpose: "API responses", prefixes: ["api:cache"], maximumTTL: .seconds(300),
            consequence: "{keys} responses are made anew|1 response is made anew"),
        NamespaceRule(
            name: "ws:session", purpose: "WebSocket sessions", prefixes: ["ws:session"], maximumTTL: .seconds(7200),
            consequence: "{keys} WebSocket sessions end|1 WebSocket session ends"),
        NamespaceRule(
            name: "api", purpose: "Front end's responses", prefixes: ["api"], maximumTTL: .seconds(600),
            consequence: "{keys} responses are made anew|1 response is made anew"),
        NamespaceRule(
            name: "query_cache", purpose: "Query results", prefixes: ["query_cache"], maximumTTL: .seconds(600),
            consequence: "{keys} queries are made anew|1 query is made anew"),
        // Jobs wait until they are done, and some addresses are blocked for good.
        NamespaceRule(
            name: "jobs:queue", purpose: "Jobs that wait", prefixes: ["jobs:queue"], mustExpire: false,
            consequence: "{keys} keys of jobs are lost, nobody does them|1 key of jobs is lost, nobody does them"),
        NamespaceRule(
            name: "blocklist", purpose: "Blocked clients", prefixes: ["blocklist", "*:blocklist"], mustExpire: false,
            consequence: "{keys} blocked clients are let in again|1 blocked client is let in again"),
        NamespaceRule(
            name: "cachecore", purpose: "Counters of servers", prefixes: ["cachecore"],
            maximumTTL: CounterHash.lifetime,
            consequence: "{keys} keys of counters begin anew: who missed what is not known for a minute"
                + "|1 key of counters begins anew: who missed what is not known for a minute"),
    ]

    /// Names of those that many deployments have no keys of: they are shown where there are some.
    package static let seldom: Set = ["api", "query_cache", "jobs:queue", "blocklist", "cachecore"]

    /// Whether a rule of one's own takes keys that the platform protects: it then protects them, too, unless it says
    /// otherwise.
    public static func takesProtectedKeys(_ name: String, _ prefixes: [String]) -> Bool {
        platform.filter(\.protected).contains { rule in
            rule.name == name
                || rule.prefixes.contains { known in
                    prefixes.contains { $0 == known || $0.hasPrefix(known + ":") || $0.hasPrefix(known + "/") }
                }
        }
    }

    /// What keys that belong to no rule are called; no rule may be called so.
    public static let rest = "other"

    /// Words that reports, screens and patterns use themselves; no rule may be called so, in small or capital letters.
    public static let reserved: Set<String> = [rest, "(\(rest))", "(no prefix)", "*"]

    /// The same where a rule has that name all the same: two lines of one name would be taken for each other.
    public static func rest(beside rules: [NamespaceRule]) -> String {
        var name = rest
        while rules.contains(where: { $0.name == name }) { name = "(\(name))" }
        return name
    }

    /// The platform's rules, each replaced by the one of the same name among `own`, and then the others of `own`.
    public static func rules(with own: [NamespaceRule]) -> [NamespaceRule] {
        let replaced = platform.map { rule in
            guard var mine = own.last(where: { $0.name == rule.name }) else { return rule }
            if mine.purpose.isEmpty { mine.purpose = rule.purpose }
            if mine.consequence.isEmpty { mine.consequence = rule.consequence }
            return mine
        }
        let known = Set(platform.map(\.name))
        return replaced + own.filter { !known.contains($0.name) }
    }
}
