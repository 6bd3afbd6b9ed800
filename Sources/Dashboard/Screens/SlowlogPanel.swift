internal import CacheModel
internal import TerminalUI

/// The newest slow queries on the Overview.
struct SlowlogPanel {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let recent = state.slowlog.recent
        let note = [Span("\(recent) new in 1 min", recent > 0 ? .warning : .dim)]
        let inner = state.panel("Slow queries", note: note, border: .borderSlowlog).render(in: rect, into: &frame)
        let area = inner.inset(columns: 1, rows: 0)
        if let denied = state.denied("SLOWLOG GET") {
            DeniedNote(denied: denied, state: state).render(in: area, into: &frame)
            return
        }
        let rows = state.slowlog.rows.prefix(max(0, area.rows)).map { row in SlowlogCells(state: state, row: row).short
        }
        guard !rows.isEmpty else {
            frame.write("None in the server's slow log", in: area, Style(.dim), ellipsis: state.charset.ellipsis)
            return
        }
        Table(columns: SlowlogCells.shortColumns, rows: rows, showsHeader: false, charset: state.charset).render(
            in: area, into: &frame)
    }
}

extension DashboardState {
    func denied(_ command: String) -> DeniedCommand? { figures?.denied.first { $0.command == command } }
}

/// What stands in a panel whose command was denied.
struct DeniedNote {
    let denied: DeniedCommand
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        var lines: [(String, Role)] = []
        if let needs = denied.needs {
            lines.append(("NOPERM: needs \(needs)", .warning))
            let user = state.figures?.user ?? "USER"
            lines += Paragraph.wrap("ACL SETUSER \(user) \(needs)", columns: rect.columns).map { ($0, .text) }
            lines += Paragraph.wrap("`cachewatch acl` prints the whole line; r asks again.", columns: rect.columns).map
            { ($0, .dim) }
        } else {
            lines.append(("This server has no \(denied.command)", .dim))
        }
        for (index, line) in lines.prefix(rect.rows).enumerated() {
            let field = Rect(column: rect.column, row: rect.row + index, columns: rect.columns, rows: 1)
            frame.write(line.0, in: field, Style(line.1), ellipsis: state.charset.ellipsis)
        }
    }
}

/// One slow query as cells of a table.
struct SlowlogCells {
    let state: DashboardState
    let row: SlowlogRow

    static let shortColumns: [Table.Column] = [
        Table.Column("time", .fixed(8)), Table.Column("took", .fixed(8), align: .right),
        Table.Column("command", .flexible(minimum: 8)), Table.Column("client", .fixed(15), align: .right),
    ]
    static let columns: [Table.Column] = [
        Table.Column("id", .fixed(8), align: .right), Table.Column("time", .fixed(8)),
        Table.Column("age", .fixed(6), align: .right), Table.Column("took", .fixed(8), align: .right),
        Table.Column("command", .flexible(minimum: 10)), Table.Column("client", .fixed(21)),
        Table.Column("name", .fixed(12)),
    ]

    var short: [Span] { [time, took, command, Span(host, .dim)] }

    var long: [Span] {
        let age = Format.age(max(.zero, state.now - row.entry.at))
        return [
            Span(String(row.entry.id), .dim), time, Span(age, .dim), took, command,
            Span(row.entry.client, .text), Span(row.entry.clientName, .dim),
        ]
    }

    private var time: Span { Span(row.entry.at.clock(offset: state.options.utcOffset), .dim) }

    private var took: Span {
        Span(Format.duration(row.entry.duration), row.entry.duration >= .milliseconds(100) ? .critical : .warning)
    }

    private var command: Span {
        let lost = row.lostBefore > 0 ? "[\(row.lostBefore) lost before] " : ""
        return Span(lost + row.entry.command.joined(separator: " "), state.valueStyle(.text))
    }

    /// The client without its port; one on a Unix socket has only the socket's path.
    private var host: String {
        if row.entry.client.hasPrefix("/") { return "unix" }
        guard let colon = row.entry.client.lastIndex(of: ":") else { return row.entry.client }
        return String(row.entry.client[..<colon])
    }
}
