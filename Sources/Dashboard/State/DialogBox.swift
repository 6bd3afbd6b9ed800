internal import CacheModel
internal import TerminalUI

/// A line of a dialog.
enum DialogLine {
    case text(TextLine)
    case field(label: String, TextField, isFocused: Bool, mask: String? = nil)
    /// Something that Space changes.
    case choice(label: String, value: String, isFocused: Bool)
    case meter(Double, String)
    /// A line of a list.
    case row(String, isSelected: Bool)
    case button(String, isFocused: Bool)

    /// Wrapped; blanks in front stay in front of each line.
    static func words(_ text: String, _ role: Role = .text, in state: DashboardState) -> [DialogLine] {
        let columns = DialogBox.columns(state)
        let blank = String(text.prefix { $0 == " " }.prefix(columns / 4))
        return TextLine.wrapped(text, columns: columns - blank.count, state.charset, role).map {
            .text(TextLine(blank + $0.text, $0.role))
        }
    }

    /// Something's name, escaped: whole, and with all of its blanks.
    static func name(_ name: String, columns: Int, _ charset: Charset) -> [DialogLine] {
        // Blanks at its ends would not be seen.
        let shown = name.hasPrefix(" ") || name.hasSuffix(" ") || name.isEmpty ? "\"\(name)\"" : name
        return TextLine.folded([shown], columns, charset).map { .text($0) }
    }

    static var blank: DialogLine { .text(TextLine("")) }
}

/// A box in the middle of the screen with fields, choices and words.
///
/// ```
/// ╭ Flush session ──────────────────────────────────────────╮
/// │ 1,000,000 of 2,000,000 keys, 153 MiB in memory          │
/// │                                                         │
/// │ type session to go  ses                                 │
/// │ journal             yes, ~/.local/state/…               │
/// ╰ Enter flushes ───────────────────────────── Esc closes ─╯
/// ```
struct DialogBox {
    let state: DashboardState
    let title: String
    var border = Role.borderDialog
    /// Lines that name what is confirmed here: they are in sight, or nothing is confirmed.
    var subject: [Int] = []
    let lines: [DialogLine]
    var footer: String
    var closing: String

    private static let widest = 96
    private static let labelColumns = 18

    static func width(_ state: DashboardState) -> Int { max(4, min(widest, state.size.columns - 2)) }
    /// For words.
    static func columns(_ state: DashboardState) -> Int { max(1, width(state) - 4) }

    private var rect: Rect { Rect.centred(columns: Self.width(state), rows: lines.count + 2, in: state.size) }

    /// False where there is no room for what the dialog is about beside what is typed.
    var showsSubject: Bool {
        let inner = rect.inset().inset(columns: 1, rows: 0)
        return subject.isEmpty
            || !shown(in: inner.rows).isEmpty
                && subject.allSatisfy { index in
                    guard case .text(let line) = lines[index] else { return true }
                    return state.charset.width(of: line.text) <= inner.columns
                }
    }

    /// What is typed in.
    private var focused: Int? {
        lines.firstIndex { line in
            switch line {
            case .field(_, _, let isFocused, _), .choice(_, _, let isFocused), .button(_, let isFocused): isFocused
            case .text, .meter, .row: false
            }
        }
    }

    /// The lines for which there is room: what is typed in stays in sight, and above it what it is about. Empty where
    /// there is no room for both.
    private func shown(in rows: Int) -> [Int] {
        let focused = focused
        let first = max(0, min(lines.count - rows, (focused ?? 0) - rows + 1))
        let window = Array(lines.indices.dropFirst(first).prefix(rows))
        let hidden = subject.filter { !window.contains($0) }
        guard !hidden.isEmpty else { return window }
        guard subject.count + (focused == nil ? 0 : 1) <= rows else { return [] }
        // What is nearest to it comes next.
        let others = lines.indices.filter { !subject.contains($0) && $0 <= focused ?? .max }
        return (subject + others.suffix(rows - subject.count)).sorted()
    }

