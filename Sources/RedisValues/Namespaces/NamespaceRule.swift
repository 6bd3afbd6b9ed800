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

    public init(
        name: String, purpose: String = "", prefixes: [String], maximumTTL: Duration? = nil, mustExpire: Bool = true,
        protected: Bool = false
    ) {
        self.name = name
        self.purpose = purpose
        self.prefixes = prefixes
        self.maximumTTL = maximumTTL
        self.mustExpire = mustExpire
        self.protected = protected
    }
}

extension NamespaceRule {
    /// The platform's namespaces with the aliases that deployed servers are known to write.
    public static let platform: [NamespaceRule] = [
        NamespaceRule(
            name: "product", purpose: "Product catalog cache", prefixes: ["product"], maximumTTL: .seconds(3600)),
        NamespaceRule(name: "session", purpose: "User sessions", prefixes: ["session"], maximumTTL: .seconds(7200)),
        NamespaceRule(name: "cart", purpose: "Shopping carts", prefixes: ["cart"]),
        NamespaceRule(
            name: "rate:limit", purpose: "Rate limiting", prefixes: ["rate:limit", "*:rate:limit"],
            maximumTTL: .seconds(3600)),
        NamespaceRule(
            name: "token:blacklist", purpose: "Revoked tokens",
            prefixes: ["token:blacklist", "blacklist:token", "blacklist:user", "blacklist:type", "blacklist:since"],
            protected: true),
        NamespaceRule(name: "api:cache", purpose: "API responses", prefixes: ["api:cache"], maximumTTL: .seconds(300)),
        NamespaceRule(
            name: "ws:session", purpose: "WebSocket sessions", prefixes: ["ws:session"], maximumTTL: .seconds(7200)),
    ]

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
            return mine
        }
        let known = Set(platform.map(\.name))
        return replaced + own.filter { !known.contains($0.name) }
    }
}
