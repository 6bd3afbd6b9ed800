internal import CacheModel
internal import TerminalUI

/// Screen 8: alerts that stand and that stood, with what to do and what was seen.
///
/// ```
/// ╭ Alerts ─────────────────────────── 2 raised, 1 past ╮
/// │ ▲ Redis memory usage high: 91.0 %             3 min │
/// ╰─────────────────────────────────────────────────────╯
/// ╭ memory-high ───────────────────────────── critical ─╮
/// │ message, since when, what to do, when it fired      │
/// ╰─────────────────────────────────────────────────────╯
/// ```
struct AlertsScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let alerts = state.alertRows
        let listArea = Layout.alertsList(in: body)
        let note = [Span("\(state.alerts.raised.count) raised, \(state.alerts.past.count) past", .dim)]
        let inner = Panel([Span("Alerts", .title)], note: note, border: .borderAlerts, charset: state.charset).render(
            in: listArea, into: &frame)
        guard !alerts.isEmpty else {
            let area = inner.inset(columns: 1, rows: 0)
            frame.write(none(area.columns), in: area, ellipsis: state.charset.ellipsis)
            return
        }
        let place = state.lists[.alerts] ?? ListState()
        let selection = state.selection(of: .alerts)
        for (index, alert) in alerts.dropFirst(place.offset).prefix(inner.rows).enumerated() {
            let line = Rect(column: inner.column, row: inner.row + index, columns: inner.columns, rows: 1)
            AlertLine(state: state, alert: alert, namesCulprit: true).render(in: line, into: &frame)
            if index + place.offset == selection { frame.restyle(line) { $0 = Style(.selection, bold: $0.bold) } }
            frame.addRegion(line, id: "row:\(index + place.offset)")
        }
        guard listArea.rows < body.rows, let selection, alerts.indices.contains(selection) else { return }
        let rest = Rect(
            column: body.column, row: listArea.endRow, columns: body.columns, rows: body.rows - listArea.rows)
        AlertDetails(state: state, alert: alerts[selection]).render(in: rest, into: &frame)
    }

    /// That nothing was raised is good news only of a server that tells how it is, and answers what it is asked.
    private func none(_ columns: Int) -> [TextLine] {
        guard state.filters[.alerts] == nil else { return [TextLine("None that match the filter", .dim)] }
        let failure = state.failure(columns)
        let isWell = failure.isEmpty && state.latestNode?.tellsItsHealth == true && state.unansweredQuestions == nil
        let words = "Nothing was raised since cachewatch began"
        let unanswered = failure.isEmpty ? state.unansweredQuestions.map { "; not answered: \($0)" } : nil
        return failure
            + TextLine.wrapped(words + (unanswered ?? ""), columns: columns, state.charset, isWell ? .good : .dim)
    }
}

/// One alert in full.
struct AlertDetails {
    let state: DashboardState
    let alert: Alert

    func render(in rect: Rect, into frame: inout Frame) {
        let inner = Panel(
            [Span(alert.id.rawValue, .title)],
            note: [Span(alert.level.rawValue, AlertLine(state: state, alert: alert).role)], border: .borderAlerts,
            charset: state.charset
        )
        .render(in: rect, into: &frame).inset(columns: 1, rows: 0)
        frame.write(lines(columns: inner.columns), in: inner, ellipsis: state.charset.ellipsis)
    }

    func lines(columns: Int) -> [TextLine] {
        TextLine.wrapped(alert.message, columns: columns, state.charset, .value) + who(columns)
            + [TextLine(times, .dim)] + toCopy(columns) + list("What to do", alert.remedy, columns, .text)
            + list("When it fired", alert.evidence, columns, .dim)
    }

    /// Whole, and broken nowhere but between words: whoever types them off leaves nothing out.
    private func toCopy(_ columns: Int) -> [TextLine] {
        let commands = state.commands(for: alert)
        guard !commands.isEmpty else { return [] }
        return [TextLine(commands.count > 1 ? "To copy: y, and y again for the next" : "To copy: y", .title)]
            + commands.flatMap { TextLine.wrapped($0, columns: columns, state.charset, .value) }
    }

    private func who(_ columns: Int) -> [TextLine] {
        alert.culprit.map { TextLine.wrapped($0.words, columns: columns, state.charset, .value) } ?? []
    }

    private func list(_ title: String, _ items: [String], _ columns: Int, _ role: Role) -> [TextLine] {
        guard !items.isEmpty else { return [] }
        return [TextLine(title, .title)]
            + items.flatMap { TextLine.wrapped("· \($0)", columns: columns, state.charset, role) }
    }

    private var times: String {
        let clock = state.options.clock
        let since = "since \(clock.dateAndClock(alert.since))"
        let node = alert.node.map { " on \($0)" } ?? ""
        guard let cleared = alert.clearedAt else { return since + node }
        return "\(since), cleared \(clock.short(cleared, seenAt: alert.since))\(node)"
    }
}
