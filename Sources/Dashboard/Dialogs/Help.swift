internal import TerminalUI

/// The keys, made from the keymap: by group, in two columns where there is room.
///
/// ```
/// ╭─ Keys ───────────────────────────────────────────────────╮
/// │ Screens                     Figures                      │
/// │ 1          Overview         p          Hold the figures… │
/// ╰──────────────────────────────────────────── Esc closes ──╯
/// ```
struct Help {
    let state: DashboardState

    private enum Line {
        case group(String)
        case binding(Binding)
        case blank
    }

    private static let narrow = 64
    private static let wide = 118

    private var isWide: Bool { state.size.columns >= Self.wide }

    /// Each group under its title.
    private static let groups: [[Line]] = KeyGroup.allCases.map { group in
        [.group(group.rawValue)] + Keymap.bindings.filter { $0.group == group }.map { .binding($0) }
    }

    private var columns: [[Line]] {
        let lines = { (groups: ArraySlice<[Line]>) in Array(groups.joined(separator: [.blank])) }
        guard isWide else { return [lines(Self.groups[...])] }
        let middle = (Self.groups.count + 1) / 2
        return [lines(Self.groups[..<middle]), lines(Self.groups[middle...])]
    }

    private var rowCount: Int { columns.map(\.count).max() ?? 0 }

    private var box: Rect {
        Rect.centred(columns: isWide ? Self.wide : Self.narrow, rows: rowCount + 2, in: state.size)
    }

    var lastOffset: Int { max(0, rowCount - max(1, box.rows - 2)) }

    func render(offset: Int, into frame: inout Frame) {
        let box = box
        let offset = min(offset, lastOffset)
        frame.fill(box)
        let shown = max(1, box.rows - 2)
        let note =
            lastOffset > 0 ? [Span("\(offset + 1)-\(min(rowCount, offset + shown)) of \(rowCount)", .dim)] : []
        let inner = Panel(
            [Span("Keys", .title)], note: note, footerNote: [Span("Esc closes", .dim)], border: .borderDialog,
            charset: state.charset
        )
        .render(in: box, into: &frame)
        let width = inner.columns / columns.count
        for (index, lines) in columns.enumerated() {
            let column = Rect(
                column: inner.column + index * width, row: inner.row, columns: width, rows: inner.rows)
            for (row, line) in lines.dropFirst(offset).prefix(inner.rows).enumerated() {
                draw(line, in: Rect(column: column.column, row: column.row + row, columns: width, rows: 1), &frame)
            }
        }
    }

    private func draw(_ line: Line, in rect: Rect, _ frame: inout Frame) {
        switch line {
        case .blank: break
        case .group(let name):
            frame.write(name, at: Point(column: rect.column + 1, row: rect.row), Style(.title), clip: rect)
        case .binding(let binding):
            frame.write(
                binding.label, in: Rect(column: rect.column + 1, row: rect.row, columns: 10, rows: 1), Style(.key))
            let field = Rect(column: rect.column + 12, row: rect.row, columns: rect.columns - 12, rows: 1)
            let screens = binding.screens.map(\.title).sorted().joined(separator: ", ")
            frame.write(binding.help, in: field, Style(.text), ellipsis: state.charset.ellipsis)
            guard !screens.isEmpty else { return }
            let rest = Rect(
                column: field.column + state.charset.width(of: binding.help) + 1, row: rect.row,
                columns: field.columns - state.charset.width(of: binding.help) - 2, rows: 1)
            frame.write("(\(screens))", in: rest, Style(.dim), ellipsis: state.charset.ellipsis)
        }
    }
}
