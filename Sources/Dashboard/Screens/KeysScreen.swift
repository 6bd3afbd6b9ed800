internal import CacheModel
internal import TerminalUI

/// Screen 3: says where keys can be looked at meanwhile.
struct KeysScreen {
    let state: DashboardState

    func render(in body: Rect, into frame: inout Frame) {
        let inner = state.panel("Keys", border: .borderNamespaces, columns: body.columns).render(in: body, into: &frame)
            .inset(
                columns: 1, rows: 0)
        let words = [
            "Browsing keys is not in this version.", "redis-cli --scan --pattern 'product:*' --count 1000 | head",
        ]
        for (index, line) in words.flatMap({ Paragraph.wrap($0, columns: inner.columns) }).prefix(inner.rows)
            .enumerated()
        {
            frame.write(
                line, at: Point(column: inner.column, row: inner.row + index), Style(index == 0 ? .text : .dim),
                clip: inner)
        }
    }
}
