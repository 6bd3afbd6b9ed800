internal import CacheModel
internal import TerminalUI

/// Where list and value are.
struct KeysLayout: Equatable {
    var list: Rect
    /// Empty where there is room for one only.
    var value: Rect

    init(body: Rect, isOpen: Bool) {
        let none = Rect(column: body.column, row: body.row, columns: 0, rows: 0)
        guard body.columns >= 72 else {
            (list, value) = isOpen ? (none, body) : (body, none)
            return
        }
        let left = body.columns >= 110 ? body.columns * 11 / 20 : body.columns / 2
        list = Rect(column: body.column, row: body.row, columns: left, rows: body.rows)
        value = Rect(
            column: body.column + left, row: body.row, columns: body.columns - left, rows: body.rows)
    }

    /// Lines above the value itself.
    static let headRows = 4

    /// What the value has room for.
    var valueArea: Rect {
        let inner = value.inset().inset(columns: 1, rows: 0)
        return Rect(
            column: inner.column, row: inner.row + Self.headRows, columns: inner.columns,
            rows: inner.rows - Self.headRows)
    }
}

/// Screen 3: left the keys, right what the selected one holds.
///
/// ```
/// ╭ Keys  session ────────────── 200 of 1.2 M ╮╭ session:17 ──────────────────╮
/// │ key                  type     TTL     size ││ string  TTL 59 min  embstr   │
/// │ session:17           string  59 min  152 B ││ {                            │
/// ╰ as found ─────────────────────────────────╯╰ JSON ────────────────────────╯
/// ```
struct KeysScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let board = state.keys
        let layout = KeysLayout(body: body, isOpen: board.isOpen)
        if !layout.list.isEmpty { list(board, layout.list, &frame) }
        if !layout.value.isEmpty { value(board, layout, &frame) }
    }

    private func list(_ board: KeyBoard, _ rect: Rect, _ frame: inout Frame) {
        let rows = state.keyRows
        let inner = state.panel(
            "Keys", hint: Printable.shortened(board.scope.name, to: 40), note: note(board, rows.count),
            footer: [Span(footer(board), .dim)], border: board.isOpen ? .border : .borderNamespaces,
            columns: rect.columns
        ).render(in: rect, into: &frame).inset(columns: 1, rows: 0)
        guard !rows.isEmpty else {
            frame.write(empty(board, inner.columns), in: inner, ellipsis: state.charset.ellipsis)
            return
        }
        let place = state.lists[.keys] ?? ListState()
        let shown = rows.dropFirst(place.offset).prefix(max(0, inner.rows - 1))
        let columns = columns(inner.columns)
        Table(
            columns: columns, rows: shown.map { cells($0, columns.count) }, offset: place.offset,
            selection: state.selection(of: .keys), charset: state.charset
        ).render(in: inner, into: &frame)
    }

    private func note(_ board: KeyBoard, _ shown: Int) -> [Span] {
        guard board.hasBegun else { return [] }
        let count = Format.count(shown)
        if board.isWhole { return [Span("\(count) keys, all", .dim)] }
        if !board.gone.isEmpty { return [Span("\(count) keys, maybe not all", .warning)] }
        let examined = board.total.map { total in
            total > 0 ? ", \(Format.percent(min(1, Double(board.examined) / Double(total)), digits: 0)) walked" : ""
        }
        return [Span("\(count) keys\(examined ?? "")", board.isLoading ? .info : .dim)]
    }

    private func footer(_ board: KeyBoard) -> String {
        if board.isFull { return "\(board.order.words); no more are listed: narrow it with :keys PATTERN" }
        return board.gone.isEmpty ? board.order.words : "\(board.order.words); \(goneWords(board))"
    }

    private func goneWords(_ board: KeyBoard) -> String {
        "\(board.gone.joined(separator: ", ")) has left the deployment: keys may be missing"
    }

    private func empty(_ board: KeyBoard, _ columns: Int) -> [TextLine] {
        if let refusal = board.refusal {
            return TextLine.wrapped("\(refusal.reason): \(refusal.detail)", columns: columns, state.charset, .warning)
                + TextLine.wrapped(refusal.remedy, columns: columns, state.charset)
        }
        if !board.gone.isEmpty, board.cursor == nil {
            return TextLine.wrapped(goneWords(board), columns: columns, state.charset, .warning)
        }
        if !board.isWhole { return [TextLine("Looking for keys", .dim)] }
        return board.rows.isEmpty
            ? [TextLine("There are none", .dim)] : [TextLine("None that match the filter", .dim)]
    }

    private func columns(_ width: Int) -> [Table.Column] {
        var columns = [Table.Column("key", .flexible(minimum: 8))]
        if width >= 46 { columns.append(Table.Column("type", .fixed(6))) }
        if width >= 30 { columns.append(Table.Column("TTL", .fixed(11), align: .right)) }
        if width >= 36 { columns.append(Table.Column("size", .fixed(8), align: .right)) }
        return columns
    }

    private func cells(_ row: KeyRow, _ count: Int) -> [Span] {
        let facts = row.facts
        let name = Span(state.name(row.name, limit: 300), state.valueStyle(.text))
        let type = Span(facts?.type?.name ?? "", .dim)
        let lifetime = Span(KeyHead.lifetime(facts?.lifetime), state.valueStyle())
        let bytes = Span(facts?.sizeWords ?? "", state.valueStyle())
        switch count {
        case 4: return [name, type, lifetime, bytes]
        case 3: return [name, lifetime, bytes]
        default: return [name, lifetime]
        }
    }

    private func value(_ board: KeyBoard, _ layout: KeysLayout, _ frame: inout Frame) {
        let inspection = board.shown
        let name = (board.opened ?? board.knownKey).map { state.name($0) } ?? "Value"
        let title = Frame.fitted(
            name, columns: max(4, layout.value.columns - 24), ellipsis: state.charset.ellipsis, charset: state.charset)
        let lines = inspection.map { state.valueLines(of: $0) } ?? []
        let area = layout.valueArea
        let inner = state.panel(
            title, note: position(board, lines.count, area.rows), footer: valueFooter(board),
            border: board.isOpen ? .borderNamespaces : .border, columns: layout.value.columns
        ).render(in: layout.value, into: &frame).inset(columns: 1, rows: 0)
        if let complaint = board.shownComplaint {
            frame.write(
                TextLine.wrapped(complaint.words, columns: inner.columns, state.charset, .warning), in: inner,
                ellipsis: state.charset.ellipsis)
            return
        }
        guard let inspection else {
            let words = board.inspecting == nil && board.opened == nil ? "Enter shows what a key holds" : "Asking"
            frame.write(words, in: inner, Style(.dim), ellipsis: state.charset.ellipsis)
            return
        }
        frame.write(
            KeyHead(inspection: inspection, state: state).lines.prefix(KeysLayout.headRows), in: inner,
            ellipsis: state.charset.ellipsis)
        frame.write(lines.dropFirst(board.valueOffset), in: area, ellipsis: state.charset.ellipsis)
        frame.addRegion(layout.value, id: "side")
    }

    private func position(_ board: KeyBoard, _ lines: Int, _ rows: Int) -> [Span] {
        guard lines > rows, rows > 0 else { return [] }
        let first = board.valueOffset + 1
        return [Span("\(first)-\(min(lines, first + rows - 1)) of \(lines)", .dim)]
    }

    private func valueFooter(_ board: KeyBoard) -> [Span] {
        guard let inspection = board.shown, inspection.note == nil else { return [] }
        var words: [String] = []
        if inspection.type == .string { words.append(state.valueView(of: inspection).words) }
        if inspection.content.next != nil { words.append("PgDn at the end: the next part") }
        if !board.trail.isEmpty { words.append("PgUp at the top: the part before") }
        return words.isEmpty ? [] : [Span(words.joined(separator: ", "), .dim)]
    }
}

