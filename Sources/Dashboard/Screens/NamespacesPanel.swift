internal import CacheModel
internal import TerminalUI

/// Which namespace holds how much, on the Overview; without a look at the keys what `INFO` says about databases.
///
/// ```
/// ╭ Namespaces ───────────── estimate of 5,000 keys, 14 s ago ╮
/// │ product    1.91 M keys  38.2 % ±1.3 ███████▌   512 MiB    │
/// ╰───────────────────────────────────────────────────────────╯
/// ```
struct NamespacesPanel {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let board = state.shownNamespaces
        guard let report = board.shown else { return databases(board, rect, &frame) }
        let words = NamespaceWords(state: state)
        let inner = state.panel(
            "Namespaces", note: words.note(columns: rect.columns - 20), border: .borderNamespaces, columns: rect.columns
        )
        .render(in: rect, into: &frame).inset(columns: 1, rows: 0)
        let usages = report.all.filter { $0.keys.value > 0 }.sorted {
            ($1.share.value, $0.name) < ($0.share.value, $1.name)
        }
        guard !usages.isEmpty else {
            let isUnmet = report.all.contains(where: \.isUnmet)
            frame.write(
                TextLine.wrapped(
                    isUnmet ? "No key was met; there may be some, see 2" : "No keys", columns: inner.columns,
                    state.charset, .dim), in: inner, ellipsis: state.charset.ellipsis)
            return
        }
        let shown = usages.count > inner.rows ? Array(usages.prefix(max(1, inner.rows))) : usages
        for (index, usage) in shown.enumerated() {
            draw(
                usage, words, words.nameColumns(shown, of: inner.columns),
                in: Rect(column: inner.column, row: inner.row + index, columns: inner.columns, rows: 1), &frame)
        }
    }

    private func draw(
        _ usage: NamespaceUsage, _ words: NamespaceWords, _ nameColumns: Int, in line: Rect, _ frame: inout Frame
    ) {
        let isWide = line.columns >= 56
        let name = line.columns >= 44 ? nameColumns : 10
        var column = line.column
        func field(_ text: String, _ columns: Int, _ role: Role, _ align: Alignment = .right) {
            frame.write(
                text, in: Rect(column: column, row: line.row, columns: columns, rows: 1), Style(role), align: align,
                ellipsis: state.charset.ellipsis)
            column += columns + 1
        }
        field(state.name(usage.name.utf8), name, state.valueStyle(.text), .left)
        field(words.contract(usage).text, 1, words.contract(usage).style.role, .left)
        field(Format.shortCount(words.whole(usage.keys.value)), 7, state.valueStyle())
        field(words.share(usage), usage.share.isExact ? 8 : 12, state.valueStyle())
        let right = isWide ? 10 : 9
        let bar = line.endColumn - column - right - 1
        if bar >= 3 {
            Meter(usage.share.value, charset: state.charset).render(
                in: Rect(column: column, row: line.row, columns: bar, rows: 1), into: &frame)
        }
        frame.write(
            [Span(words.bytes(usage.bytes?.value), state.valueStyle())], endingAt: line.endColumn, row: line.row,
            clip: line)
    }

    private func databases(_ board: NamespaceBoard, _ rect: Rect, _ frame: inout Frame) {
        let keys = state.figures?.keys
        let note = [
            Span(Format.count(keys), state.valueStyle()), Span(" keys in db\(state.shown?.database ?? 0)", .dim),
        ]
        let inner = state.panel("Keyspace", note: note, border: .borderNamespaces, columns: rect.columns).render(
            in: rect, into: &frame
        ).inset(columns: 1, rows: 0)
        KeyspaceTable(state: state).render(in: inner, into: &frame)
        let used = (state.figures?.info?.keyspace.count ?? 0) + 2
        guard let failure = board.failure, used < inner.rows else { return }
        let rest = Rect(
            column: inner.column, row: inner.row + used, columns: inner.columns, rows: inner.rows - used)
        frame.write(
            NamespaceFailure(failure: failure).lines(rest.columns, state.charset), in: rest,
            ellipsis: state.charset.ellipsis)
    }
}

/// Why there is no look at the keys.
struct NamespaceFailure {
    let failure: Refusal

    func lines(_ columns: Int, _ charset: Charset) -> [TextLine] {
        let words = failure.detail.isEmpty ? failure.reason : "\(failure.reason): \(failure.detail)"
        return TextLine.wrapped("No shares by namespace: \(words)", columns: columns, charset, .warning)
            + (failure.kind == .noPermission
                ? TextLine.wrapped(
                    "`cachewatch acl` prints the whole line; r asks again.", columns: columns, charset, .dim)
                : [])
    }
}
