public import RedisValues

/// A token that is in the blacklist.
public struct ListedToken: Equatable, Sendable {
    public var token: RevokedToken
    /// In which it stands; one at least.
    public var layouts: [BlacklistLayout]
    /// Of the key that goes first; nil for one that never expires.
    public var lifetime: Duration?

    public init(token: RevokedToken, layout: BlacklistLayout, lifetime: Duration?) {
        self.token = token
        layouts = [layout]
        self.lifetime = lifetime
    }

    /// What is the same for both keys of a token.
    public var identity: String { BlacklistLayout.deployed.name(of: token.id) }

    /// The same token as another key has it.
    public mutating func add(_ other: ListedToken) {
        layouts = BlacklistLayout.allCases.filter { layouts.contains($0) || other.layouts.contains($0) }
        lifetime = [lifetime, other.lifetime].compactMap { $0 }.min()
        // The guide's layout has the id as the token has it.
        let isNamed = other.layouts.contains(.documented)
        let (first, second) = isNamed ? (other.token, token) : (token, other.token)
        token = first
        token.user = first.user ?? second.user
        token.type = first.type ?? second.type
        token.reason = first.reason ?? second.reason
    }
}

/// A user whose tokens are revoked up to an instant, as it is in the server.
public struct ListedCutOff: Equatable, Sendable {
    public var cutOff: CutOff
    /// nil for one that never expires.
    public var lifetime: Duration?

    public init(cutOff: CutOff, lifetime: Duration?) {
        self.cutOff = cutOff
        self.lifetime = lifetime
    }
}

/// What is revoked.
public struct RevokedList: Equatable, Sendable {
    /// Those that expire first in front.
    public var tokens: [ListedToken]
    public var cutOffs: [ListedCutOff]
    /// Whether there is no more.
    public var isWhole: Bool
    /// Why not all were looked at; nil where nothing was in the way.
    public var obstacle: Refusal?
    /// Whether the servers take keys before their time.
    public var risk = EvictionRisk.none
    /// How many hold of what was revoked from here; nil where nothing was, or nobody has looked.
    public var check: RevocationCheck?

    public init(tokens: [ListedToken] = [], cutOffs: [ListedCutOff] = [], isWhole: Bool = true) {
        self.tokens = tokens
        self.cutOffs = cutOffs
        self.isWhole = isWhole
    }

    public var count: Int { tokens.count + cutOffs.count }

    /// What is looked for among revocations.
    public struct Search: Equatable, Sendable {
        private let text: String
        private let search: SearchText

        /// - Parameter text: small and capital letters are the same; empty for all.
        public init(_ text: String = "") { (self.text, search) = (text.lowercased(), SearchText(text)) }

        /// As it is, or as it is shown.
        private func isFound(_ field: String) -> Bool {
            search.isFound(in: field) || search.isFound(inName: Array(field.utf8))
        }

        private func matches(_ fields: [String?]) -> Bool {
            search.isEmpty || fields.contains { $0.map(isFound) == true }
        }

        /// By id, user and reason, and by the whole of the UUID that the deployed layout calls it.
        public func matches(_ item: ListedToken) -> Bool {
            matches([item.token.id, item.token.user, item.token.reason]) || item.identity == text
        }

        public func matches(_ item: ListedCutOff) -> Bool { matches([item.cutOff.user]) }
    }

    public func matching(_ search: Search) -> RevokedList {
        var list = self
        (list.tokens, list.cutOffs) = (tokens.filter(search.matches), cutOffs.filter(search.matches))
        return list
    }

    /// The first of them, and whether those are all.
    public func limited(to limit: Int) -> RevokedList {
        var list = self
        list.cutOffs = Array(cutOffs.prefix(limit))
        list.tokens = Array(tokens.prefix(limit - list.cutOffs.count))
        list.isWhole = isWhole && list.count == count
        return list
    }

    public mutating func sort() {
        func time(_ lifetime: Duration?) -> Duration { lifetime ?? .seconds(1 << 40) }
        tokens.sort { (time($0.lifetime), $0.token.id) < (time($1.lifetime), $1.token.id) }
        cutOffs.sort { (time($0.lifetime), $0.cutOff.user) < (time($1.lifetime), $1.cutOff.user) }
    }
}
