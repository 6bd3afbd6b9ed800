internal import CacheModel
internal import TerminalUI

/// Screen 2: which namespace is it?
///
/// ```
/// ╭ Namespaces ─────────────────────────────────── estimate of 5,000 keys, 14 s ago ╮
/// │ namespace   keys     share        bytes     avg    p99  TTL      idle  growth/h │
/// │ product     1.91 M   38.2 % ±1.3  512 MiB   281 B  …    100 % ✓  12 %      +120 │
/// ╰ by keys ────────────────────────────────────────────────────────────────────────╯
/// ```
struct NamespacesScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let board = state.shownNamespaces
        if let name = board.opened, let usage = board.shown?.all.first(where: { $0.name == name }) {
            NamespaceDetail(state: state, usage: usage).render(in: body, into: &frame)
            return
        }
        let rows = state.namespaceRows
        let notes = board.shown == nil ? [] : notes(board, body.columns - 4)
        let table = Rect(
            column: body.column, row: body.row, columns: body.columns,
            rows: Self.tableRows(rows.count, notes: notes.count, of: body.rows))
        let words = NamespaceWords(state: state)
        let inner = state.panel(
            "Namespaces", note: words.note(columns: body.columns - 20),
            footer: [Span("by \(board.order.words)", .dim)] + meter(board),
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
        let tableRows = min(inner.rows, rows.count + 1)
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
        let columns = NamespaceColumns(
            width: inner.columns, isExact: rows.allSatisfy(\.share.isExact),
            name: words.nameColumns(rows, of: inner.columns), growthUnit: words.growthUnit)
        let cells = rows.dropFirst(place.offset).prefix(max(0, inner.rows - 1)).map {
            columns.cells($0, words, state)
        }
        Table(
            columns: columns.table, rows: Array(cells), offset: place.offset,
            selection: state.selection(of: .namespaces),
            charset: state.charset
        )
        .render(in: inner, into: &frame)
        if let column = columns.sparkline(in: inner) { sparklines(rows, place, column, inner, &frame) }
    }

    /// The keys of the last looks, each namespace on its own scale.
    private func sparklines(
        _ rows: [NamespaceUsage], _ place: ListState, _ column: Rect, _ inner: Rect, _ frame: inout Frame
    ) {
        for (index, usage) in rows.dropFirst(place.offset).prefix(max(0, inner.rows - 1)).enumerated() {
            Sparkline(
                state.shownNamespaces.history(of: usage.name, count: column.columns * 2),
                role: state.isStale ? .stale : .chartTraffic, charset: state.charset
            )
            .render(
                in: Rect(column: column.column, row: inner.row + 1 + index, columns: column.columns, rows: 1),
                into: &frame)
        }
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
        if !report.other.isEmpty, report.rest.keys.value > 0 {
            let words = NamespaceWords(state: state)
            let prefixes = report.other.prefix(6).map {
                "\($0.prefix.isEmpty ? "(no prefix)" : $0.prefix) \(Format.shortCount(words.whole($0.keys.value)))"
            }
            lines += TextLine.wrapped(
                "Other: \(prefixes.joined(separator: " · "))", columns: columns, state.charset, .text)
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
            "Took \(Format.duration(report.took))", "\(Format.count(receipt.commands)) commands",
            Format.bytes(ByteCount(bytes)), receipt.serverTime.map { "server time \(Format.duration($0))" },
            receipt.largestStall.map { "largest stall at most \(Format.duration($0))" },
            "\(Format.count(receipt.errors)) errors",
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
}

/// What there is room for in the table of namespaces.
struct NamespaceColumns {
    let width: Int
    let isExact: Bool
    /// Columns of the name, where it has not all that others leave.
    let name: Int
    let growthUnit: String

    private enum Kind { case name, purpose, keys, share, bytes, mean, p99, coverage, contract, idle, growth, trend }

    private var kinds: [Kind] {
        // Longer names are worth more than what stands at the right.
        let width = width - (name - NamespaceWords.leastNameColumns)
        guard width >= 50 else { return width >= 36 ? [.name, .share, .bytes, .contract] : [.name, .bytes] }
        var kinds: [Kind] = [.name, .keys, .share, .bytes]
        if width >= 106 { kinds.insert(.purpose, at: 1) }
        if width >= 70 { kinds.append(.mean) }
        if width >= 84 { kinds.append(.p99) }
        kinds += width >= 60 ? [.coverage, .contract] : [.contract]
        if width >= 76 { kinds.append(.idle) }
        if width >= 94 { kinds.append(.growth) }
        if width >= 114 { kinds.append(.trend) }
        return kinds
    }

    private func column(_ kind: Kind) -> Table.Column {
        switch kind {
        case .name: Table.Column("namespace", width >= 60 ? .fixed(name) : .flexible(minimum: 11))
        case .purpose: Table.Column("purpose", .flexible(minimum: 13))
        case .keys: Table.Column("keys", .fixed(isExact ? 11 : 8), align: .right)
        case .share: Table.Column("share", .fixed(isExact ? 7 : 12), align: .right)
        case .bytes: Table.Column("bytes", .fixed(8), align: .right)
        case .mean: Table.Column("avg", .fixed(8), align: .right)
        case .p99: Table.Column("p99", .fixed(8), align: .right)
        case .coverage: Table.Column("TTL", .fixed(7), align: .right)
        case .contract: Table.Column("", .fixed(2))
        case .idle: Table.Column("idle>1h", .fixed(7), align: .right)
        case .growth: Table.Column(growthUnit == "h" ? "growth/h" : "grow/min", .fixed(8), align: .right)
        case .trend: Table.Column("trend", .fixed(Self.trendColumns))
        }
    }

    private static let trendColumns = 7

    var table: [Table.Column] { kinds.map(column) }

    /// Where the trend is drawn, as a rectangle of the inner area's rows.
    func sparkline(in inner: Rect) -> Rect? {
        guard kinds.last == .trend else { return nil }
        return Rect(
            column: inner.endColumn - Self.trendColumns, row: inner.row, columns: Self.trendColumns, rows: inner.rows)
    }

    func cells(_ usage: NamespaceUsage, _ words: NamespaceWords, _ state: DashboardState) -> [Span] {
        let style = state.valueStyle()
        return kinds.map { kind in
            switch kind {
            case .name: Span(state.name(usage.name.utf8), state.valueStyle(.text))
            case .purpose: Span(usage.purpose, .dim)
            case .keys: Span(words.keys(usage), style)
            case .share: Span(words.share(usage), style)
            case .bytes: Span(words.bytes(of: usage), style)
            case .mean: Span(words.bytes(usage.meanSize), style)
            case .p99: Span(words.bytes(usage.p99Size), style)
            case .coverage: Span(Format.percent(usage.coverage), style)
            case .contract: words.contract(usage)
            case .idle: Span(Format.percent(usage.idleShare, digits: 0), style)
            case .growth: Span(words.growth(usage), style)
            case .trend: Span("", .dim)
            }
        }
    }
}
