internal import CacheModel
internal import TerminalUI

/// The newest slow queries on the Overview.
struct SlowlogPanel {
    let state: DashboardState

    /// - Parameter firstLine: where its rows begin among the lines of the Overview.
    func render(in rect: Rect, firstLine: Int, into frame: inout Frame) {
        let recent = state.newSlowQueries
        let count = recent == 0 && state.slowlogGap != nil ? Format.unknown : String(recent)
        let note = [Span("\(count) new in 1 min", recent > 0 ? state.valueStyle(.warning) : .dim)]
        let inner = state.panel("Slow queries", note: note, border: .borderSlowlog, columns: rect.columns).render(
            in: rect, into: &frame)
        let area = inner.inset(columns: 1, rows: 0)
        if let denied = state.denied("SLOWLOG GET") {
            DeniedNote(denied: denied, state: state).render(in: area, into: &frame)
            return
        }
        let rows = shown(in: rect).map { SlowlogCells(state: state, row: $0).short }
        guard !rows.isEmpty else {
            frame.write(state.noSlowQueries(columns: area.columns), in: area, ellipsis: state.charset.ellipsis)
            return
        }
        Table(
            columns: SlowlogCells.shortColumns, rows: rows, showsHeader: false, isList: false, charset: state.charset
        ).render(in: area, into: &frame)
        for index in rows.indices {
            let line = Rect(column: area.column, row: area.row + index, columns: area.columns, rows: 1)
            state.mark(line.withMargin, row: firstLine + index, into: &frame)
        }
    }

    /// Those that have a line.
    func shown(in rect: Rect) -> [SlowlogRow] {
        guard state.denied("SLOWLOG GET") == nil else { return [] }
        return Array(state.shownSlowlog.rows.prefix(max(0, rect.rows - 2)))
    }
}

/// What stands in a panel whose command was denied.
struct DeniedNote {
    let denied: DeniedCommand
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        frame.write(lines(rect.columns), in: rect, ellipsis: state.charset.ellipsis)
    }

    private func lines(_ columns: Int) -> [TextLine] {
        guard let needs = denied.needs else {
            guard let words = denied.words else { return [TextLine("This server has no \(denied.command)", .dim)] }
            return [TextLine("\(denied.command) is refused", .warning)]
                + TextLine.wrapped(words, columns: columns, state.charset, .dim)
                + TextLine.wrapped(Refusal(denied).remedy, columns: columns, state.charset, .dim)
        }
        let user = state.figures?.user ?? "USER"
        return [TextLine("NOPERM: needs \(needs)", .warning)]
            + TextLine.wrapped("ACL SETUSER \(user) \(needs)", columns: columns, state.charset)
            + TextLine.wrapped(
                "`cachewatch acl` prints the whole line; r asks again.", columns: columns, state.charset, .dim)
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

    /// What there is room for in a table of so many columns.
    struct Columns {
        var hasID: Bool
        var hasClient: Bool
        var hasName: Bool
        /// Only where there is more than one.
        var hasNode: Bool

        init(width: Int, nodes: Int) {
            hasID = width >= 84
            hasClient = width >= 60
            hasName = width >= 100
            hasNode = nodes > 1 && width >= 84
        }

        /// - Parameter sorted: the title with the sort's mark, where the table is sorted by it.
        func table(_ sorted: (_ title: String, _ isByDuration: Bool) -> String) -> [Table.Column] {
            (hasID ? [Table.Column("id", .fixed(8), align: .right)] : []) + [
                Table.Column(sorted("time", false), .fixed(8)), Table.Column("age", .fixed(6), align: .right),
                Table.Column(sorted("took", true), .fixed(8), align: .right),
                Table.Column("command", .flexible(minimum: 10)),
            ] + (hasClient ? [Table.Column("client", .fixed(21))] : [])
                + (hasName ? [Table.Column("name", .fixed(12))] : [])
                + (hasNode ? [Table.Column("node", .fixed(16))] : [])
        }
    }

    var short: [Span] { [time, took, command, Span(row.entry.clientName.isEmpty ? host : row.entry.clientName, .dim)] }

    func cells(_ columns: Columns) -> [Span] {
        let age = Format.age(max(.zero, state.now - row.happenedAt))
        return (columns.hasID ? [Span(String(row.entry.id), .dim)] : []) + [time, Span(age, .dim), took, command]
            + (columns.hasClient ? [Span(client(columns), state.valueStyle(row.entry.isOwn ? .dim : .text))] : [])
            + (columns.hasName ? [Span(row.entry.clientName, .dim)] : [])
            + (columns.hasNode ? [Span(row.node, .dim)] : [])
    }

    private var time: Span { Span(state.options.clock.clock(row.happenedAt), .dim) }

    private var took: Span {
        let role: Role = row.entry.duration >= .milliseconds(100) ? .critical : .warning
        return Span(Format.duration(row.entry.duration), state.valueStyle(row.entry.isOwn ? .dim : role))
    }

    private var command: Span {
        Span(row.entry.command.joined(separator: " "), state.valueStyle(row.entry.isOwn ? .dim : .text))
    }

    /// Where there is no room for names, ours stands in the place of its address.
    private func client(_ columns: Columns) -> String {
        row.entry.isOwn && !columns.hasName ? row.entry.clientName : row.entry.client
    }

    /// The client without its port; one on a Unix socket has only the socket's path.
    private var host: String {
        if row.entry.client.hasPrefix("/") { return "unix" }
        guard let colon = row.entry.client.lastIndex(of: ":") else { return row.entry.client }
        return String(row.entry.client[..<colon])
    }
}
