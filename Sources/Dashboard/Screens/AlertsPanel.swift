internal import CacheModel
internal import TerminalUI

/// The alerts that stand, worst first, each with its first remedies.
struct AlertsPanel {
    let state: DashboardState
    let isOneLine: Bool

    func render(in rect: Rect, into frame: inout Frame) {
        let alerts = state.alerts.raised
        let worst = alerts.map(\.level).max()
        let border: Role = worst == .critical ? .critical : worst == .warning ? .warning : .borderAlerts
        var title = [Span("Alerts", .title)]
        let serious = alerts.filter { $0.level > .info }.count
        if serious > 0 { title.append(Span(" \(state.charset.alert)\(serious)", border)) }
        let inner = Panel(title, border: border, charset: state.charset).render(in: rect, into: &frame)
        guard !alerts.isEmpty else {
            let words = state.isStale ? "The server does not answer" : "Nothing to worry about"
            frame.write(
                words, in: inner.inset(columns: 1, rows: 0), Style(state.isStale ? .stale : .good),
                ellipsis: state.charset.ellipsis)
            return
        }
        draw(alerts, in: inner, &frame)
    }

    private func draw(_ alerts: [Alert], in inner: Rect, _ frame: inout Frame) {
        var row = inner.row
        for alert in alerts where row < inner.endRow {
            AlertLine(state: state, alert: alert).render(
                in: Rect(column: inner.column, row: row, columns: inner.columns, rows: 1), into: &frame)
            row += 1
            guard !isOneLine, !alert.remedy.isEmpty, row < inner.endRow else { continue }
            let field = Rect(column: inner.column + 3, row: row, columns: inner.columns - 4, rows: 1)
            frame.write(alert.remedy.joined(separator: " · "), in: field, Style(.dim), ellipsis: state.charset.ellipsis)
            row += 1
        }
    }
}

/// One alert on one line: mark, message, how long.
struct AlertLine {
    let state: DashboardState
    let alert: Alert

    var role: Role {
        if alert.clearedAt != nil { return .stale }
        return switch alert.level {
        case .critical: .critical
        case .warning: .warning
        case .info: .info
        }
    }

    func render(in rect: Rect, into frame: inout Frame) {
        let age = Format.age(max(.zero, (alert.clearedAt ?? state.now) - alert.since))
        let ageWidth = CharacterWidth.of(age) + 1
        let mark = alert.level == .info ? "·" : String(state.charset.alert)
        frame.write(mark, at: Point(column: rect.column + 1, row: rect.row), Style(role), clip: rect)
        let field = Rect(column: rect.column + 3, row: rect.row, columns: rect.columns - 4 - ageWidth, rows: 1)
        frame.write(
            alert.message, in: field, Style(alert.clearedAt == nil ? (alert.level == .info ? .text : role) : .stale),
            ellipsis: state.charset.ellipsis)
        frame.write([Span(age, .dim)], endingAt: rect.endColumn - 1, row: rect.row, clip: rect)
    }
}
