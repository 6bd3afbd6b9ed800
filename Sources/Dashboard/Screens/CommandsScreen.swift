internal import CacheModel
internal import TerminalUI

/// Screen 6: what the server spends its time on, between the last two answers of `INFO commandstats`.
///
/// ```
/// ╭ Commands ───────────────────────────────── 4 in use, over 10 s ╮
/// │ command      calls/s    a call  share of time    failed in all │
/// │ GET            9,121      2 µs         56.3 %         0      0 │
/// ╰ by share of time ──────────────────────────────────────────────╯
/// ```
struct CommandsScreen {
    let state: DashboardState

    private var columns: [Table.Column] {
        func title(_ words: String, _ order: CommandOrder) -> String {
            state.sortTitle(words, isSorted: state.commandOrder == order, isReversed: state.reversesCommands)
        }
        return [
            Table.Column("command", .flexible(minimum: 10)),
            Table.Column(title("calls/s", .calls), .fixed(10), align: .right),
            Table.Column(title("a call", .perCall), .fixed(9), align: .right),
            Table.Column(title("share of time", .share), .fixed(14), align: .right),
            Table.Column(title("failed", .failures), .fixed(9), align: .right),
            Table.Column("failed in all", .fixed(13), align: .right),
        ]
    }

    func render(in body: Rect, into frame: inout Frame) {
        let rows = state.commandRows
        let inner = state.panel(
            "Commands", note: note(rows.count), footer: [Span(footer, .dim)],
            border: .borderTraffic, columns: body.columns, isSum: true
        )
        .render(in: body, into: &frame).inset(columns: 1, rows: 0)
        if let denied = state.denied("INFO COMMANDSTATS") {
            DeniedNote(denied: denied, state: state).render(in: inner, into: &frame)
            return
        }
        guard !rows.isEmpty else {
            let unknown = state.figures?.why("INFO COMMANDSTATS").map { "Not known: \($0.sentence)" }
            let words =
                state.filters[.commands] == nil
                ? unknown ?? "No command statistics yet" : "None that match the filter"
            frame.write(words, in: inner, Style(.dim), ellipsis: state.charset.ellipsis)
            return
        }
        let place = state.lists[.commands] ?? ListState()
        let cells = rows.dropFirst(place.offset).prefix(max(0, inner.rows - 1)).map(cells)
        Table(
            columns: columns, rows: Array(cells), offset: place.offset, selection: state.selection(of: .commands),
            charset: state.charset
        )
        .render(in: inner, into: &frame)
    }

    private var footer: String {
        let own = state.node?.ownLoad.map { ", our own \(Format.rate($0.commands)) calls/s among them" } ?? ""
        return "by \(state.commandOrder.words)\(own)"
    }

    private func note(_ count: Int) -> [Span] {
        let period = state.shownCommands.period.map { "over \(Format.duration($0))" } ?? "since the server's start"
        return [Span("\(count) in use, \(period)", .dim)]
    }

    private func cells(_ row: CommandRate) -> [Span] {
        [
            Span(row.name.uppercased(), state.valueStyle(.text)), Span(Format.rate(row.calls), state.valueStyle()),
            Span(Format.duration(row.perCall), state.valueStyle()), Span(Format.percent(row.share), state.valueStyle()),
            Span(Format.count(row.failures), state.valueStyle(row.failures > 0 ? .warning : .dim)),
            Span(Format.count(row.allFailures), .dim),
        ]
    }
}
