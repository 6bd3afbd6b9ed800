internal import CacheModel
internal import TerminalUI

/// Screen 2: which namespace is it?
///
/// ```
/// ╭ Namespaces ─────────────────────────────────── estimate of 5,000 keys, 14 s ago ╮
/// │ namespace   bytes↓     interval     share of…            keys   TTL      growth/h │
/// │ product    512 MiB  480–552 MiB  38.2 % ±1.3 ███▌      1.91 M   100 % ✓      +120 │
/// │ not explained 300 MiB (22.1 % ±3.0): few large keys, S finds them                 │
/// ╰ share of bytes ───────────────────────────────────────────────────────────────────╯
/// ```
struct NamespacesScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let board = state.shownNamespaces
        if let scope = board.opened, let usage = board.shown?.rows.first(where: { $0.scope == scope }) {
            NamespaceDetail(state: state, usage: usage).render(in: body, into: &frame)
            return
        }
        let rows = state.namespaceRows
        let words = NamespaceWords(state: state)
        let unexplained = words.unexplained(columns: body.columns - 4)
        let notes = board.shown == nil ? [] : notes(board, body.columns - 4)
        let table = Rect(
            column: body.column, row: body.row, columns: body.columns,
            rows: Self.tableRows(
                rows.count + (unexplained == nil ? 0 : 1), notes: notes.count, of: body.rows))
        // A row of its own where there is one, else a word in the frame.
        let hasRow = rows.count + 1 < table.rows - 2
        let inner = state.panel(
            "Namespaces", note: words.note(columns: body.columns - 20),
            footer: footer(board, hasRow ? nil : words.unexplained(columns: body.columns - 8), words),
            border: .borderNamespaces, columns: body.columns
        )
        .render(in: table, into: &frame).inset(columns: 1, rows: 0)
        guard board.shown != nil else { return waiting(board, inner, &frame) }
        guard !rows.isEmpty else {
            frame.write("None that match the filter", in: inner, Style(.dim), ellipsis: state.charset.ellipsis)
            return
        }
        let place = state.lists[.namespaces] ?? ListState()
        draw(rows, place, inner, &frame)
        var tableRows = min(inner.rows, rows.count + 1)
        if hasRow, let unexplained {
            let line = Rect(column: inner.column, row: inner.row + tableRows, columns: inner.columns, rows: 1)
            frame.write([unexplained], in: line, ellipsis: state.charset.ellipsis)
            tableRows += 1
        }
        let rest = Rect(
            column: inner.column, row: inner.row + tableRows + 1, columns: inner.columns,
            rows: max(0, inner.rows - tableRows - 1))
        frame.write(notes, in: rest, ellipsis: state.charset.ellipsis)
        guard table.rows < body.rows, let selection = state.selection(of: .namespaces), rows.indices.contains(selection)
        else { return }
        NamespaceDetail(state: state, usage: rows[selection]).renderPanels(
            in: Rect(
                column: body.column, row: table.endRow, columns: body.columns, rows: body.rows - table.rows),
            into: &frame)
    }

    /// Where there is room below the whole table, the selected namespace is drawn there.
    private static func tableRows(_ rows: Int, notes: Int, of body: Int) -> Int {
        let wanted = rows + notes + 4
        return rows > 0 && body - wanted >= 12 ? wanted : body
    }

    private func draw(_ rows: [NamespaceUsage], _ place: ListState, _ inner: Rect, _ frame: inout Frame) {
        let words = NamespaceWords(state: state)
        let columns = NamespaceColumns(.screen, rows, of: inner.columns, words)
        let shown = Array(rows.dropFirst(place.offset).prefix(max(0, inner.rows - 1)))
        Table(
            columns: columns.table, rows: shown.map { columns.cells($0) }, offset: place.offset,
            selection: state.selection(of: .namespaces), charset: state.charset
        )
        .render(in: inner, into: &frame)
        let body = Rect(column: inner.column, row: inner.row + 1, columns: inner.columns, rows: inner.rows - 1)
        columns.drawBars(shown, in: body, into: &frame)
        columns.drawTrends(shown, in: body, into: &frame)
    }

    private func footer(_ board: NamespaceBoard, _ unexplained: TextLine?, _ words: NamespaceWords) -> [Span] {
        if let unexplained { return [Span(unexplained.text, unexplained.role)] + meter(board) }
        return (board.shown == nil ? [] : [Span(words.shareWords, .dim)]) + meter(board)
    }

    /// A bar in the panel's lower edge while a sweep runs.
    private func meter(_ board: NamespaceBoard) -> [Span] {
        guard case .sweeping = board.work, let progress = board.progress, progress.keys > 0 else { return [] }
        let width = 24
        let filled = (min(1, Double(progress.examined) / Double(progress.keys)) * Double(width)).rounded(.down).whole
        let (full, empty): (Character, Character) = state.charset == .unicode ? ("█", "░") : ("#", ".")
        return [
            Span("  "), Span(String(repeating: full, count: filled), .info),
            Span(String(repeating: empty, count: width - filled), .dim),
        ]
    }

    private func waiting(_ board: NamespaceBoard, _ rect: Rect, _ frame: inout Frame) {
        var lines: [TextLine] = []
        if let failure = board.failure {
            lines = NamespaceFailure(failure: failure).lines(rect.columns, state.charset)
        } else if board.work == .none {
            lines = [TextLine("Nothing was looked at yet: e estimates, s sweeps.", .dim)]
        } else {
            lines = [TextLine("Looking at the keys", .dim)]
        }
        lines += CounterWords(state: state).lines(rect.columns)
        frame.write(lines, in: rect, ellipsis: state.charset.ellipsis)
    }

    /// What the table does not say: how old, what it cost, what is missing.
    private func notes(_ board: NamespaceBoard, _ columns: Int) -> [TextLine] {
        guard let report = board.shown else { return [] }
        var lines: [TextLine] = []
        for denied in report.denied where Self.ofKeys.contains(denied.command) {
            let words =
                denied.needs == nil
                ? "\(denied.command): \(denied.reason)" : "NOPERM: \(denied.command) \(denied.reason)"
            lines += TextLine.wrapped(words, columns: columns, state.charset, .warning)
        }
        if let failure = board.failure {
            lines += TextLine.wrapped(
                "The last look failed: \(failure.reason) \(failure.detail)", columns: columns, state.charset, .warning)
        }
        let words = NamespaceWords(state: state)
        lines += CounterWords(state: state).notes(beside: report, columns)
        if let discovered = words.discovered {
            lines += TextLine.wrapped(discovered, columns: columns, state.charset, .dim)
        }
        let prefixes = words.otherPrefixes(6)
        if !prefixes.isEmpty, report.rest.keys.value > 0 {
            lines += TextLine.wrapped("Other: \(prefixes)", columns: columns, state.charset, .text)
        }
        if let biggest = words.biggest(5) {
            lines += TextLine.wrapped(biggest, columns: columns, state.charset, .text)
        }
        for (doubt, names) in report.doubts {
            lines += TextLine.wrapped(
                "\(names.joined(separator: ", ")): \(doubt.words)", columns: columns, state.charset, .dim)
        }
        if !report.sampledSizes.isEmpty {
            lines += TextLine.wrapped(
                "Sizes of \(report.sampledSizes.joined(separator: ", ")) are \(NamespaceReport.sampledSizesWords)",
                columns: columns, state.charset, .dim)
        }
        return lines + TextLine.wrapped(ReceiptWords.line(report), columns: columns, state.charset, .dim)
    }

    private static let ofKeys = ["RANDOMKEY", "SCAN", "TYPE", "PTTL", "MEMORY USAGE", "OBJECT IDLETIME"]
}

/// What a look has cost, in a line.
enum ReceiptWords {
    static func line(_ report: NamespaceReport) -> String {
        let receipt = report.receipt
        let bytes = receipt.bytesSent +| receipt.bytesReceived
        let parts = [
            "Took \(Format.duration(report.took))", Format.count(receipt.commands, "command"),
            Format.bytes(ByteCount(bytes)), receipt.serverTime.map { "server time \(Format.duration($0))" },
            receipt.largestStall.map { "largest stall at most \(Format.duration($0))" },
            Format.count(receipt.errors, "error"),
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
}
