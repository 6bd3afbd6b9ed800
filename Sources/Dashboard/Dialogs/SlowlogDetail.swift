internal import CacheModel
internal import TerminalUI

/// One slow query in full.
struct SlowlogDetail {
    let state: DashboardState
    let row: SlowlogRow

    func render(into frame: inout Frame) {
        let columns = max(2, min(90, state.size.columns - 4))
        let entry = row.entry
        let offset = state.options.utcOffset
        var lines: [(String, Role)] = [
            (
                "id \(entry.id), \(entry.at.date(offset: offset)) \(entry.at.clock(offset: offset)), took \(Format.duration(entry.duration))",
                .text
            ),
            ("from \(entry.client.isEmpty ? Format.unknown : entry.client) \(entry.clientName)", .text),
            ("", .text),
        ]
        lines += Paragraph.wrap(entry.command.joined(separator: " "), columns: columns - 4).map { ($0, .value) }
        let rows = max(2, min(lines.count + 2, state.size.rows - 4))
        let box = Rect(
            column: (state.size.columns - columns) / 2, row: max(0, (state.size.rows - rows) / 2), columns: columns,
            rows: rows)
        frame.fill(box)
        let inner = Panel(
            [Span("Slow query", .title)], footerNote: [Span("Esc closes", .dim)], border: .borderDialog,
            charset: state.charset
        )
        .render(in: box, into: &frame).inset(columns: 1, rows: 0)
        for (index, line) in lines.prefix(inner.rows).enumerated() {
            frame.write(
                line.0, in: Rect(column: inner.column, row: inner.row + index, columns: inner.columns, rows: 1),
                Style(line.1), ellipsis: state.charset.ellipsis)
        }
    }
}
