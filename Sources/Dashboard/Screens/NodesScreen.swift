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
    var lag: Duration?

    static func rows(of state: DashboardState) -> [NodeRow] {
        (state.shown?.nodes ?? []).flatMap { node -> [NodeRow] in
            let figures = node.info == nil ? state.known[node.address]?.node : node
            let watched = Set((state.shown?.nodes ?? []).map(\.address))
            let replicas = (node.info?.replication.replicas ?? []).filter { !watched.contains($0.address) }
            return [NodeRow(node, figures: figures)] + replicas.map(NodeRow.init)
        }
    }

    private init(_ node: NodeSnapshot, figures: NodeSnapshot?) {
        let replication = figures?.info?.replication
        address = node.address
        role = replication?.role?.rawValue ?? Format.unknown
        self.node = figures
        isStale = node.info == nil
        lag = replication?.role == .replica ? replication?.lastPrimaryIO : nil
        if let refusal = node.refusal {
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

/// Screen 7: every node that is watched, and the replicas it tells of.
///
/// ```
/// │ node           role     state   version    memory  clients    ops/s       keys    lag  answers in │
/// │ cache-1:6379   primary  up      7.0.15   1.42 GiB      412   18,204     5.01 M      –     412 µs │
/// │ └ 10.0.0.6     replica  online       –          –        –        –          –    0 s          – │
/// ```
struct NodesScreen {
    let state: DashboardState

    /// A column and its cell; narrow screens lose those that need most room.
    private struct Field {
        var column: Table.Column
        var minimumWidth = 0
        var cell: (NodeRow) -> Span
    }

    private var fields: [Field] {
        let right = { (title: String, width: Int, minimum: Int, words: @escaping (NodeRow) -> String) in
            Field(column: Table.Column(title, .fixed(width), align: .right), minimumWidth: minimum) { row in
                Span(words(row), row.isStale ? .stale : .value)
            }
        }
        return [
            Field(column: Table.Column("node", .flexible(minimum: 16))) { row in
                let name = row.node == nil ? "\(state.charset.branch) \(row.address)" : row.address
                return Span(name, row.isStale ? .stale : .text)
            },
            Field(column: Table.Column("role", .fixed(8))) { Span($0.role, $0.isStale ? .stale : .text) },
            Field(column: Table.Column("state", .flexible(minimum: 10))) { Span($0.state, $0.mood) },
            Field(column: Table.Column("version", .fixed(8)), minimumWidth: 100) {
                Span($0.node?.info?.server.version ?? Format.unknown, $0.isStale ? .stale : .value)
            },
            right("memory", 9, 0) { Format.bytes($0.node?.info?.memory.used) },
            right("clients", 8, 0) { Format.count($0.node?.info?.clients.connected) },
            right("ops/s", 9, 0) { Format.rate($0.node?.rates?.commands) },
            right("keys", 7, 0) { Format.shortCount($0.node?.keys) },
            right("lag", 6, 80) { $0.lag.map { Format.age($0) } ?? Format.unknown },
            right("answers in", 10, 91) { Format.duration($0.isStale ? nil : $0.node?.roundTrip) },
        ]
    }

    func render(in body: Rect, into frame: inout Frame) {
        let inner = Panel(
            [Span("Nodes", .title)], note: [Span(state.shown?.deployment.rawValue ?? "", .dim)], border: .borderTraffic,
            charset: state.charset
        )
        .render(in: body, into: &frame).inset(columns: 1, rows: 0)
        let place = state.lists[.nodes] ?? ListState()
        let fields = fields.filter { $0.minimumWidth <= inner.columns }
        let rows = state.nodeRows.dropFirst(place.offset).prefix(max(0, inner.rows - 1)).map { row in
            fields.map { $0.cell(row) }
        }
        Table(
            columns: fields.map(\.column), rows: Array(rows), offset: place.offset, selection: place.selection,
            charset: state.charset
        )
        .render(in: inner, into: &frame)
    }
}

extension Charset {
    /// What leads from a primary to its replica.
    fileprivate var branch: String { self == .unicode ? "└" : "+" }
}
