internal import CacheModel
internal import TerminalUI

/// Screen 8: alerts that stand and that stood, with what to do and what was seen.
struct AlertsScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let alerts = state.alertRows
        let listArea = Layout.alertsList(in: body)
        let standing = state.alerts.raised.count
        let note = [Span("\(standing) raised, \(state.alerts.past.count) past", .dim)]
        let inner = Panel([Span("Alerts", .title)], note: note, border: .borderAlerts, charset: state.charset).render(
            in: listArea, into: &frame)
        guard !alerts.isEmpty else {
            frame.write(
                "Nothing was raised since cachewatch began", in: inner.inset(columns: 1, rows: 0), Style(.good),
                ellipsis: state.charset.ellipsis)
            return
        }
        let place = state.lists[.alerts] ?? ListState()
        for (index, alert) in alerts.dropFirst(place.offset).prefix(inner.rows).enumerated() {
            let line = Rect(column: inner.column, row: inner.row + index, columns: inner.columns, rows: 1)
            AlertLine(state: state, alert: alert).render(in: line, into: &frame)
            if index + place.offset == place.selection { frame.restyle(line) { $0 = Style(.selection, bold: $0.bold) } }
            frame.addRegion(line, id: "row:\(index + place.offset)")
        }
        guard listArea.rows < body.rows, alerts.indices.contains(place.selection) else { return }
        details(
            alerts[place.selection],
            in: Rect(column: body.column, row: listArea.endRow, columns: body.columns, rows: body.rows - listArea.rows),
            &frame)
    }

    private func details(_ alert: Alert, in rect: Rect, _ frame: inout Frame) {
        let role = AlertLine(state: state, alert: alert).role
        let inner = Panel(
            [Span(alert.id.rawValue, .title)], note: [Span(alert.level.rawValue, role)], border: .borderAlerts,
            charset: state.charset
        )
        .render(in: rect, into: &frame).inset(columns: 1, rows: 0)
        var lines: [(String, Role)] = Paragraph.wrap(alert.message, columns: inner.columns).map { ($0, .value) }
        lines.append((times(alert), .dim))
        if !alert.remedy.isEmpty { lines.append(("What to do", .title)) }
        for step in alert.remedy { lines += Paragraph.wrap("· \(step)", columns: inner.columns).map { ($0, .text) } }
        if !alert.evidence.isEmpty { lines.append(("When it fired", .title)) }
        for line in alert.evidence { lines += Paragraph.wrap("· \(line)", columns: inner.columns).map { ($0, .dim) } }
        for (index, line) in lines.prefix(inner.rows).enumerated() {
            frame.write(
                line.0, in: Rect(column: inner.column, row: inner.row + index, columns: inner.columns, rows: 1),
                Style(line.1), ellipsis: state.charset.ellipsis)
        }
    }

    private func times(_ alert: Alert) -> String {
        let offset = state.options.utcOffset
        let since = "since \(alert.since.date(offset: offset)) \(alert.since.clock(offset: offset))"
        let node = alert.node.map { " on \($0)" } ?? ""
        guard let cleared = alert.clearedAt else { return since + node }
        return "\(since), cleared \(cleared.clock(offset: offset))\(node)"
    }
}
