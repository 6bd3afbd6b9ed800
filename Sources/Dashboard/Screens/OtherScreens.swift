internal import CacheModel
internal import TerminalUI

/// Screen 2: the keyspace by database.
struct KeyspaceScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let inner = state.panel("Keyspace", border: .borderNamespaces).render(in: body, into: &frame).inset(
            columns: 1, rows: 0)
        KeyspaceTable(state: state).render(in: inner, into: &frame)
        let databases = state.figures?.info?.keyspace.count ?? 0
        let words = "Shares by namespace are not in this version; INFO tells only whole databases."
        for (index, line) in Paragraph.wrap(words, columns: inner.columns).enumerated()
        where databases + 2 + index < inner.rows {
            frame.write(
                line, at: Point(column: inner.column, row: inner.row + databases + 2 + index), Style(.dim), clip: inner)
        }
    }
}

/// Screen 3: says where keys can be looked at meanwhile.
struct KeysScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let inner = state.panel("Keys", border: .borderNamespaces).render(in: body, into: &frame).inset(
            columns: 1, rows: 0)
        let words = [
            "Browsing keys is not in this version.", "redis-cli --scan --pattern 'product:*' --count 1000 | head",
        ]
        for (index, line) in words.flatMap({ Paragraph.wrap($0, columns: inner.columns) }).prefix(inner.rows)
            .enumerated()
        {
            frame.write(
                line, at: Point(column: inner.column, row: inner.row + index), Style(index == 0 ? .text : .dim),
                clip: inner)
        }
    }
}

/// Screen 5: what INFO tells of clients.
struct ClientsScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let chart = Rect(column: body.column, row: body.row, columns: body.columns, rows: max(0, body.rows - 7))
        ClientsPanel(state: state).render(in: chart, into: &frame)
        let rest = Rect(column: body.column, row: chart.endRow, columns: body.columns, rows: body.rows - chart.rows)
        let inner = state.panel("Connections", border: .borderClients).render(in: rest, into: &frame).inset(
            columns: 1, rows: 0)
        for (index, line) in lines.prefix(inner.rows).enumerated() {
            frame.write(
                state.labelled(line.0, line.1), at: Point(column: inner.column, row: inner.row + index), clip: inner)
        }
    }

    private var lines: [(String, String)] {
        let info = state.figures?.info
        let rates = state.figures?.rates
        return [
            ("new connections ", "\(Format.rate(rates?.connections)) /s"),
            (
                "rejected        ",
                "\(Format.rate(rates?.rejectedConnections)) /s, \(Format.count(info?.stats.rejectedConnections)) since start"
            ),
            ("tracking        ", Format.count(info?.clients.tracking)),
            ("buffers         ", Format.bytes(info?.memory.clients)),
            ("we are          ", state.figures?.user ?? Format.unknown),
        ]
    }
}

/// Screen 6: what the server spends its time on.
struct CommandsScreen {
    let state: DashboardState

    private let columns: [Table.Column] = [
        Table.Column("command", .flexible(minimum: 12)), Table.Column("calls/s", .fixed(10), align: .right),
        Table.Column("a call", .fixed(9), align: .right), Table.Column("share of time", .fixed(13), align: .right),
        Table.Column("failed", .fixed(9), align: .right),
    ]

    func render(in body: Rect, into frame: inout Frame) {
        let rows = state.commandRows
        let inner = state.panel(
            "Commands", note: [Span("\(rows.count) in use, every 10 polls", .dim)], border: .borderTraffic
        )
        .render(in: body, into: &frame).inset(columns: 1, rows: 0)
        guard !rows.isEmpty else {
            let words = state.filters[.commands] == nil ? "No command statistics yet" : "None that match the filter"
            frame.write(words, in: inner, Style(.dim), ellipsis: state.charset.ellipsis)
            return
        }
        let place = state.lists[.commands] ?? ListState()
        let cells = rows.dropFirst(place.offset).prefix(max(0, inner.rows - 1)).map(cells)
        Table(
            columns: columns, rows: Array(cells), offset: place.offset, selection: place.selection,
            charset: state.charset
        )
        .render(in: inner, into: &frame)
    }

    private func cells(_ row: CommandRate) -> [Span] {
        [
            Span(row.name.uppercased(), state.valueStyle(.text)), Span(Format.rate(row.calls), state.valueStyle()),
            Span(Format.duration(row.perCall), state.valueStyle()), Span(Format.percent(row.share), state.valueStyle()),
            Span(Format.count(row.failures), row.failures > 0 ? .warning : .dim),
        ]
    }
}

/// Screen 7: every node that is watched.
struct NodesScreen {
    let state: DashboardState

    private let columns: [Table.Column] = [
        Table.Column("node", .flexible(minimum: 14)), Table.Column("role", .fixed(8)),
        Table.Column("version", .fixed(8)),
        Table.Column("memory", .fixed(9), align: .right), Table.Column("clients", .fixed(8), align: .right),
        Table.Column("ops/s", .fixed(9), align: .right), Table.Column("keys", .fixed(10), align: .right),
        Table.Column("replicas", .fixed(8), align: .right), Table.Column("answers in", .fixed(10), align: .right),
    ]

    func render(in body: Rect, into frame: inout Frame) {
        let nodes = state.shown?.nodes ?? []
        let inner = Panel(
            [Span("Nodes", .title)], note: [Span(state.shown?.deployment.rawValue ?? "", .dim)], border: .borderTraffic,
            charset: state.charset
        )
        .render(in: body, into: &frame).inset(columns: 1, rows: 0)
        let place = state.lists[.nodes] ?? ListState()
        let rows = nodes.dropFirst(place.offset).prefix(max(0, inner.rows - 1)).map(cells)
        Table(
            columns: columns, rows: Array(rows), offset: place.offset, selection: place.selection,
            charset: state.charset
        )
        .render(in: inner, into: &frame)
    }

    private func cells(_ node: NodeSnapshot) -> [Span] {
        let info = node.info
        let role: Role = node.reachable ? .value : .stale
        return [
            Span(node.address, node.reachable ? .text : .critical),
            Span(info?.replication.role?.rawValue ?? node.refusal?.reason ?? Format.unknown, role),
            Span(info?.server.version ?? Format.unknown, role), Span(Format.bytes(info?.memory.used), role),
            Span(Format.count(info?.clients.connected), role), Span(Format.rate(node.rates?.commands), role),
            Span(Format.shortCount(node.keys), role), Span(Format.count(info?.replication.connectedReplicas), role),
            Span(Format.duration(node.roundTrip), role),
        ]
    }
}
