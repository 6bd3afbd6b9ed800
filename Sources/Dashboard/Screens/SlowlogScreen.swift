internal import CacheModel
internal import TerminalUI

/// Screen 4: slow queries, kept beyond the server's own ring.
///
/// ```
/// ╭ Slow queries ───────────── 128 kept, 3 new in 1 min ╮╭ By command ──────────╮
/// │  id  time      age     took command      client     ││ command  count  time │
/// │ 1731 14:31:58  9 s  18.2 ms KEYS product 10.0.3.7   ││ KEYS         1  18 ms│
/// │      3 entries lost (ids 1728-1730)                 ││                      │
/// ╰ by time, slower than 10.0 ms, ring of 128 ──────────╯╰──────────────────────╯
/// ```
struct SlowlogScreen {
    let state: DashboardState

    private static let sideColumns = 30

    func render(in body: Rect, into frame: inout Frame) {
        let isWide = body.columns >= 110
        let list = Rect(
            column: body.column, row: body.row, columns: body.columns - (isWide ? Self.sideColumns : 0),
            rows: body.rows)
        renderList(in: list, into: &frame)
        guard isWide else { return }
        counts(
            in: Rect(column: list.endColumn, row: body.row, columns: Self.sideColumns, rows: body.rows), into: &frame)
    }

    private func renderList(in rect: Rect, into frame: inout Frame) {
        let store = state.shownSlowlog
        let lines = state.slowlogLines
        let recent = state.newSlowQueries
        let new = recent == 0 && state.slowlogGap != nil ? Format.unknown : String(recent)
        let note = [Span("\(store.rows.count) kept, \(new) new in 1 min", .dim)]
        let inner = state.panel(
            "Slow queries", note: note, footer: footer, border: .borderSlowlog, columns: rect.columns
        )
        .render(in: rect, into: &frame)
        let area = inner.inset(columns: 1, rows: 0)
        if let denied = state.denied("SLOWLOG GET") {
            DeniedNote(denied: denied, state: state).render(in: area, into: &frame)
        } else if lines.isEmpty {
            let lines =
                state.filters[.slowlog] == nil
                ? state.noSlowQueries(columns: area.columns) : [TextLine("None that match the filter", .dim)]
            frame.write(lines, in: area, ellipsis: state.charset.ellipsis)
        } else {
            table(lines, in: area, &frame)
        }
    }

    private func table(_ lines: [SlowlogLine], in area: Rect, _ frame: inout Frame) {
        let place = state.lists[.slowlog] ?? ListState()
        let selection = state.selection(of: .slowlog)
        let nodes = state.shown?.nodes.count ?? 1
        let columns = SlowlogCells.Columns(width: area.columns, nodes: nodes)
        let shown = Array(lines.dropFirst(place.offset).prefix(max(0, area.rows - 1)))
        let cells = shown.map { line in
            line.row.map { SlowlogCells(state: state, row: $0).cells(columns) } ?? []
        }
        Table(
            columns: columns.table { title, isByDuration in
                state.sortTitle(
                    title, isSorted: state.sortsByDuration == isByDuration, isReversed: state.reversesSlowlog)
            }, rows: cells, offset: place.offset, selection: selection,
            charset: state.charset
        )
        .render(in: area, into: &frame)
        for (index, line) in shown.enumerated() {
            guard case .gap(let node, let ids) = line else { continue }
            let field = Rect(
                column: area.column + 3, row: area.row + 1 + index, columns: area.columns - 3, rows: 1)
            let isSelected = index + place.offset == selection
            frame.write(
                Self.words(ids, node: nodes > 1 ? node : nil), in: field, Style(isSelected ? .selection : .dim),
                ellipsis: state.charset.ellipsis)
        }
    }

    /// `3 entries lost (ids 5–7)`.
    private static func words(_ ids: ClosedRange<Int>, node: String?) -> String {
        let (distance, overflow) = ids.upperBound.subtractingReportingOverflow(ids.lowerBound)
        let place = node.map { " on \($0)" } ?? ""
        if distance == 0 { return "1 entry lost (id \(ids.lowerBound))\(place)" }
        let count = overflow ? Format.unknown : Format.count(distance &+ 1)
        return "\(count) entries lost (ids \(ids.lowerBound)–\(ids.upperBound))\(place)"
    }

    private var footer: [Span] {
        let order = state.sortsByDuration ? "by duration" : "by time"
        guard let threshold = state.figures?.settings["slowlog-log-slower-than"].flatMap({ Int($0) }) else {
            return [Span(order, .dim)]
        }
        let words = threshold < 0 ? "logging is off" : "slower than \(Format.duration(.microseconds(threshold)))"
        let ring = state.figures?.settings["slowlog-max-len"].map { ", ring of \($0)" } ?? ""
        return [Span("\(order), \(words)\(ring)", .dim)]
    }

    private func counts(in rect: Rect, into frame: inout Frame) {
        let inner = state.panel("By command", border: .borderSlowlog, columns: rect.columns).render(
            in: rect, into: &frame)
        var counts: [String: (count: Int, time: Duration)] = [:]
        for row in state.slowlogRows where !row.entry.isOwn && !row.entry.isOfScript {
            let name = row.entry.command.first?.uppercased() ?? Format.unknown
            counts[name, default: (0, .zero)].count += 1
            counts[name, default: (0, .zero)].time += row.entry.duration
        }
        guard !counts.isEmpty else { return }
        let sorted = counts.sorted { ($1.value.time, $0.key) < ($0.value.time, $1.key) }
        let columns = [
            Table.Column("command", .flexible(minimum: 8)), Table.Column("count", .fixed(6), align: .right),
            Table.Column("time", .fixed(9), align: .right),
        ]
        let cells = sorted.prefix(max(0, inner.rows - 1)).map { name, value in
            [
                Span(name, state.valueStyle(.text)), Span(Format.count(value.count), state.valueStyle()),
                Span(Format.duration(value.time), .dim),
            ]
        }
        Table(columns: columns, rows: cells, isList: false, charset: state.charset).render(
            in: inner.inset(columns: 1, rows: 0), into: &frame)
        frame.addRegion(rect, id: "side")
    }
}
