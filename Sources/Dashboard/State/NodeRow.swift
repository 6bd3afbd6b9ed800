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
    /// Of a cluster's primary.
    var slots: Int?
    var lag: Duration?

    static func rows(of state: DashboardState) -> [NodeRow] {
        let watched = Set((state.shown?.nodes ?? []).map(\.address))
        return (state.shown?.nodes ?? []).flatMap { node -> [NodeRow] in
            let figures = node.info == nil ? state.known[node.address]?.node : node
            let replicas = (node.info?.replication.replicas ?? []).filter { !watched.contains($0.address) }
            var row = NodeRow(node, figures: figures)
            let shard = state.shown?.topology?.cluster?.shard(of: node.address)
            row.slots = shard?.primary?.address == node.address ? shard?.slotCount : nil
            row.isChosen = (state.shown?.nodes.count ?? 0) > 1 && state.node?.address == node.address
            return [row] + replicas.map(NodeRow.init)
        }
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
        lag = replica.lag
    }
}
