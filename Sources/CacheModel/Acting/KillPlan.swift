public import RedisValues

/// Which connections are to be closed, and which are left although they were named.
///
/// `CLIENT KILL ID` is sent for each by itself: its other filters take what nobody has seen.
public struct KillPlan: Equatable, Sendable {
    /// What is named.
    public enum Selection: Equatable, Sendable {
        /// - node: nil for all that have one of this id.
        case id(Int, node: String?)
        case group(String, ClientGrouping)

        /// What has to be typed to confirm it.
        public var name: String {
            switch self {
            case .id(let id, _): String(id)
            case .group(let label, _): label
            }
        }
    }

    /// A node that does not tell its connections.
    public struct Unseen: Equatable, Sendable {
        public var node: String
        public var why: Refusal

        public init(node: String, why: Refusal) {
            self.node = node
            self.why = why
        }
    }

    public var selection: Selection
    public var members: [ClientMember] = []
    /// Those that stay, whoever names them: they keep the deployment alive, or are our own.
    public var exempt: [ClientMember] = []
    /// Those that were asked, as they were then.
    public var nodes: [NodeIdentity] = []
    public var unseen: [Unseen] = []

    /// - Parameter clients: of each node, as it lists them now.
    public init(_ selection: Selection, of clients: [(node: String, entries: [ClientEntry])]) {
        self.selection = selection
        for (node, entries) in clients {
            for client in entries where Self.isNamed(client, on: node, by: selection) {
                let member = ClientMember(node: node, entry: client)
                if ClientParty(of: client) == .client { members.append(member) } else { exempt.append(member) }
            }
        }
    }

    private static func isNamed(_ client: ClientEntry, on node: String, by selection: Selection) -> Bool {
        switch selection {
        case .id(let id, let wanted): client.id == id && (wanted.map { $0 == node } ?? true)
        case .group(let label, let grouping): grouping.label(of: client) == label
        }
    }

    /// Those that are still the ones that were planned for: an id is given once, but a server that was restarted begins
    /// anew.
    ///
    /// - Parameters:
    ///   - entries: of one node, as it lists them now.
    ///   - planned: of the same node.
    public static func same(_ planned: [ClientEntry], in entries: [ClientEntry]) -> [ClientEntry] {
        let now = Dictionary(entries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return planned.filter { client in
            guard let found = now[client.id], found.address == client.address, ClientParty(of: found) == .client else {
                return false
            }
            // A younger one is another one.
            guard let before = client.age, let after = found.age else { return true }
            return after >= before
        }
    }

    /// Connections and where they come from, in a sentence.
    public var words: [String] {
        var lines: [String] = []
        if members.isEmpty {
            lines.append("there is no such connection")
        } else {
            let hosts = Set(members.map(\.entry.host)).count
            let nodes = Set(members.map(\.node)).count
            lines.append(
                "\(Self.count(members.count)) from \(hosts == 1 ? "one address" : Format.count(hosts, "address"))"
                    + (nodes > 1 ? " on \(Format.count(nodes, "node"))" : ""))
        }
        for party in ClientParty.allCases {
            let count = exempt.count { ClientParty(of: $0.entry) == party }
            guard count > 0, let words = party.words else { continue }
            lines.append("\(Self.count(count)) of a \(words) \(count == 1 ? "stays" : "stay")")
        }
        for node in unseen { lines.append("\(node.node) is not known: \(node.why.reason)") }
        return lines
    }

    public static func count(_ connections: Int) -> String {
        Format.count(connections, "connection")
    }
}

/// What has become of connections that were to be closed.
public struct KillReceipt: Equatable, Sendable {
    public var planned: Int
    public var killed = 0
    /// Those that had ended by themselves, or were others by then.
    public var gone = 0
    /// Sent and not answered: they may have been closed.
    public var unanswered = 0
    /// Of the group that was named, opened since; nil where nobody has looked.
    public var back: Int?
    /// How long after the last one was closed.
    public var backWithin: Duration?
    /// Why the rest was not closed; nil where nothing is left.
    public var failure: String?

    public init(planned: Int) { self.planned = planned }

    /// False where the server is as it was, for certain.
    public var hasChanged: Bool { killed > 0 || unanswered > 0 }

    public var isWhole: Bool { failure == nil && killed +| gone == planned && killed > 0 }

    public var words: [String] {
        var parts = ["killed \(KillPlan.count(killed))"]
        if gone > 0 { parts.append("\(Format.count(gone)) had ended before") }
        if let back, let backWithin {
            parts.append(
                back == 0
                    ? "none is back within \(Format.age(backWithin))"
                    : "\(Format.count(back)) \(back == 1 ? "is" : "are") back within \(Format.age(backWithin))")
        }
        if unanswered > 0 { parts.append("of \(KillPlan.count(unanswered)) more it is not known") }
        return [parts.joined(separator: "; ")] + (failure.map { ["it went no further: \($0)"] } ?? [])
    }
}
