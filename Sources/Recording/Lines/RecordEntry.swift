public import CacheModel
public import RedisValues

/// A line of a recording.
public enum RecordEntry: Equatable, Sendable {
    case header(RecordHeader)
    /// Without namespaces, clients, slow logs and what stores have counted, which have lines of their own: ``RecordAssembly`` puts them back.
    case snapshot(Snapshot)
    case namespaces(NamespaceReport)
    case clients(ClientLook)
    /// Without what the server itself counts, which each snapshot has.
    case counters(CounterReport)
    case slow(RecordedSlowlog)
    case alert(RecordedAlert)
    case action(RecordedAction)
    case mark(String)
    case gap(RecordedGap)
    case end

    public var kind: RecordKind {
        switch self {
        case .header: .header
        case .snapshot: .snapshot
        case .namespaces: .namespaces
        case .clients: .clients
        case .counters: .counters
        case .slow: .slow
        case .alert: .alert
        case .action: .action
        case .mark: .mark
        case .gap: .gap
        case .end: .end
        }
    }
}

/// A node's slow log where it is another one than before.
public struct RecordedSlowlog: Codable, Equatable, Sendable {
    public var node: String
    /// All that it has now, in its order.
    public var ids: [Int]
    /// Those of them that no line of the segment has had.
    public var new: [SlowlogEntry]

    public init(node: String, ids: [Int], new: [SlowlogEntry]) { (self.node, self.ids, self.new) = (node, ids, new) }
}

/// What became of an alert.
public struct RecordedAlert: Codable, Equatable, Sendable {
    public enum Change: String, Codable, CaseIterable, Sendable {
        case raised, changed, cleared, withdrawn
        /// It was raised before, and its culprit or its evidence is known better now.
        case explained
        /// It stands as it stood, with another figure: its message and its value, and nothing else of it.
        case worded
        /// It was raised before the segment has begun.
        case standing
    }

    public var change: Change
    /// With its evidence and its culprit, as far as they were known.
    public var alert: Alert

    public init(_ change: Change, _ alert: Alert) { (self.change, self.alert) = (change, alert) }

    public init(_ change: AlertChange) {
        switch change {
        case .raised(let alert): self.init(.raised, alert)
        case .changed(let alert): self.init(.changed, alert)
        case .cleared(let alert): self.init(.cleared, alert)
        case .withdrawn(let alert): self.init(.withdrawn, alert)
        }
    }
}

/// What somebody did with this program, as its audit has it.
public struct RecordedAction: Codable, Equatable, Sendable {
    /// The same in the line of its beginning and in that of its end.
    public var id: String
    /// Such as `flush`.
    public var action: String
    /// On what, such as a namespace's name.
    public var scope: String
    /// `begun`, or how it ended.
    public var outcome: String
    /// Further members of the audit's line, as texts.
    public var details: [String: String]

    public init(id: String, action: String, scope: String, outcome: String, details: [String: String] = [:]) {
        (self.id, self.action, self.scope, self.outcome, self.details) = (id, action, scope, outcome, details)
    }

    /// In short: `flush session done: removed 3, journalled 3`, `flush session begun by alice`.
    public var words: String {
        let what = "\(action)\(scope.isEmpty ? "" : " \(scope)") \(outcome)"
        if outcome == Self.begun { return what + (details["user"].map { " by \($0)" } ?? "") }
        let figures = details.filter { Double($0.value) != nil && $0.value != "0" }.sorted { $0.key < $1.key }
        let told = figures.map { "\(Self.spoken($0.key)) \($0.value)" } + [details["reason"]].compactMap { $0 }
        return what + (told.isEmpty ? "" : ": ") + told.joined(separator: ", ")
    }

    public static let begun = "begun"

    static func spoken(_ name: String) -> String {
        String(name.map { $0 == "_" ? " " : $0 })
    }
}

/// Nothing was recorded from then until the line's own time.
public struct RecordedGap: Codable, Equatable, Sendable {
    public var since: WallTime
    /// For people, such as `no space left on device`.
    public var why: String

    public init(since: WallTime, why: String) { (self.since, self.why) = (since, why) }
}
