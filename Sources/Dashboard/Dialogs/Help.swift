internal import TerminalUI

/// The keys, made from the keymap.
struct Help {
    let state: DashboardState
    let offset: Int

    private static let width = 64

    private static func box(in size: Size) -> Rect {
        let columns = min(width, size.columns)
        let rows = min(Keymap.bindings.count + 2, size.rows - 2)
        return Rect(
            column: (size.columns - columns) / 2, row: max(0, (size.rows - rows) / 2), columns: columns, rows: rows)
    }

    static func lastOffset(in size: Size) -> Int { max(0, Keymap.bindings.count - (box(in: size).rows - 2)) }

    func render(into frame: inout Frame) {
        let box = Self.box(in: state.size)
        frame.fill(box)
        let hidden = Self.lastOffset(in: state.size)
        let note =
            hidden > 0
            ? [Span("\(offset + 1)-\(Keymap.bindings.count - hidden + offset) of \(Keymap.bindings.count)", .dim)] : []
        let inner = Panel(
            [Span("Keys", .title)], note: note, footerNote: [Span("Esc closes", .dim)], border: .borderDialog,
            charset: state.charset
        )
        .render(in: box, into: &frame)
        for (index, binding) in Keymap.bindings.dropFirst(offset).prefix(inner.rows).enumerated() {
            let row = inner.row + index
            frame.write(binding.label, in: Rect(column: inner.column + 1, row: row, columns: 10, rows: 1), Style(.key))
            let screens =
                binding.screens.isEmpty ? "" : " (\(binding.screens.map(\.title).sorted().joined(separator: ", ")))"
            let field = Rect(column: inner.column + 12, row: row, columns: inner.columns - 13, rows: 1)
            frame.write(binding.help + screens, in: field, Style(.text), ellipsis: state.charset.ellipsis)
        }
    }
}
