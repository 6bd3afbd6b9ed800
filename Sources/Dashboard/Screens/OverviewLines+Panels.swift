internal import CacheModel
internal import TerminalUI

extension OverviewLines {
    init(of state: DashboardState) {
        let body = Layout(state.size).body
        let detail = Detail(state.size)
        guard state.figures != nil, detail == .full || detail == .compact else {
            self.init()
            return
        }
        let alerts = AlertsPanel(of: state, body)
        self.init(of: state, OverviewLayout(of: state, body, alerts), alerts)
    }

    init(of state: DashboardState, _ layout: OverviewLayout, _ alerts: AlertsPanel) {
        subjects = alerts.shown(in: layout.alerts).map { Subject($0) }
        namespaces = append(NamespacesPanel(state: state).shown(in: layout.namespaces).map { Subject($0) })
        slowQueries = append(SlowlogPanel(state: state).shown(in: layout.slowlog).map { Subject($0) })
    }

    private mutating func append(_ more: [Subject]) -> Range<Int> {
        subjects += more
        return subjects.count - more.count..<subjects.count
    }
}

extension OverviewLayout {
    init(of state: DashboardState, _ body: Rect, _ alerts: AlertsPanel) {
        self.init(body: body, detail: Detail(state.size), alertLines: alerts.wantedRows(alerts.columns - 2))
    }
}

extension AlertsPanel {
    /// As wide as it stands on the Overview.
    init(of state: DashboardState, _ body: Rect) {
        let isCompact = Detail(state.size) == .compact
        self.init(
            state: state, isOneLine: isCompact,
            columns: isCompact ? body.columns : body.columns - body.columns / 2)
    }
}

extension DashboardState {
    var overviewLines: OverviewLines { keptOverview ?? OverviewLines(of: self) }

    /// Makes a line of the Overview, the blank column before it included, one that can be pointed at, and shows the cursor where it stands there. As long as
    /// nobody has moved it, it is a small sign only: what is drawn keeps its colours.
    func mark(_ line: Rect, row: Int, into frame: inout Frame) {
        guard line.rows > 0 else { return }
        frame.addRegion(line, id: "row:\(row)")
        guard row == selection(of: .overview), let cursor = cursors[.overview] else { return }
        if cursor.followsNews {
            frame.write(
                String(charset.marker), in: Rect(column: line.column, row: line.row, columns: 1, rows: 1),
                Style(.accent))
        } else {
            frame.restyle(line) { $0 = Style(.selection, level: $0.level, bold: $0.bold, reverse: $0.reverse) }
        }
    }
}

extension Rect {
    /// With the blank columns beside it.
    var withMargin: Rect { Rect(column: column - 1, row: row, columns: columns + 2, rows: rows) }
}
