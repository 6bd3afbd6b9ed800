internal import CacheModel
internal import TerminalUI

/// The alerts that stand, worst first, each with its first remedies; then what an operator should know besides.
///
/// ```
/// ╭ Alerts ▲2 ─────────────────────────────────────────╮
/// │ ✖ Redis memory usage high: 91.0 % of 2.00 GiB 3 min│
/// │   Enable key expiration (TTL)                      │
/// ╰─────────────────────────────────── 1 more on 8 ────╯
/// ```
struct AlertsPanel {
    let state: DashboardState
    let isOneLine: Bool
    /// Those that stand, wrapped once for all who ask how long they are and for what draws them.
    private let blocks: [Block]
    let columns: Int

    /// - Parameter columns: of the panel.
    init(state: DashboardState, isOneLine: Bool, columns: Int) {
        (self.state, self.isOneLine, self.columns) = (state, isOneLine, columns)
        blocks = AlertGroup.groups(of: state.alerts.raised).map {
            Self.block($0.summary, columns - 2, isOneLine: isOneLine, state)
        }
    }

    func render(in rect: Rect, into frame: inout Frame) {
        let alerts = state.alerts.raised
        let worst = alerts.map(\.level).max()
        let border: Role = worst == .critical ? .critical : worst == .warning ? .warning : .borderAlerts
        var title = [Span("Alerts", .title)]
        if let badge = Alert.badge(alerts) {
            title.append(Span(" \(badge.sign.character(state.charset))\(badge.count)", badge.sign.role))
        }
        let first = failure(rect.columns - 4)
        let hidden = blocks.count - shown(in: rect).count
        let inner = Panel(
            title, footerNote: hidden > 0 ? [Span("\(hidden) more on 8", .dim)] : [], border: border,
            charset: state.charset
        )
        .render(in: rect, into: &frame)
        frame.write(first, in: inner.inset(columns: 1, rows: 0), ellipsis: state.charset.ellipsis)
        let next = draw(from: inner.row + first.count, in: inner, &frame)
        let rest = Rect(
            column: inner.column + 1, row: next, columns: inner.columns - 2, rows: inner.endRow - next)
        let warnings = self.warnings(rest.columns)
        frame.write(warnings, in: rest, ellipsis: state.charset.ellipsis)
        guard alerts.isEmpty, warnings.isEmpty, first.isEmpty else { return }
        frame.write(verdict(rest.columns), in: rest, ellipsis: state.charset.ellipsis)
    }

    /// Those that have a line.
    func shown(in rect: Rect) -> [Alert] {
        let room = rect.rows - 2 - failure(rect.columns - 4).count
        return blocks.prefix(max(0, room)).map(\.line.alert)
    }

    /// Where not all was answered, that nothing is raised is no verdict.
    private func verdict(_ columns: Int) -> [TextLine] {
        guard let questions = state.unansweredQuestions else { return [TextLine("Nothing to worry about", .good)] }
        return TextLine.wrapped(
            "Nothing is raised; not answered: \(questions)", columns: columns, state.charset, .dim)
    }

    /// What one alert says in so many columns: its message, and what to do.
    private struct Block {
        let line: AlertLine
        var message: [String]
        /// In one line, and in as many as there are at most.
        var remedies: [[String]]
        var messageRows = 1
        var remedyRows = 0
    }

    /// Longer ones are whole on screen 8.
    private static let mostRows = (message: 3, remedy: 2)

    private static func block(_ alert: Alert, _ columns: Int, isOneLine: Bool, _ state: DashboardState) -> Block {
        let line = AlertLine(state: state, alert: alert, namesCulprit: true)
        guard !isOneLine else { return Block(line: line, message: [], remedies: []) }
        return Block(
            line: line, message: line.wrapped(columns),
            remedies: (1...mostRows.remedy).map {
                steps(alert.remedy, columns: max(1, columns - 4), rows: $0, state.charset)
            })
    }

    /// As many whole steps as there are rows for; of the first one as much as there is room for.
    private static func steps(_ remedy: [String], columns: Int, rows: Int, _ charset: Charset) -> [String] {
        var lines: [String] = []
        var told = ""
        for step in remedy {
            told = told.isEmpty ? step : "\(told) · \(step)"
            let wrapped = Paragraph.wrap(told, columns: columns, charset: charset)
            guard wrapped.count <= rows else {
                if lines.isEmpty {
                    lines = wrapped.prefix(rows - 1) + ["\(wrapped[rows - 1]) \(charset.ellipsis)"]
                }
                break
            }
            lines = wrapped
        }
        return lines
    }

    /// Rows that the alerts would fill if they had them.
    func wantedRows(_ columns: Int) -> Int {
        let rows = blocks.map { max(1, min($0.message.count, Self.mostRows.message)) + ($0.remedies.last?.count ?? 0) }
        return rows.reduce(failure(columns - 2).count) { $0 + $1 }
    }

    /// Every alert has its line before one has two: then what is cut of messages, then what to do.
    private func laidOut(rows: Int) -> [Block] {
        var blocks = Array(self.blocks.prefix(max(0, rows)))
        var rest = rows - blocks.count
        func grow(_ rows: WritableKeyPath<Block, Int>, _ isMeant: (Block) -> Bool, to wanted: (Block) -> Int) {
            for index in blocks.indices where rest > 0 && isMeant(blocks[index]) {
                guard blocks[index][keyPath: rows] < wanted(blocks[index]) else { continue }
                blocks[index][keyPath: rows] += 1
                rest -= 1
            }
        }
        for isMeant in [{ $0.line.alert.level > .info }, { $0.line.alert.level == .info }] as [(Block) -> Bool] {
            grow(\.remedyRows, isMeant) { min(1, $0.remedies.last?.count ?? 0) }
            grow(\.messageRows, isMeant) { min(Self.mostRows.message, $0.message.count) }
            grow(\.remedyRows, isMeant) { $0.remedies.last?.count ?? 0 }
        }
        return blocks
    }

