internal import CacheModel
internal import TerminalUI

/// How many keys there are in each database, and how many of them expire: all that `INFO` tells.
struct KeyspaceTable {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let keyspace = (state.figures?.info?.keyspace ?? [:]).sorted { $0.key < $1.key }
        guard !keyspace.isEmpty else {
            let isTold = state.figures?.info?.tellsKeyspace == true
            let words = isTold ? "No keys in any database" : "INFO does not tell what the databases hold"
            frame.write(words, in: rect, Style(.dim), ellipsis: state.charset.ellipsis)
            return
        }
        guard rect.rows > 1 else { return sentence(keyspace[0], rect, &frame) }
        let total = keyspace.reduce(0.0) { $0 + Double($1.value.keys) }
        let barWidth = max(0, min(30, rect.columns - 52))
        let rows = keyspace.map { number, database in row(number, database) }
        Table(columns: columns, rows: rows, isList: false, charset: state.charset).render(in: rect, into: &frame)
        guard barWidth > 4 else { return }
        for (index, entry) in keyspace.enumerated() where index + 1 < rect.rows {
            let bar = Rect(column: rect.endColumn - barWidth, row: rect.row + 1 + index, columns: barWidth, rows: 1)
            Meter(total > 0 ? Double(entry.value.keys) / total : nil, charset: state.charset).render(
                in: bar, into: &frame)
        }
    }

    /// Where there is no room for a header.
    private func sentence(
        _ entry: (key: Int, value: ServerInfo.Keyspace), _ rect: Rect, _ frame: inout Frame
    ) {
        let cells = row(entry.key, entry.value)
        let spans = [
            cells[0], Span("  "), cells[1], Span(" keys  ", .dim), cells[2], Span(" with TTL  mean ", .dim), cells[4],
        ]
        frame.write(spans, at: Point(column: rect.column, row: rect.row), clip: rect)
    }

    private let columns: [Table.Column] = [
        Table.Column("", .fixed(5)), Table.Column("keys", .fixed(11), align: .right),
        Table.Column("with TTL", .fixed(9), align: .right), Table.Column("without TTL", .fixed(11), align: .right),
        Table.Column("mean TTL", .fixed(11), align: .right),
    ]

    private func row(_ number: Int, _ database: ServerInfo.Keyspace) -> [Span] {
        let share = database.expires.flatMap { database.keys > 0 ? Double($0) / Double(database.keys) : nil }
        let (without, overflow) = database.keys.subtractingReportingOverflow(database.expires ?? 0)
        let hasTTL = (database.expires ?? 0) > 0
        return [
            Span("db\(number)", state.valueStyle(.text)), Span(Format.count(database.keys), state.valueStyle()),
            Span(Format.percent(share), state.valueStyle()),
            Span(database.expires == nil || overflow ? Format.unknown : Format.count(without), state.valueStyle()),
            Span(hasTTL ? Format.duration(database.averageTTL) : Format.unknown, state.valueStyle()),
        ]
    }
}
