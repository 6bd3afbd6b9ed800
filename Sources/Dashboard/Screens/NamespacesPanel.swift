internal import CacheModel
internal import TerminalUI

/// Which namespace holds how much, on the Overview; without a look at the keys what `INFO` says about databases.
///
/// ```
/// ╭ Namespaces ───────────── estimate of 5,000 keys, 14 s ago ╮
/// │ product         ✓ 512 MiB 38.2 % ±1.3 ███████▌     1.91 M │
/// │ not explained 300 MiB: few large keys, S finds them       │
/// │ biggest met session:giant                   ~196 MiB hash │
/// ╰ share of bytes ──────────────────────────── 3 more on 2 ──╯
/// ```
struct NamespacesPanel {
    let state: DashboardState

    /// - Parameter firstLine: where its rows begin among the lines of the Overview.
    func render(in rect: Rect, firstLine: Int, into frame: inout Frame) {
        let board = state.shownNamespaces
        guard let report = board.shown else { return databases(board, rect, &frame) }
        let words = NamespaceWords(state: state)
        let content = content(of: report, words, in: rect.inset().inset(columns: 1, rows: 0))
        let hidden = content.usages.count - content.shown.count
        let inner = state.panel(
            "Namespaces", note: words.note(columns: rect.columns - 20), footer: [Span(words.shareWords, .dim)],
            footerNote: hidden > 0 ? "\(hidden) more on 2" : nil, border: .borderNamespaces, columns: rect.columns
        )
        .render(in: rect, into: &frame).inset(columns: 1, rows: 0)
        guard !content.usages.isEmpty else {
            let isUnmet = report.all.contains(where: \.isUnmet)
            frame.write(
                TextLine.wrapped(
                    isUnmet ? "No key was met; there may be some, see 2" : "No keys", columns: inner.columns,
                    state.charset, .dim), in: inner, ellipsis: state.charset.ellipsis)
            return
        }
        let shown = content.shown
        let columns = NamespaceColumns(.panel, content.usages, of: inner.columns, words)
        Table(
            columns: columns.table, rows: shown.map { columns.cells($0) }, showsHeader: false, isList: false,
            charset: state.charset
        ).render(in: inner, into: &frame)
        columns.drawBars(shown, in: inner, into: &frame)
        func line(_ offset: Int) -> Rect {
            Rect(
                column: inner.column, row: inner.row + offset, columns: inner.columns, rows: offset < inner.rows ? 1 : 0
            )
        }
        for index in shown.indices { state.mark(line(index).withMargin, row: firstLine + index, into: &frame) }
        let under = content.unexplained == nil ? 0 : 1
        if let unexplained = content.unexplained {
            frame.write([unexplained], in: line(shown.count), ellipsis: state.charset.ellipsis)
        }
        for (index, key) in content.biggest.enumerated() {
            draw(key, isFirst: index == 0, in: line(shown.count + under + index), &frame)
        }
    }

    /// What there is room for.
    private struct Content {
        /// All that have keys.
        let usages: [NamespaceUsage]
        let shown: [NamespaceUsage]
        let unexplained: TextLine?
        let biggest: [NotedKey]
    }

    private func content(of report: NamespaceReport, _ words: NamespaceWords, in inner: Rect) -> Content {
        let usages = report.rankedRows.filter { $0.keys.value > 0 }
        let unexplained = words.unexplained(columns: inner.columns)
        let rows = inner.rows - (unexplained == nil ? 0 : 1)
        // One line for the biggest keys, and more where the namespaces leave it.
        let free = rows - usages.count
        let most = rows > Self.leastNamespaces ? max(1, min(Self.mostBiggest, free)) : max(0, min(1, free))
        let keys = state.biggestKeys.map { Array($0.keys.prefix(most)) } ?? []
        return Content(
            usages: usages, shown: Array(usages.prefix(min(max(0, inner.rows), max(1, rows - keys.count)))),
            unexplained: unexplained,
            biggest: keys)
    }

    /// Those that have a line.
    func shown(in rect: Rect) -> [KeyScope] {
        guard let report = state.shownNamespaces.shown else { return [] }
        let inner = rect.inset(columns: 2, rows: 1)
        return content(of: report, NamespaceWords(state: state), in: inner).shown.map(\.scope)
    }

    /// With fewer rows, the biggest keys have none.
    private static let leastNamespaces = 4
    private static let mostBiggest = 10

    /// `biggest  session:giant        ~196 MiB hash`.
    private func draw(_ key: NotedKey, isFirst: Bool, in line: Rect, _ frame: inout Frame) {
        guard let known = state.biggestKeys else { return }
        let title = known.age.map { "biggest \(CacheAge.words($0)) " } ?? (known.isWhole ? "biggest " : "biggest met ")
        let size = "\(key.sizeWords) \(key.type?.name ?? "")"
        let (left, right) = (state.charset.width(of: title), state.charset.width(of: size))
        let room = line.columns - left - right - 1
        guard room >= 8 else { return }
        let style = state.valueStyle(.text)
        frame.write(
            isFirst ? title : "", in: Rect(column: line.column, row: line.row, columns: left, rows: line.rows),
            Style(.dim))
        frame.write(
            key.key, in: Rect(column: line.column + left, row: line.row, columns: room, rows: line.rows), Style(style),
            ellipsis: state.charset.ellipsis)
        frame.write(
            size,
            in: Rect(column: line.endColumn - right, row: line.row, columns: right, rows: line.rows),
            Style(state.valueStyle()))
    }

    private func databases(_ board: NamespaceBoard, _ rect: Rect, _ frame: inout Frame) {
        let keys = state.figures?.keys
        let note = [
            Span(Format.count(keys), state.valueStyle()), Span(" keys in db\(state.shown?.database ?? 0)", .dim),
        ]
        let inner = state.panel("Keyspace", note: note, border: .borderNamespaces, columns: rect.columns, isSum: true)
            .render(
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
