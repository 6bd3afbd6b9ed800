public import RedisValues

/// Connections that have something in common, as one.
///
/// Figures that a server does not tell, or that need two looks where there is one, are nil.
public struct ClientGroup: Codable, Equatable, Identifiable, Sendable {
    public struct ID: Codable, Hashable, Sendable {
        public var grouping: ClientGrouping
        public var party: ClientParty
        /// As ``ClientGrouping/label(of:)`` says it.
        public var label: String

        public init(_ grouping: ClientGrouping, _ party: ClientParty, _ label: String) {
            self.grouping = grouping
            self.party = party
            self.label = label
        }

        public func contains(_ client: ClientEntry) -> Bool {
            ClientParty(of: client) == party && grouping.label(of: client) == label
        }
    }

    public var id: ID
    public var connections = 0
    /// Idle for less than a second.
    public var busy: Int?
    /// Idle for more than ten minutes.
    public var idleLong: Int?
    /// Waiting in a blocking command.
    public var blocked = 0
    /// Opened since the look before and there still, a minute.
    public var newPerMinute: Double?
    /// A second, between two looks.
    public var commands: Double?
    public var bytesIn: Double?
    public var bytesOut: Double?
    /// Bytes of replies that were not read.
    public var unread: Int?
    public var memory: Int?
    /// Age of the oldest one, in seconds.
    public var oldest: Int?
    /// Addresses without ports.
    public var addresses = 0
    /// Addresses of the nodes that they lead to, sorted.
    public var nodes: [String] = []
    public var kinds: [ClientEntry.Kind: Int] = [:]
    /// What most of them asked last.
    public var command: String?
    /// What the figures say of it, the most urgent first; empty where they say nothing.
    public var remarks: [String] = []

    public init(id: ID) { self.id = id }

    /// As it is called, with what it is where it is no client's.
    public var name: String {
        guard let words = id.party.words, words != id.label else { return id.label }
        return "\(id.label) (\(words))"
    }

    /// Whether something is wrong with it, beyond a name that it lacks.
    public var isConspicuous: Bool { remarks.contains { $0 != ClientRemarks.namelessWords } }

    /// Clients first, the largest groups first.
    static func precedes(_ left: ClientGroup, _ right: ClientGroup) -> Bool {
        (left.id.party, right.connections, left.id.label) < (right.id.party, left.connections, right.id.label)
    }
}
