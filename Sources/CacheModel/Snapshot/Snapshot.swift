public import RedisValues

/// All that one collection saw: the one thing that dashboard, reports, alerts and recordings read.
public struct Snapshot: Codable, Equatable, Sendable {
    public static let schema = 1

    public var takenAt: WallTime
    /// Monotonic time since the watching process began; rates, series and hold times use this one.
    public var elapsed: Duration
    /// The URL that was asked for, without its secrets.
    public var target: String
    public var deployment: DeploymentKind
    /// One entry a known node, never empty; a node that failed is in it with its refusal.
    public var nodes: [NodeSnapshot]
    /// The database number that `DBSIZE` counted.
    public var database: Int
    /// The latest look at the keyspace; nil where there was none.
    public var namespaces: NamespaceReport?
    /// The latest look at the clients; nil where nobody has asked for one.
    public var clients: ClientLook?
    /// Whether our revocations hold; nil where nobody watches them, or no node answered.
    public var revocations: RevocationCheck?
    /// Who missed what, as servers have counted it; nil where they publish nothing, or nobody may see it.
    public var counters: CounterReport?
    /// All primaries of a cluster as one; nil for other deployments.
    public var sum: NodeSnapshot?
    /// What the members tell of each other; nil for a single server.
    public var topology: Topology?

    public init(
        takenAt: WallTime, elapsed: Duration, target: String, deployment: DeploymentKind = .standalone,
        nodes: [NodeSnapshot], database: Int = 0, namespaces: NamespaceReport? = nil
    ) {
        self.takenAt = takenAt
        self.elapsed = elapsed
        self.target = target
        self.deployment = deployment
        self.nodes = nodes
        self.database = database
        self.namespaces = namespaces
    }
}

extension Snapshot {
    /// Those that hold keys.
    public var dataNodes: [NodeSnapshot] {
        // A node is large, and this is asked for in many places.
        nodes.contains { $0.isSentinel } ? nodes.filter { !$0.isSentinel } : nodes
    }
    /// Those that hold the keys and say who they are, by address: replicas only where there is nothing else.
    public var holders: [String: ServerIdentity] {
        let nodes = dataNodes
        let infos = nodes.compactMap { node in node.info.map { (node.address, $0) } }
        let shown = nodes.count == 1 ? infos : infos.filter { $0.1.replication.role != .replica }
        return Dictionary(shown.map { ($0.0, ServerIdentity($0.1)) }, uniquingKeysWith: { first, _ in first })
    }
    /// How many replicas copy a primary now, of those that are watched beside it; nil where none are.
    var linkedReplicas: Int? {
        let nodes = dataNodes
        guard topology != nil, nodes.count > 1 else { return nil }
        return nodes.count { $0.role == .replica && $0.reachable && $0.info?.replication.linkUp == true }
    }
    /// True for a node that another one stands in for, as the members tell.
    func isReplica(_ address: String) -> Bool {
        if let cluster = topology?.cluster { return cluster.replicas.contains { $0.address == address } }
        return topology?.sentinel != nil && address != nodes.first?.address
    }
    /// Why nobody knows what servers have counted; nil where it is known, and where there is nothing of the kind.
    public var whyNotCounted: Unanswered? {
        counters == nil ? dataNodes.lazy.compactMap { $0.why(CounterHash.command) }.first : nil
    }
    /// True where something can be said of the keys.
    public var isReachable: Bool { nodes.contains { $0.reachable && !$0.isSentinel } }
}

/// What one collection saw of one node. A failure is a value here, not an error.
public struct NodeSnapshot: Codable, Equatable, Sendable {
    /// `host:port`, or the path of a Unix socket.
    public var address: String
    /// Why this collection got nothing from the node; nil when it answered.
    public var refusal: Refusal?
    public var info: ServerInfo?
    /// `DBSIZE` of the chosen database.
    public var keys: Int?
    /// Newest first; nil where it was not answered.
    public var slowlog: [SlowlogEntry]?
    public var slowlogLength: Int?
    /// `CONFIG GET` of the few settings shown, escaped; empty where denied.
    public var settings: [String: String] = [:]
    /// `INFO commandstats`, by lower-case command name; asked every few polls, nil in between.
    public var commands: [String: CommandStats]?
    /// Who is logged on: the ACL user of this connection, nil where the server cannot say.
    public var user: String?
    /// True where the `default` user needs no password.
    public var defaultUserOpen: Bool?
    /// Commands that the server refused to this user or does not know; none of them is sent twice.
    public var denied: [DeniedCommand] = []
    /// Questions of this poll that were asked and got no answer, beside those that are denied.
    public var unanswered: [Unanswered] = []
    /// Time of the whole poll on the wire; nil where it failed.
    public var roundTrip: Duration?
    /// Against the poll before; nil on the first one and after a restart.
    public var rates: Rates?
    /// What the polls themselves cost.
    public var ownLoad: OwnLoad?
    /// Things an operator should know that are no failure, such as an unverified certificate.
    public var warnings: [String] = []

    public init(address: String) { self.address = address }

    public var reachable: Bool { refusal == nil && info != nil }
    /// How long it has been asked without an answer, while the rest is what it said before; nil where it has answered.
    public var late: Duration?
    /// When it said so, on the watching process' monotonic clock; nil where that is not known.
    public var answeredAt: Duration?
    /// What we ourselves have added to its counters since the program began; nil where nobody counts it.
    public var ownTraffic: OwnTraffic?
    /// True for a node that watches others and holds nothing.
    public var isSentinel = false
    /// Of how many nodes it is the sum; nil for a node.
    public var parts: SumParts?
}

/// What is not known of a node, and why: the one place that screens, reports and verdicts ask.
extension NodeSnapshot {
    /// What `INFO` has to tell before anybody may say that a node is well.
    private static let vital: [(field: String, isTold: @Sendable (ServerInfo) -> Bool)] = [
        ("used_memory", { $0.memory.used != nil }), ("connected_clients", { $0.clients.connected != nil }),
    ]

    /// Fields of `INFO` without which nobody can say how it is; empty where it told nothing at all.
    public var missingFields: [String] {
        guard let info, !isSentinel else { return [] }
        return Self.vital.filter { !$0.isTold(info) }.map(\.field)
    }

    /// True where it has told enough for a verdict.
    public var tellsItsHealth: Bool { reachable && missingFields.isEmpty }

    /// Why a question has no answer; nil where it has one, or was not asked yet.
    public func why(_ question: String) -> Unanswered? { everythingUnanswered.first { $0.question == question } }

    /// Why a slow log without entries says nothing of slow queries; nil where it is on, or nobody knows.
    public var slowlogSilence: String? {
        if settings["slowlog-log-slower-than"].flatMap({ Int($0) }).map({ $0 < 0 }) == true {
            return "switched off (slowlog-log-slower-than is negative)"
        }
        if settings["slowlog-max-len"] == "0" { return "switched off (slowlog-max-len is 0)" }
        return nil
    }

    /// All that is not known because a question was not answered.
    public var everythingUnanswered: [Unanswered] {
        let missing = missingFields
        let untold =
            missing.isEmpty
            ? [] : [Unanswered("INFO", .untold, "it leaves out \(missing.joined(separator: " and "))")]
        return denied.map { Unanswered($0) } + unanswered + untold
    }
}

/// What our own polling put on the server, a second, averaged between two polls.
public struct OwnLoad: Codable, Equatable, Sendable {
    public var commands: Double
    /// Bytes, both ways.
    public var bytes: Double

    public init(commands: Double, bytes: Double) {
        self.commands = commands
        self.bytes = bytes
    }
}
