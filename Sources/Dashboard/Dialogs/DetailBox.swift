internal import CacheModel
internal import TerminalUI

/// One line of a list in full, scrollable.
///
/// ```
/// ╭─ Slow query ─────────────────────────────────────────╮
/// │ id 1731, 2026-11-22 14:31:58, took 18.2 ms           │
/// │ from 10.0.3.7:51234                                  │
/// │                                                      │
/// │ KEYS product:*                                       │
/// ╰──────────────────────────────────────── Esc closes ──╯
/// ```
struct DetailBox {
    let state: DashboardState
    let opened: DashboardState.Opened

    private var width: Int { max(2, min(90, state.size.columns - 4)) }

    private var box: Rect { Rect.centred(columns: width, rows: lines.count + 2, in: state.size) }

    var lastOffset: Int { max(0, lines.count - max(1, box.rows - 2)) }

    func render(offset: Int, into frame: inout Frame) {
        let lines = lines
        let box = box
        let offset = min(offset, lastOffset)
        frame.fill(box)
        let shown = max(1, box.rows - 2)
        let note =
            lines.count > shown
            ? [Span("\(offset + 1)-\(min(lines.count, offset + shown)) of \(lines.count) lines", .dim)] : []
        let inner = Panel(
            [Span(title, .title)], note: note, footerNote: footer, border: .borderDialog,
            charset: state.charset
        )
        .render(in: box, into: &frame).inset(columns: 1, rows: 0)
        frame.write(lines.dropFirst(offset), in: inner, ellipsis: state.charset.ellipsis)
    }

    private var footer: [Span] {
        let leads = state.leadOfDetail.map { [Span("Enter", .key), Span(" \($0.words)  ", .dim)] } ?? []
        return leads + [Span("Esc closes", .dim)]
    }

    private var title: String {
        switch opened {
        case .slowQuery: "Slow query"
        case .alert(let alert): alert.id.rawValue
        }
    }

    private var lines: [TextLine] {
        switch opened {
        case .slowQuery(let row): slowQuery(row)
        case .alert(let alert): AlertDetails(state: state, alert: alert).lines(columns: width - 4)
        }
    }

    private func slowQuery(_ row: SlowlogRow) -> [TextLine] {
        let entry = row.entry
        let when = state.options.clock.dateAndClock(row.happenedAt)
        let client =
            entry.script.map { "the script of id \($0)," } ?? (entry.client.isEmpty ? Format.unknown : entry.client)
        let name = entry.clientName.isEmpty ? "" : " \(entry.clientName)"
        return TextLine.wrapped(
            "id \(entry.id), \(when), took \(Format.duration(entry.duration))", columns: width - 4, state.charset)
            + TextLine.wrapped("from \(client)\(name) on \(row.node)", columns: width - 4, state.charset, .dim)
            + (entry.isOwn
                ? TextLine.wrapped("Asked by cachewatch: no alert counts it", columns: width - 4, state.charset, .dim)
                : [])
            + ownClock(row)
            + [TextLine("")]
            + TextLine.wrapped(entry.command.joined(separator: " "), columns: width - 4, state.charset, .value)
    }

    /// What the server's log itself calls the time, where its clock is another one.
    private func ownClock(_ row: SlowlogRow) -> [TextLine] {
        guard abs(row.clockAhead / .seconds(1)) > 1 else { return [] }
        let when = state.options.clock.dateAndClock(row.entry.at)
        return TextLine.wrapped("By the server's own clock \(when)", columns: width - 4, state.charset, .dim)
    }
}
