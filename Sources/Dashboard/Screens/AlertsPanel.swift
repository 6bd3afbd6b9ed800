internal import CacheModel
internal import TerminalUI

/// The alerts that stand, worst first, each with its first remedies; then what an operator should know besides.
///
/// ```
/// ╭ Alerts ▲2 ─────────────────────────────────────────╮
/// │ ▲ Redis memory usage high: 91.0 % of 2.00 GiB 3 min│
/// │   Enable key expiration (TTL) · …                  │
/// ╰─────────────────────────────────── 1 more on 8 ────╯
/// ```
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
        let first = failure(rect.columns - 4)
        let room = max(0, rect.rows - 2 - first.count)
        let summaries = AlertGroup.groups(of: alerts).map { isOneLine ? $0.summary : $0.told }
        let hidden = summaries.count - shown(of: summaries, rows: room)
        let inner = Panel(
            title, footerNote: hidden > 0 ? [Span("\(hidden) more on 8", .dim)] : [], border: border,
            charset: state.charset
        )
        .render(in: rect, into: &frame)
        frame.write(first, in: inner.inset(columns: 1, rows: 0), ellipsis: state.charset.ellipsis)
        let next = draw(summaries, from: inner.row + first.count, in: inner, &frame)
        let rest = Rect(
            column: inner.column + 1, row: next, columns: inner.columns - 2, rows: inner.endRow - next)
        let warnings = self.warnings(rest.columns)
        frame.write(warnings, in: rest, ellipsis: state.charset.ellipsis)
        guard alerts.isEmpty, warnings.isEmpty, first.isEmpty else { return }
        frame.write(verdict(rest.columns), in: rest, ellipsis: state.charset.ellipsis)
    }

    /// Where not all was answered, that nothing is raised is no verdict.
    private func verdict(_ columns: Int) -> [TextLine] {
        guard let questions = state.unansweredQuestions else { return [TextLine("Nothing to worry about", .good)] }
        return TextLine.wrapped(
            "Nothing is raised; not answered: \(questions)", columns: columns, state.charset, .dim)
    }

    private func height(of alert: Alert) -> Int { isOneLine || alert.remedy.isEmpty ? 1 : 2 }

    /// How many of them have at least their first line in the panel.
    private func shown(of alerts: [Alert], rows: Int) -> Int {
        var used = 0
        return alerts.prefix { alert in
            defer { used += height(of: alert) }
            return used < rows
        }.count
    }

    /// - Returns: the first free row.
    private func draw(_ alerts: [Alert], from first: Int, in inner: Rect, _ frame: inout Frame) -> Int {
        var row = first
        for alert in alerts where row < inner.endRow {
            AlertLine(state: state, alert: alert, namesCulprit: isOneLine).render(
                in: Rect(column: inner.column, row: row, columns: inner.columns, rows: 1), into: &frame)
            row += 1
            guard height(of: alert) > 1, row < inner.endRow else { continue }
            let field = Rect(column: inner.column + 3, row: row, columns: inner.columns - 4, rows: 1)
            frame.write(alert.remedy.joined(separator: " · "), in: field, Style(.dim), ellipsis: state.charset.ellipsis)
            row += 1
        }
        return row
    }

    /// A failed poll before it is an alert.
    func failure(_ columns: Int) -> [TextLine] {
        if let node = state.latestNode, node.reachable, let untold = node.why("INFO") {
            return TextLine.wrapped(
                "\(state.charset.alert) Health not known: \(untold.sentence)", columns: columns, state.charset, .warning
            )
        }
        guard let refusal = state.latestNode?.refusal,
            !state.alerts.raised.contains(where: { $0.id == .unreachable })
        else { return [] }
        let reason = refusal.reason.prefix(1).uppercased() + refusal.reason.dropFirst()
        let role: Role = refusal.kind == .loading ? .warning : .critical
        return [TextLine("\(state.charset.alert) \(reason)", role)]
            + TextLine.wrapped(refusal.remedy, columns: columns, state.charset, .dim)
    }

    /// What the node's connection is to be warned of.
    private func warnings(_ columns: Int) -> [TextLine] {
        (state.latestNode?.warnings ?? []).flatMap {
            TextLine.wrapped("\(state.charset.alert) \($0)", columns: columns, state.charset, .warning)
        }
    }
}

extension AlertGroup {
    /// The summary with who it is before what to do.
    fileprivate var told: Alert {
        var alert = summary
        if let who = alert.culprit?.brief { alert.remedy.insert(who, at: 0) }
        return alert
    }
}

extension DashboardState {
    /// What the node was asked in vain; nil for nothing.
    var unansweredQuestions: String? {
        let questions = (latestNode?.everythingUnanswered ?? []).map(\.question)
        return questions.isEmpty ? nil : questions.joined(separator: ", ")
    }
}

/// One alert on one line: mark, message, how long.
struct AlertLine {
    let state: DashboardState
    let alert: Alert
    /// Whether it says who it is behind the message, where there is room for all of it.
    var namesCulprit = false

    var role: Role {
        if alert.clearedAt != nil { return .stale }
        return switch alert.level {
        case .critical: .critical
        case .warning: .warning
        case .info: .info
        }
    }

    /// Of several nodes it is said which one it is.
    private var message: String {
        guard let node = alert.node, (state.latest?.nodes.count ?? 1) > 1 else { return alert.message }
        return "\(node): \(alert.message)"
    }

    /// The message, and who it is where that is wanted and has room.
    private func text(in columns: Int) -> String {
        guard namesCulprit, let who = alert.culprit?.brief else { return message }
        let whole = "\(message) · \(who)"
        return state.charset.width(of: whole) <= columns ? whole : message
    }

    func render(in rect: Rect, into frame: inout Frame) {
        let age = Format.age(max(.zero, (alert.clearedAt ?? state.now) - alert.since))
        let ageWidth = state.charset.width(of: age) + 1
        let isQuiet = alert.level == .info || alert.clearedAt != nil
        let mark = isQuiet ? "·" : String(state.charset.alert)
        frame.write(mark, at: Point(column: rect.column + 1, row: rect.row), Style(role), clip: rect)
        let field = Rect(column: rect.column + 3, row: rect.row, columns: rect.columns - 4 - ageWidth, rows: 1)
        frame.write(
            text(in: field.columns), in: field,
            Style(alert.clearedAt == nil ? (alert.level == .info ? .text : role) : .stale),
            ellipsis: state.charset.ellipsis)
        frame.write([Span(age, .dim)], endingAt: rect.endColumn - 1, row: rect.row, clip: rect)
    }
}
