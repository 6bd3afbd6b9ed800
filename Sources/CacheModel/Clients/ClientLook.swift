public import RedisValues

/// What `CLIENT LIST` of all nodes said at one time.
public struct ClientLook: Codable, Equatable, Sendable {
    public var takenAt: WallTime
    /// Monotonic time since the watching process began.
    public var elapsed: Duration
    /// By address of the node that they lead to; a node that did not tell is not among them.
    public var entries: [String: [ClientEntry]]
    /// Lines of all nodes that were not understood, and those beyond what is kept.
    public var leftOut: Int
    /// Why a node did not tell, by its address.
    public var refused: [String: Refusal]

    public init(
        takenAt: WallTime, elapsed: Duration, entries: [String: [ClientEntry]] = [:], leftOut: Int = 0,
        refused: [String: Refusal] = [:]
    ) {
        self.takenAt = takenAt
        self.elapsed = elapsed
        self.entries = entries
        self.leftOut = leftOut
        self.refused = refused
    }

    /// True where at least one node has told.
    public var isKnown: Bool { !entries.isEmpty }
    /// Connections of all nodes that have told.
    public var count: Int { entries.values.reduce(0) { $0 +| $1.count } }

    /// Why nothing is known, or not all is, of the first such node; nil where all have told.
    public var firstRefusal: Refusal? { refused.min { $0.key < $1.key }?.value }

    /// The connections of a group, those that are idle longest first.
    ///
    /// - Parameter node: those that lead to it; nil for all.
    public func members(of group: ClientGroup.ID, on node: String? = nil) -> [ClientMember] {
        var members: [ClientMember] = []
        for (address, entries) in entries where node == nil || node == address {
            for entry in entries where group.contains(entry) {
                members.append(ClientMember(node: address, entry: entry))
            }
        }
        return members.sorted {
            ($1.entry.idle ?? -1, $0.node, $0.entry.id) < ($0.entry.idle ?? -1, $1.node, $1.entry.id)
        }
    }
}

/// One connection, and the node that it leads to.
public struct ClientMember: Equatable, Sendable {
    public var node: String
    public var entry: ClientEntry

    public init(node: String, entry: ClientEntry) {
        self.node = node
        self.entry = entry
    }
}