    /// - Returns: the first free row.
    private func draw(from first: Int, in inner: Rect, _ frame: inout Frame) -> Int {
        var row = first
        let ellipsis = state.charset.ellipsis
        for (index, block) in laidOut(rows: inner.endRow - first).enumerated() {
            let height = block.messageRows
            block.line.render(
                in: Rect(column: inner.column, row: row, columns: inner.columns, rows: height), into: &frame)
            state.mark(
                Rect(column: inner.column, row: row, columns: inner.columns, rows: 1), row: index, into: &frame)
            row += height
            let lines = block.remedyRows > 0 ? block.remedies[block.remedyRows - 1] : []
            for line in lines {
                let field = Rect(column: inner.column + 3, row: row, columns: inner.columns - 4, rows: 1)
                frame.write(line, in: field, Style(.dim), ellipsis: ellipsis)
                row += 1
            }
        }
        return row
    }

    private func failure(_ columns: Int) -> [TextLine] { state.failure(columns) }

    /// What the node's connection is to be warned of.
    private func warnings(_ columns: Int) -> [TextLine] {
        (state.latestNode?.warnings ?? []).flatMap {
            TextLine.wrapped("\(state.charset.alert) \($0)", columns: columns, state.charset, .warning)
        }
    }
}

extension DashboardState {
    /// A failed poll before it is an alert.
    func failure(_ columns: Int) -> [TextLine] {
        if let node = latestNode, node.reachable, let untold = node.why("INFO") {
            return TextLine.wrapped(
                "\(Sign.unknown.character(charset)) Health not known: \(untold.sentence)", columns: columns,
                charset, .warning
            )
        }
        guard let refusal = latestNode?.refusal,
            !alerts.raised.contains(where: { $0.id == .unreachable })
        else { return [] }
        let reason = refusal.reason.prefix(1).uppercased() + refusal.reason.dropFirst()
        let role: Role = refusal.kind == .loading ? .warning : .critical
        let sign: Sign = refusal.kind == .loading ? .warning : .critical
        return [TextLine("\(sign.character(charset)) \(reason)", role)]
            + TextLine.wrapped(refusal.remedy, columns: columns, charset, .dim)
    }

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
    /// Whether it says who it is, behind the message.
    var namesCulprit = false

    var role: Role { Sign(alert).role }

    /// Of several nodes it is said which one it is.
    private var message: String {
        guard let node = alert.node, (state.latest?.nodes.count ?? 1) > 1 else { return alert.message }
        return "\(node): \(alert.message)"
    }

    private var age: String { Format.age(max(.zero, (alert.clearedAt ?? state.now) - alert.since)) }

    /// Columns of the message on the first line.
    private func field(_ columns: Int) -> Int { columns - 5 - state.charset.width(of: age) }

    /// The message, and who it is.
    private var told: String {
        guard let culprit = alert.culprit, let brief = culprit.brief,
            // The message says it already.
            brief != culprit.name || alert.about != .namespace(culprit.name)
        else { return message }
        return "\(message) · \(brief)"
    }

    /// The same in the fewest words: what, and who it is; nil where nobody is named.
    private var short: String? {
        guard told != message, let brief = alert.culprit?.brief else { return nil }
        let words = "\(alert.brief) · \(brief)"
        guard let node = alert.node, (state.latest?.nodes.count ?? 1) > 1 else { return words }
        return "\(node): \(words)"
    }

    /// What is said in lines so wide.
    func wrapped(_ columns: Int) -> [String] {
        Paragraph.wrap(
            namesCulprit ? told : message, columns: max(1, field(columns)), charset: state.charset)
    }

    /// On one line, who it is where there is room for all of it; where not even the message fits, the fewest words.
    private func line(_ columns: Int) -> String {
        func fits(_ words: String) -> Bool { state.charset.width(of: words) <= field(columns) }
        guard namesCulprit else { return message }
        if fits(told) { return told }
        return fits(message) ? message : short.flatMap { fits($0) ? $0 : nil } ?? message
    }

    /// As much of it as there are rows for.
    func render(in rect: Rect, into frame: inout Frame) {
        let mark = String(Sign(alert).character(state.charset))
        frame.write(mark, at: Point(column: rect.column + 1, row: rect.row), Style(role), clip: rect)
        let style = Style(alert.clearedAt == nil && alert.level == .info ? .text : role)
        var lines = rect.rows > 1 ? wrapped(rect.columns) : [line(rect.columns)]
        // Better all of it in fewer words than a sentence without its end.
        if lines.count > rect.rows, rect.rows > 1, namesCulprit, let short {
            let fewer = Paragraph.wrap(short, columns: max(1, field(rect.columns)), charset: state.charset)
            if fewer.count <= rect.rows { lines = fewer }
        }
        for (index, line) in lines.prefix(rect.rows).enumerated() {
            let isLast = index == rect.rows - 1
            let rest = isLast && lines.count > rect.rows ? " \(state.charset.ellipsis)" : ""
            let place = Rect(
                column: rect.column + 3, row: rect.row + index, columns: field(rect.columns), rows: 1)
            frame.write(line + rest, in: place, style, ellipsis: state.charset.ellipsis)
        }
        frame.write([Span(age, .dim)], endingAt: rect.endColumn - 1, row: rect.row, clip: rect)
    }
}
