public import RedisValues

/// A key in a list.
public struct KeyRow: Equatable, Sendable {
    public var name: [UInt8]
    /// nil before it was asked, and for a key that is gone.
    public var facts: KeyFacts?

    public init(name: [UInt8], facts: KeyFacts? = nil) {
        self.name = name
        self.facts = facts
    }
}

/// Some keys of a scope, in the order of the server's table, and where they go on.
public struct KeyPage: Equatable, Sendable {
    public var rows: [KeyRow] = []
    /// nil once all keys have been walked over.
    public var cursor: [UInt8]?
    /// Keys of the database that were walked over for this page, about.
    public var examined = 0
    /// Keys of the whole database; nil where it was not asked.
    public var total: Int?
    public var refusal: Refusal?
    /// Nodes that have left since the page before, with keys that were not walked over: some may be missing.
    public var gone: [String] = []

    public init() {}
}
