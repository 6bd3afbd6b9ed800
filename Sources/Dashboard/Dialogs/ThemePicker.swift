internal import TerminalUI

/// A list of themes; the screen behind it shows the selected one.
struct ThemePicker {
    let state: DashboardState
    let selection: Int

    func render(into frame: inout Frame) {
        let themes = state.options.themes
        let columns = min(32, state.size.columns)
        let rows = min(themes.count + 2, state.size.rows - 2)
        let box = Rect(column: state.size.columns - columns - 2, row: 2, columns: columns, rows: rows)
        frame.fill(box)
        let inner = Panel(
            [Span("Theme", .title)], footer: [Span("Enter keeps, Esc goes back", .dim)], border: .borderDialog,
            charset: state.charset
        )
        .render(in: box, into: &frame)
        let first = max(0, min(selection - inner.rows + 1, themes.count - inner.rows))
        for (index, name) in themes.dropFirst(first).prefix(inner.rows).enumerated() {
            let line = Rect(column: inner.column, row: inner.row + index, columns: inner.columns, rows: 1)
            let isSelected = first + index == selection
            if isSelected { frame.fill(line, " ", Style(.selection)) }
            frame.write(
                isSelected ? "\(state.charset.marker) \(name)" : "  \(name)", in: line,
                Style(isSelected ? .selection : .text))
            frame.addRegion(line, id: "theme:\(first + index)")
        }
    }
}
