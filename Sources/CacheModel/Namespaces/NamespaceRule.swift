/// Which keys a namespace holds, and what is promised of them.
public struct NamespaceRule: Codable, Equatable, Sendable {
    public var name: String
    /// Without the separator that must follow, such as `rate:limit`; the name itself first, then aliases.
    public var prefixes: [String]
    public var maximumTTL: Duration?
    public var mustExpire: Bool
    /// Needs a second confirmation before it is flushed.
    public var protected: Bool

    public init(
        name: String, prefixes: [String], maximumTTL: Duration? = nil, mustExpire: Bool = true, protected: Bool = false
    ) {
        self.name = name
        self.prefixes = prefixes
        self.maximumTTL = maximumTTL
        self.mustExpire = mustExpire
        self.protected = protected
    }
}
