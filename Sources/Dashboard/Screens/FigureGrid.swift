internal import CacheModel
internal import TerminalUI

/// Figures with their labels, in columns side by side, each filled from top to bottom.
///
/// ```
/// connected           18   new            0.4 /s
/// of maxclients    9.0 %   rejected         0 /s
/// ```
struct FigureGrid {
    struct Figure: Equatable {
        var label: String
        var figure: String
        var role = Role.value
    }

    let state: DashboardState
    var figures: [Figure]
    var columns: Int
    /// False for those that are not of now.
    var isStale = false

    static let gap = 2

    /// How many rows they fill.
    func rows(of most: Int) -> Int { min(most, (figures.count + columns - 1) / max(1, columns)) }

    /// - Returns: how many rows were filled.
    @discardableResult
    func render(in rect: Rect, into frame: inout Frame) -> Int {
        let rows = rows(of: rect.rows)
        guard rows > 0, columns > 0 else { return 0 }
        let width = (rect.columns - Self.gap * (columns - 1)) / columns
        for (index, figure) in figures.prefix(rows * columns).enumerated() {
            let line = Rect(
                column: rect.column + (index / rows) * (width + Self.gap), row: rect.row + index % rows,
                columns: width, rows: 1)
            frame.write(figure.label, in: line, Style(.dim), ellipsis: state.charset.ellipsis)
            let label = state.charset.width(of: figure.label) + 1
            let field = Rect(column: line.column + label, row: line.row, columns: line.columns - label, rows: 1)
            frame.write(
                figure.figure, in: field, Style(isStale ? .stale : state.valueStyle(figure.role)), align: .right,
                ellipsis: state.charset.ellipsis)
        }
        return rows
    }
}
