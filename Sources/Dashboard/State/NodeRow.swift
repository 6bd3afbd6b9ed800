internal import CacheModel
internal import TerminalUI

/// One line of the nodes' table: a node that is watched, or a replica that its primary tells of.
struct NodeRow: Equatable, Sendable {
    var address: String
    var role: String
    var state: String
    /// How it is, for the colour of its state.
    var mood: Role
    /// Its figures, old ones where it does not answer; nil for a replica that is not watched.
    var node: NodeSnapshot?
    var isStale = false
    var isChosen = false
    /// It stands below its primary.
    var isTied = false
    /// Of a cluster's primary.
    var slots: Int?
    var lag: Duration?

    static func rows(of state: DashboardState) -> [NodeRow] {
        let watched = Set((state.shown?.nodes ?? []).map(\.address))
        let nodes = inOrder(state.shown)
        return nodes.flatMap { node, isTied -> [NodeRow] in
            let figures = node.info == nil ? state.known[node.address]?.node : node
            let replicas = (node.info?.replication.replicas ?? []).filter { !watched.contains($0.address) }
            var row = NodeRow(node, figures: figures)
            let shard = state.shown?.topology?.cluster?.shard(of: node.address)
            row.slots = shard?.primary?.address == node.address ? shard?.slotCount : nil
            row.isChosen = nodes.count > 1 && state.node?.address == node.address
            row.isTied = isTied
            return [row] + replicas.map(NodeRow.init)
        }
    }

    /// Each primary with its replicas behind it; sentinels at the end.
    private static func inOrder(_ snapshot: Snapshot?) -> [(node: NodeSnapshot, isTied: Bool)] {
        let nodes = snapshot?.nodes ?? []
        let holders = nodes.filter { !$0.isSentinel }
        let firsts = Set(holders.filter { $0.role != .replica }.map(\.address))
        func primary(of node: NodeSnapshot) -> String? {
            guard !firsts.contains(node.address) else { return nil }
            if let cluster = snapshot?.topology?.cluster {
                return cluster.shard(of: node.address)?.primary?.address
            }
            // Those of one service all follow the one that its sentinels name.
            return snapshot?.topology?.sentinel?.primary ?? (firsts.count == 1 ? firsts.first : nil)
        }
        let tied = Dictionary(grouping: holders.filter { node in primary(of: node).map(firsts.contains) == true }) {
            primary(of: $0) ?? ""
        }
        let alone = holders.filter { node in primary(of: node).map(firsts.contains) != true }
        return alone.flatMap { node in
            [(node, false)] + (tied[node.address] ?? []).sorted { $0.address < $1.address }.map { ($0, true) }
        } + nodes.filter(\.isSentinel).sorted { $0.address < $1.address }.map { ($0, false) }
    }

    private init(_ node: NodeSnapshot, figures: NodeSnapshot?) {
        let replication = figures?.info?.replication
        address = node.address
        role = node.isSentinel ? "sentinel" : replication?.role?.rawValue ?? Format.unknown
        self.node = figures
        isStale = node.info == nil
        lag = replication?.role == .replica ? replication?.lastPrimaryIO : nil
        if let late = node.late, node.refusal == nil {
            (state, mood) = ("no answer for \(Format.duration(late))", .warning)
        } else if let refusal = node.refusal {
            (state, mood) = (refusal.reason, refusal.kind == .loading ? .warning : .critical)
        } else if replication?.role == .replica, replication?.linkUp == false {
            let since = replication?.linkDownFor.map { " for \(Format.age($0))" } ?? ""
            (state, mood) = ("link down\(since)", .critical)
        } else if replication?.syncInProgress == true {
            (state, mood) = ("syncing", .warning)
        } else {
            (state, mood) = ("up", .good)
        }
    }

    private init(_ replica: ServerInfo.Replica) {
        address = replica.address
        role = ServerInfo.Role.replica.rawValue
        state = replica.state ?? Format.unknown
        mood = replica.state == "online" ? .good : .warning
        isTied = true
        lag = replica.lag
    }
}
