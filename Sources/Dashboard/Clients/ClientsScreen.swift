internal import CacheModel
internal import TerminalUI

/// Screen 5: what INFO says about clients.
///
/// ```
/// ╭ Clients ──────────────── 412 of 10,000 ╮
/// │ chart                                  │
/// ╰────────────────────────────────────────╯
/// ╭ New connections ─╮╭ Connections ───────╮
/// │ chart            ││ figures            │
/// ╰──────────────────╯╰────────────────────╯
/// ```
struct ClientsScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let figureRows = figures.count + 2
        let top = max(0, min(body.rows - figureRows, body.rows * 3 / 5))
        ClientsPanel(state: state).render(
            in: Rect(column: body.column, row: body.row, columns: body.columns, rows: top), into: &frame)
        let left = body.columns >= 80 ? body.columns / 2 : 0
        let bottom = { (column: Int, columns: Int) in
            Rect(column: body.column + column, row: body.row + top, columns: columns, rows: body.rows - top)
        }
        if left > 0 { churn(in: bottom(0, left), &frame) }
        let rest = bottom(left, body.columns - left)
        let inner = state.panel("Connections", border: .borderClients, columns: rest.columns).render(
            in: rest, into: &frame
        ).inset(columns: 1, rows: 0)
        for (index, line) in figures.prefix(inner.rows).enumerated() {
            let row = Rect(column: inner.column, row: inner.row + index, columns: inner.columns, rows: 1)
            frame.write(line.label, in: row, Style(.dim), ellipsis: state.charset.ellipsis)
            let field = Rect(column: row.column + 22, row: row.row, columns: min(24, row.columns - 22), rows: 1)
            frame.write(
                line.figure, in: field, Style(state.valueStyle(line.role)), align: .right,
                ellipsis: state.charset.ellipsis)
        }
    }

    private func churn(in rect: Rect, _ frame: inout Frame) {
        let now = "\(Format.rate(state.figures?.rates?.connections)) /s"
        let inner = state.panel(
            "New connections", hint: state.spanLabel, note: [Span(now, state.valueStyle())], border: .borderClients,
            columns: rect.columns
        )
        .render(in: rect, into: &frame)
        LineChart(
            state.history(.connections, samples: LineChart.samples(for: inner)),
            role: state.isStale ? .stale : .chartClients, charset: state.charset
        ).render(in: inner, into: &frame)
    }

    private struct Figure {
        var label: String
        var figure: String
        var role: Role = .value
    }

    private var figures: [Figure] {
        let node = state.figures
        let clients = node?.info?.clients
        let rejected = node?.rates?.rejectedConnections
        return [
            Figure(label: "connected", figure: Format.count(clients?.connected)),
            Figure(label: "of maxclients", figure: Format.percent(node?.clientShare)),
            Figure(
                label: "blocked", figure: Format.count(clients?.blocked),
                role: (clients?.blocked ?? 0) > 0 ? .warning : .value),
            Figure(label: "new", figure: "\(Format.rate(node?.rates?.connections)) /s"),
            Figure(
                label: "rejected", figure: "\(Format.rate(rejected)) /s", role: (rejected ?? 0) > 0 ? .critical : .value
            ),
            Figure(label: "rejected since start", figure: Format.count(node?.info?.stats.rejectedConnections)),
            Figure(label: "tracking", figure: Format.count(clients?.tracking)),
            Figure(label: "buffers", figure: Format.bytes(node?.info?.memory.clients)),
            Figure(label: "we are the user", figure: node?.user ?? Format.unknown),
        ]
    }
}