    func render(into frame: inout Frame) {
        let box = rect
        frame.fill(box)
        let inner = Panel(
            [Span(title, .title)], footer: footer.isEmpty || !showsSubject ? [] : [Span(footer, .key)],
            footerNote: closing.isEmpty ? [] : [Span(closing, .dim)], border: border, charset: state.charset
        ).render(in: box, into: &frame).inset(columns: 1, rows: 0)
        guard !inner.isEmpty else { return }
        guard showsSubject else {
            return frame.write(
                TextLine.wrapped("too small to act; Esc closes", columns: inner.columns, state.charset, .warning),
                in: inner,
                ellipsis: state.charset.ellipsis)
        }
        for (row, index) in shown(in: inner.rows).enumerated() {
            draw(
                lines[index], Rect(column: inner.column, row: inner.row + row, columns: inner.columns, rows: 1), &frame)
        }
    }

    private func draw(_ line: DialogLine, _ rect: Rect, _ frame: inout Frame) {
        switch line {
        case .text(let text):
            frame.write(text.text, in: rect, Style(text.role), ellipsis: state.charset.ellipsis)
        case .field(let label, let field, let isFocused, let mask):
            let value = self.label(label, isFocused, rect, &frame)
            if let mask = mask ?? field.mask {
                frame.fill(value, " ", Style(.input))
                frame.write(mask, in: value, Style(.input), ellipsis: state.charset.ellipsis)
            } else if isFocused {
                field.render(in: value, into: &frame)
            } else {
                frame.fill(value, " ", Style(.input))
                frame.write(field.value, in: value, Style(.input), ellipsis: state.charset.ellipsis)
            }
        case .choice(let label, let value, let isFocused):
            let field = self.label(label, isFocused, rect, &frame)
            frame.write(
                isFocused ? "\(value)  (Space changes it)" : value, in: field, Style(.text),
                ellipsis: state.charset.ellipsis)
        case .row(let words, let isSelected):
            if isSelected { frame.fill(rect, " ", Style(.selection)) }
            let mark = isSelected ? "\(state.charset.marker) " : "  "
            frame.write(
                mark + words, in: rect, Style(isSelected ? .selection : .text), ellipsis: state.charset.ellipsis)
        case .button(let words, let isFocused):
            let mark = isFocused ? "\(state.charset.marker) " : "  "
            frame.write(
                "\(mark)[ \(words) ]", in: rect, Style(isFocused ? .selection : .text, bold: isFocused),
                ellipsis: state.charset.ellipsis)
        case .meter(let share, let words):
            let bar = Rect(column: rect.column, row: rect.row, columns: min(24, rect.columns / 3), rows: 1)
            Meter(share, charset: state.charset).render(in: bar, into: &frame)
            let rest = Rect(
                column: bar.endColumn + 2, row: rect.row, columns: rect.columns - bar.columns - 2, rows: 1)
            frame.write(words, in: rest, Style(.text), ellipsis: state.charset.ellipsis)
        }
    }

    private func label(_ label: String, _ isFocused: Bool, _ rect: Rect, _ frame: inout Frame) -> Rect {
        let columns = min(Self.labelColumns, rect.columns / 2)
        frame.write(
            label, in: Rect(column: rect.column, row: rect.row, columns: columns, rows: 1),
            Style(isFocused ? .text : .dim), ellipsis: state.charset.ellipsis)
        let column = rect.column + columns + 1
        if isFocused {
            frame.write(String(state.charset.marker), at: Point(column: column, row: rect.row), Style(.key), clip: rect)
        }
        return Rect(column: column + 2, row: rect.row, columns: rect.columns - columns - 3, rows: 1)
    }
}

extension OperationProgress {
    /// `1,204 of 20,000 walked, 600 removed, 12.1 k keys/s, 3 s left`.
    func words(_ verb: String, counts: Bool) -> String {
        [
            "\(Format.shortCount(examined)) of \(Format.shortCount(expected))",
            "\(Format.shortCount(counts ? matched : done)) \(verb)",
            rate > 0 ? "\(Format.shortCount(rate.whole))/s" : nil,
            remaining.map { "\(Format.duration($0)) left" },
        ].compactMap { $0 }.joined(separator: ", ")
    }
}
