internal import CacheModel
internal import TerminalUI

/// Screen 4: slow queries, kept beyond the server's own ring.
struct SlowlogScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let rows = state.slowlogRows
        let isWide = body.columns >= 110
        let list = Rect(
            column: body.column, row: body.row, columns: isWide ? body.columns - 30 : body.columns, rows: body.rows)
        let note = [Span("\(rows.count) kept, \(state.slowlog.recent) new in 1 min", .dim)]
        let inner = state.panel("Slow queries", note: note, footer: settings, border: .borderSlowlog).render(
            in: list, into: &frame)
        let area = inner.inset(columns: 1, rows: 0)
        if let denied = state.denied("SLOWLOG GET") {
            DeniedNote(denied: denied, state: state).render(in: area, into: &frame)
        } else if rows.isEmpty {
            let words = state.filters[.slowlog] == nil ? "None in the server's slow log" : "None that match the filter"
            frame.write(words, in: area, Style(.dim), ellipsis: state.charset.ellipsis)
        } else {
            let place = state.lists[.slowlog] ?? ListState()
            let shown = rows.dropFirst(place.offset).prefix(max(0, area.rows - 1)).map {
                SlowlogCells(state: state, row: $0).long
            }
            Table(
                columns: SlowlogCells.columns, rows: Array(shown), offset: place.offset, selection: place.selection,
                charset: state.charset
            )
            .render(in: area, into: &frame)
        }
        if isWide {
            counts(rows, in: Rect(column: list.endColumn, row: body.row, columns: 30, rows: body.rows), &frame)
        }
    }

    private var settings: [Span] {
        guard let threshold = state.figures?.settings["slowlog-log-slower-than"].flatMap({ Int($0) }) else { return [] }
        let words = threshold < 0 ? "logging is off" : "slower than \(Format.duration(.microseconds(threshold)))"
        let ring = state.figures?.settings["slowlog-max-len"].map { ", ring of \($0)" } ?? ""
        return [Span("\(state.sortsByDuration ? "by duration" : "by time"), \(words)\(ring)", .dim)]
    }

    private func counts(_ rows: [SlowlogRow], in rect: Rect, _ frame: inout Frame) {
        let inner = state.panel("By command", border: .borderSlowlog).render(in: rect, into: &frame)
        var counts: [String: (count: Int, time: Duration)] = [:]
        for row in rows {
            let name = row.entry.command.first?.uppercased() ?? ""
            counts[name, default: (0, .zero)].count += 1
            counts[name, default: (0, .zero)].time += row.entry.duration
        }
        let sorted = counts.sorted { ($1.value.time, $0.key) < ($0.value.time, $1.key) }
        let columns = [
            Table.Column("command", .flexible(minimum: 8)), Table.Column("count", .fixed(6), align: .right),
            Table.Column("time", .fixed(9), align: .right),
        ]
        let cells = sorted.prefix(max(0, inner.rows - 1)).map { name, value in
            [Span(name, .text), Span(Format.count(value.count), .value), Span(Format.duration(value.time), .dim)]
        }
        Table(columns: columns, rows: cells, charset: state.charset).render(
            in: inner.inset(columns: 1, rows: 0), into: &frame)
    }
}