/// What is known of a key beside its value.
struct KeyHead {
    let inspection: KeyInspection
    let state: DashboardState

    static func lifetime(_ lifetime: KeyFacts.Lifetime?) -> String {
        switch lifetime {
        case nil: ""
        case .never: "never"
        case .milliseconds(let milliseconds): Format.duration(.milliseconds(milliseconds))
        }
    }

    var lines: [TextLine] {
        guard inspection.exists else { return [] }
        let ttl =
            switch inspection.lifetime {
            case nil: "TTL –"
            case .never: "never expires"
            case .milliseconds(let milliseconds): "expires in \(Format.duration(.milliseconds(milliseconds)))"
            }
        let length = inspection.length.map { length in
            inspection.type == .string ? Format.bytes(ByteCount(length)) : "\(Format.count(length)) elements"
        }
        let first = [inspection.typeName, inspection.encoding, length].compactMap { $0 }.joined(separator: ", ")
        let idle = inspection.idle.map { "idle \(Format.age(.seconds($0)))" }
        let frequency = inspection.frequency.map { "frequency \($0)" }
        let second = ["\(inspection.sizeWords) in memory", idle, frequency]
            .compactMap { $0 }.joined(separator: ", ")
        return [TextLine(first, .text), TextLine(ttl, ttlRole), TextLine(second, .dim), TextLine("")]
    }

    private var ttlRole: Role {
        inspection.lifetime == .never ? .warning : .text
    }
}
