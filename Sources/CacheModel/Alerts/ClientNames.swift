internal import RedisValues

/// Who the clients of a node are, by the latest look at them: names for what alerts say.
struct ClientNames: Equatable, Sendable {
    /// The largest group of some connections, by name.
    struct Part: Equatable, Sendable {
        /// nil where there is none of them.
        var name: String?
        var connections = 0
        /// What most of them do.
        var command: String?
        /// The connections of all groups.
        var all = 0

        /// Nobody is named whose part is less than a fifth.
        var named: String? { connections > 0 && connections * 5 >= all ? name : nil }

        func words(before: String) -> String {
            guard let name = named else { return "" }
            let verb = connections == 1 ? "is" : "are"
            return "\(before)\(Format.count(connections)) \(verb) \(name)\(command.map { " in \($0)" } ?? "")"
        }
    }

    /// Replies that their clients do not read.
    struct Unread: Equatable, Sendable {
        var bytes: Int
        /// The group that has most of them; nil where none has.
        var name: String?
    }

    private(set) var all = Part()
    private(set) var blocked = Part()
    /// Who opens connections and closes them again; nil where most are not known to be anybody's.
    private(set) var churning: String?
    /// Replies that wait for their readers; nil where no client has any.
    private(set) var unread: Unread?
    /// The three largest groups.
    private(set) var list = ""
    private let entries: [ClientEntry]
    /// Whether the look before was at the same server process; nil without one.
    private(set) var isSameProcess: Bool?
    /// Seen at one look and gone at the next, at the latest ones.
    private var closed: [[String: Int]] = []
    private static let kept = 12

    /// - Parameter before: of the same node.
    init(_ entries: [ClientEntry], after before: ClientNames?) {
        self.entries = entries
        var groups: [String: Int] = [:]
        var waiting: [String: Int] = [:]
        var unread: [String: Int] = [:]
        var commands: [String: [String: Int]] = [:]
        for entry in entries where ClientParty(of: entry) != .own {
            let label = ClientGrouping.name.label(of: entry)
            groups[label, default: 0] += 1
            // Replicas' buffers are not among the clients'.
            if ClientParty(of: entry) == .client, let bytes = entry.outputBuffer, bytes > 0 {
                unread[label, default: 0] +|= bytes
            }
            guard entry.isBlocked else { continue }
            waiting[label, default: 0] += 1
            if let command = entry.command { commands[label, default: [:]][command, default: 0] += 1 }
        }
        let sorted = groups.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        list = sorted.prefix(3).map { "\($0.key) \(Format.count($0.value))" }.joined(separator: ", ")
        all = Self.largest(groups)
        blocked = Self.largest(waiting)
        blocked.command = blocked.name.flatMap { commands[$0] }?.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        let reading = Self.largest(unread)
        if reading.all > 0 {
            let isMost = reading.connections >= reading.all / 2
            self.unread = Unread(bytes: isMost ? reading.connections : reading.all, name: isMost ? reading.name : nil)
        }
        noteClosed(since: before)
    }

    /// Those that stay say nothing of those that close.
    private mutating func noteClosed(since before: ClientNames?) {
        guard let before else { return }
        let now = ClientBaseline(entries)
        let isSame = now.isSameProcess(before.entries)
        isSameProcess = isSame
        guard isSame else { return }
        var labels: [String: Int] = [:]
        for entry in before.entries where ClientParty(of: entry) == .client && now.totals(of: entry) == nil {
            labels[ClientGrouping.name.label(of: entry), default: 0] += 1
        }
        closed = (before.closed + [labels]).suffix(Self.kept)
        let most = Self.largest(closed.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) })
        if ShareInterval.of(hits: most.connections, draws: most.all).low >= 0.5 { churning = most.name }
    }

    private static func largest(_ groups: [String: Int]) -> Part {
        let first = groups.max { ($0.value, $1.key) < ($1.value, $0.key) }
        return Part(
            name: first?.key, connections: first?.value ?? 0, all: groups.values.reduce(0, +|))
    }

    /// A slow query's client: its address, and how it is called, by its own name or as the look has it.
    static func words(of query: SlowlogEntry, _ names: ClientNames?) -> String {
        let name = query.clientName.isEmpty ? names?.name(of: query.client) : query.clientName
        return name.map { "\(query.client) (\($0))" } ?? query.client
    }

    /// The name of a connection, or else its library and user; nil where the look does not have it.
    private func name(of address: String) -> String? {
        guard let entry = entries.first(where: { $0.address == address }) else { return nil }
        if !entry.name.isEmpty { return entry.name }
        let user = entry.user.flatMap { $0 == "default" ? nil : "user \($0)" }
        let parts = [entry.library, user].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}
