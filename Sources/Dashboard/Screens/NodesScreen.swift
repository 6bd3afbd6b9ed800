internal import CacheModel
internal import TerminalUI

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

    private var isCluster: Bool { state.shown?.topology?.cluster != nil }

    /// - Parameter columns: of the table; what it holds is whole, and not wider than that.
    private func fields(_ columns: Int) -> [Field] {
        let fields = allFields.filter { $0.minimumWidth <= columns }
        // The name and the state share what the others leave.
        let rest = fields.enumerated().reduce(columns - fields.count + 1) { rest, field in
            guard case .fixed(let width) = field.element.column.width, ![0, 2].contains(field.offset) else {
                return rest
            }
            return rest - width
        }
        func widest(_ field: Field) -> Int {
            state.nodeRows.map { state.charset.width(of: field.cell($0).text) }.max() ?? 0
        }
        let mood = max(5, min(max(10, widest(fields[2])), rest - 16, max(rest / 2, rest - widest(fields[0]))))
        var wide = fields
        wide[0].column.width = .fixed(max(16, min(widest(fields[0]), rest - mood)))
        wide[2].column.width = .fixed(mood)
        return wide
    }

    private var allFields: [Field] {
        let right = { (title: String, width: Int, minimum: Int, words: @escaping (NodeRow) -> String) in
            Field(column: Table.Column(title, .fixed(width), align: .right), minimumWidth: minimum) { row in
                Span(words(row), row.isStale ? .stale : .value)
            }
        }
        return [
            Field(column: Table.Column("node", .fixed(16))) { row in
                let name = row.isTied ? "\(state.charset.branch) \(row.address)" : row.address
                return Span(name, row.isStale ? .stale : row.isChosen ? .accent : .text)
            },
            Field(column: Table.Column("role", .fixed(8))) { Span($0.role, $0.isStale ? .stale : .text) },
            Field(column: Table.Column("state", .fixed(10))) { Span($0.state, $0.mood) },
            Field(column: Table.Column("version", .fixed(8)), minimumWidth: 100) {
                Span($0.node?.info?.server.version ?? Format.unknown, $0.isStale ? .stale : .value)
            },
        ] + (isCluster ? [right("slots", 6, 76) { $0.slots.map { Format.count($0) } ?? "" }] : []) + [
            right("memory", 9, 0) { Format.bytes($0.node?.info?.memory.used) },
            right("clients", 8, 58) { Format.count($0.node?.info?.clients.connected) },
            right("ops/s", 9, 68) { Format.rate($0.node?.rates?.commands) },
            right("keys", 7, 0) { Format.shortCount($0.node?.keys) },
            right("lag", 6, 80) { $0.lag.map { Format.age($0) } ?? Format.unknown },
            right("answers in", 10, 91) { Format.duration($0.isStale ? nil : $0.node?.roundTrip) },
        ]
    }

    private var note: [Span] {
        if let shown = state.shown, let cluster = shown.topology?.cluster, let reach = ClusterReach(shown) {
            let isWhole = reach.slots == KeySlot.count
            let sign = isWhole ? "" : "\(state.charset.critical) "
            return [
                Span("cluster, epoch \(cluster.epoch)  ", .dim),
                Span(cluster.isUp == false ? "cluster_state fail  " : "", .critical),
                Span(
                    "\(sign)\(Format.count(reach.slots)) of \(Format.count(KeySlot.count, "slot"))",
                    isWhole ? .good : .critical),
            ]
        }
        guard let sentinel = state.shown?.topology?.sentinel else {
            return [Span(state.shown?.deployment.rawValue ?? "", .dim)]
        }
        let isGood = sentinel.up == sentinel.watches.count && sentinel.dissenting.isEmpty
        return [
            Span("sentinel \(sentinel.service)  ", .dim),
            Span("\(sentinel.up) of \(sentinel.watches.count) answer", isGood ? .good : .warning),
            Span(sentinel.quorum.map { ", quorum \($0)" } ?? "", .dim),
        ]
    }

    private var silent: Set<String> {
        Set((state.shown?.nodes ?? []).filter { !$0.reachable }.map(\.address))
    }

    /// Where there is room below the whole table, the node under the cursor is shown there.
    private func tableRows(of body: Int) -> Int {
        let wanted = state.nodeRows.count + 3 + (isCluster ? 3 : 0)
        return body - wanted >= NodeDetail.leastRows ? wanted : body
    }

    func render(in body: Rect, into frame: inout Frame) {
        let tableRows = tableRows(of: body.rows)
        if tableRows < body.rows, let selection = state.selection(of: .nodes),
            state.nodeRows.indices.contains(selection)
        {
            NodeDetail(state: state, row: state.nodeRows[selection]).render(
                in: Rect(
                    column: body.column, row: body.row + tableRows, columns: body.columns, rows: body.rows - tableRows),
                into: &frame)
        }
        let inside = Panel(
            [Span("Nodes", .title)], note: note, border: .borderTraffic, charset: state.charset
        )
        .render(
            in: Rect(column: body.column, row: body.row, columns: body.columns, rows: tableRows), into: &frame
        ).inset(columns: 1, rows: 0)
        let stripRows = isCluster && inside.rows > 6 ? 3 : 0
        if let cluster = state.shown?.topology?.cluster, stripRows > 0 {
            SlotStrip(cluster: cluster, silent: silent, charset: state.charset).render(
                in: Rect(column: inside.column, row: inside.row, columns: inside.columns, rows: stripRows), into: &frame
            )
        }
        let inner = Rect(
            column: inside.column, row: inside.row + stripRows, columns: inside.columns, rows: inside.rows - stripRows)
        let place = state.lists[.nodes] ?? ListState()
        let page = max(0, inner.rows - 1)
        // The strip takes rows that the list counts on.
        let offset = max(place.offset, place.selection - page + 1)
        let fields = fields(inner.columns)
        let rows = state.nodeRows.dropFirst(offset).prefix(page).map { row in fields.map { $0.cell(row) } }
        Table(
            columns: fields.map(\.column), rows: Array(rows), offset: offset, selection: state.selection(of: .nodes),
            charset: state.charset
        )
        .render(in: inner, into: &frame)
    }
}

extension Charset {
    /// What leads from a primary to its replica.
    fileprivate var branch: String { self == .unicode ? "└" : "+" }
}
