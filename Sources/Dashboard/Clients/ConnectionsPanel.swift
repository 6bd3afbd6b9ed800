internal import CacheModel
internal import TerminalUI

/// What INFO says about clients, in two columns, and below them the new connections over time.
struct ConnectionsPanel {
    let state: DashboardState

    private typealias Figure = FigureGrid.Figure

    func render(in rect: Rect, into frame: inout Frame) {
        let inner = state.panel("Connections", border: .borderClients, columns: rect.columns, isSum: true).render(
            in: rect, into: &frame
        ).inset(columns: 1, rows: 0)
        let rows = FigureGrid(state: state, figures: figures, columns: 2).render(in: inner, into: &frame)
        guard rows > 0 else { return }
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
