internal import CacheModel
internal import TerminalUI

/// The second line: the screens, and how many alerts stand.
struct TabLine {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let isShort = rect.columns < 92
        var column = 1
        for screen in Screen.allCases {
            let isSelected = screen == state.screen
            let style = Style(isSelected ? .tabSelected : .tab, reverse: isSelected)
            let title = isShort ? Self.short(screen.title, isSelected) : screen.title
            let start = column
            column = frame.write(
                " \(screen.rawValue)\(title.isEmpty ? "" : " ")\(title) ", at: Point(column: column, row: rect.row),
                style)
            if screen == .alerts { column = frame.write(badge, at: Point(column: column, row: rect.row)) }
            frame.addRegion(
                Rect(column: start, row: rect.row, columns: column - start, rows: 1), id: "tab:\(screen.rawValue)")
        }
    }

    /// On narrow screens only the selected one is spelled out.
    private static func short(_ title: String, _ isSelected: Bool) -> String {
        isSelected ? title : String(title.prefix(4))
    }

    private var badge: [Span] {
        let raised = state.alerts.raised.filter { $0.level > .info }
        guard let worst = raised.map(\.level).max() else { return [] }
        return [Span("\(state.charset.alert)\(raised.count)", worst == .critical ? .critical : .warning)]
    }
}
