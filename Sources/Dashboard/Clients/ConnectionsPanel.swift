internal import CacheModel
internal import TerminalUI

/// What INFO says about clients, in two columns, and below them the new connections over time.
struct ConnectionsPanel {
    let state: DashboardState

    private struct Figure {
        var label: String
        var figure: String
        var role: Role = .value
    }

    func render(in rect: Rect, into frame: inout Frame) {
        let inner = state.panel("Connections", border: .borderClients, columns: rect.columns, isSum: true).render(
            in: rect, into: &frame
        ).inset(columns: 1, rows: 0)
        let figures = figures
        let rows = min(inner.rows, (figures.count + 1) / 2)
        guard rows > 0 else { return }
        let width = (inner.columns - 2) / 2
        for (index, figure) in figures.prefix(rows * 2).enumerated() {
            let line = Rect(
                column: inner.column + (index / rows) * (width + 2), row: inner.row + index % rows, columns: width,
                rows: 1)
            frame.write(figure.label, in: line, Style(.dim), ellipsis: state.charset.ellipsis)
            let label = state.charset.width(of: figure.label) + 1
            let field = Rect(
                column: line.column + label, row: line.row, columns: line.columns - label, rows: 1)
            frame.write(
                figure.figure, in: field, Style(state.valueStyle(figure.role)), align: .right,
                ellipsis: state.charset.ellipsis)
        }
        let chart = Rect(
            column: inner.column, row: inner.row + rows, columns: inner.columns, rows: inner.rows - rows)
        guard !chart.isEmpty else { return }
        frame.write("new", in: chart, Style(.dim))
        let plot = Rect(column: chart.column + 4, row: chart.row, columns: chart.columns - 4, rows: chart.rows)
        Sparkline(
            state.history(.connections, samples: plot.columns * 2), role: state.isStale ? .stale : .chartClients,
            charset: state.charset
        ).render(in: plot, into: &frame)
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
            Figure(label: "tracking", figure: Format.count(clients?.tracking)),
            Figure(label: "buffers", figure: Format.bytes(node?.info?.memory.clients)),
            Figure(label: "new", figure: "\(Format.rate(node?.rates?.connections)) /s"),
            Figure(
                label: "rejected", figure: "\(Format.rate(rejected)) /s", role: (rejected ?? 0) > 0 ? .critical : .value
            ),
            Figure(label: "rejected since start", figure: Format.count(node?.info?.stats.rejectedConnections)),
            Figure(label: "we are the user", figure: node?.user ?? Format.unknown),
        ]
    }
}
