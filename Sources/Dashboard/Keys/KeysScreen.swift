internal import CacheModel
internal import TerminalUI

/// Where list and value are.
struct KeysLayout: Equatable {
    /// Empty while a value is open.
    var list: Rect
    /// Empty where there is room for one only.
    var value: Rect
    /// What the value has room for.
    var valueArea: Rect

    init(body: Rect, isOpen: Bool) {
        let none = Rect(column: body.column, row: body.row, columns: 0, rows: 0)
        if isOpen {
            (list, value) = (none, body)
            valueArea = body.inset().inset(columns: 1, rows: 0)
            return
        }
        guard body.columns >= 72 else {
            (list, value, valueArea) = (body, none, none)
            return
        }
        let left = body.columns >= 110 ? body.columns * 11 / 20 : body.columns / 2
        list = Rect(column: body.column, row: body.row, columns: left, rows: body.rows)
        value = Rect(
            column: body.column + left, row: body.row, columns: body.columns - left, rows: body.rows)
        let inner = value.inset().inset(columns: 1, rows: 0)
        valueArea = Rect(
            column: inner.column, row: inner.row + Self.headRows, columns: inner.columns,
            rows: inner.rows - Self.headRows)
    }

    /// Lines above the value itself, beside the list.
    static let headRows = 4
}

/// Screen 3: left the keys, right what the selected one holds.
///
/// ```
/// ╭ Keys  session ────────────── 200 of 1.2 M ╮╭ session:17 ──────────────────╮
/// │ key                  type     TTL     size ││ string  TTL 59 min  embstr   │
/// │ session:17           string  59 min  152 B ││ {                            │
/// ╰ as found ─────────────────────────────────╯╰ JSON ────────────────────────╯
/// ```
///
/// An open value has the whole screen, with the key's whole name above it.
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
        let words = KeyListWords(board: board, state: state)
        let inner = state.panel(
            "Keys", hint: words.scope, note: words.note(rows.count), footer: [Span(words.footer, words.footerRole)],
            border: .borderNamespaces, columns: rect.columns
        ).render(in: rect, into: &frame).inset(columns: 1, rows: 0)
        guard !rows.isEmpty else {
            frame.write(words.empty(inner.columns), in: inner, ellipsis: state.charset.ellipsis)
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

    private func columns(_ width: Int) -> [Table.Column] {
        // Names and TTLs begin with the least, sizes with the largest.
        func title(_ words: String, _ order: KeyOrder, ascends: Bool) -> String {
            state.sortTitle(
                words, isSorted: state.keys.order == order, isReversed: state.keys.isReversed != ascends)
        }
        var columns = [Table.Column(title("key", .name, ascends: true), .flexible(minimum: 8))]
        if width >= 46 { columns.append(Table.Column("type", .fixed(6))) }
        if width >= 30 {
            columns.append(Table.Column(title("TTL", .lifetime, ascends: true), .fixed(11), align: .right))
        }
        if width >= 36 {
            columns.append(Table.Column(title("size", .bytes, ascends: false), .fixed(9), align: .right))
        }
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
        let text = state.shownValue ?? ValueText(key: .none)
        let area = layout.valueArea
        let words = ValueWords(board: board, text: text, area: area)
        let room = layout.value.columns - max(24, words.position.width(state.charset) + 10)
        let title = Frame.fitted(
            name, columns: max(4, room), ellipsis: state.charset.ellipsis, charset: state.charset)
        let inner = state.panel(
            title, note: words.position, footer: words.footer, footerNote: board.isOpen ? "Esc closes" : nil,
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
        if !board.isOpen {
            frame.write(
                KeyHead(inspection: inspection, state: state).lines.prefix(KeysLayout.headRows), in: inner,
                ellipsis: state.charset.ellipsis)
        }
        frame.write(text.lines.dropFirst(board.valueOffset), in: area, ellipsis: state.charset.ellipsis)
        frame.addRegion(layout.value, id: "side")
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

    /// All that is known of it, with its whole name: the head of a value that has the whole screen.
    func whole(columns: Int) -> [TextLine] {
        let name = TextLine.folded([state.name(inspection.key)], columns, state.charset, .accent)
        guard inspection.exists else { return name }
        let rule = state.options.classifier.classify(inspection.key).map {
            state.options.classifier.rules[$0.namespace]
        }
        let contract = rule.map { "contract of \(Printable.name($0.name.utf8)): \($0.contractWords)" }
        let ttl = [lifetime, inspection.expiresAt.map { "at \(state.options.clock.full($0))" }, contract]
        let about = [
            lines[0], TextLine(ttl.compactMap { $0 }.joined(separator: ", "), ttlRole), lines[2],
        ]
        return name
            + about.flatMap { TextLine.wrapped($0.text, columns: columns, state.charset, $0.role) }
            + TextLine.folded(inspection.groups?.words ?? [], columns, state.charset, .text)
            + [TextLine("")]
    }

    private var lifetime: String {
        switch inspection.lifetime {
        case nil: "TTL –"
        case .never: "never expires"
        case .milliseconds(let milliseconds): "expires in \(Format.duration(.milliseconds(milliseconds)))"
        }
    }

    var lines: [TextLine] {
        guard inspection.exists else { return [] }
        let length = inspection.length.map { length in
            inspection.type == .string ? Format.bytes(ByteCount(length)) : Format.count(length, "element")
        }
        let first = [inspection.typeName, inspection.encoding, length].compactMap { $0 }.joined(separator: ", ")
        let idle = inspection.idle.map { "idle \(Format.age(.seconds($0)))" }
        let frequency = inspection.frequency.map { "frequency \($0)" }
        let second = ["\(inspection.sizeWords) in memory", idle, frequency]
            .compactMap { $0 }.joined(separator: ", ")
        return [TextLine(first, .text), TextLine(lifetime, ttlRole), TextLine(second, .dim), TextLine("")]
    }

    private var ttlRole: Role {
        inspection.lifetime == .never ? .warning : .text
    }
}
