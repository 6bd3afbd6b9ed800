internal import CacheModel
internal import TerminalUI

/// The second line: the screens, and how many alerts stand.
struct TabLine {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        var column = 1
        for screen in Screen.allCases {
            let isSelected = screen == state.screen
            let style = Style(isSelected ? .tabSelected : .tab, reverse: isSelected)
            let title = title(of: screen, isSelected, columns: rect.columns)
            let start = column
            let text = title.isEmpty ? " \(screen.rawValue) " : " \(screen.rawValue) \(title) "
            column = frame.write(text, at: Point(column: column, row: rect.row), style)
            if screen == .alerts { column = frame.write(badge, at: Point(column: column, row: rect.row)) }
            frame.addRegion(
                Rect(column: start, row: rect.row, columns: column - start, rows: 1), id: "tab:\(screen.rawValue)")
        }
    }

    /// Whole, shortened, or only for the selected one: the alerts at the end have to be seen.
    private func title(of screen: Screen, _ isSelected: Bool, columns: Int) -> String {
        if columns >= 92 { return screen.title }
        if columns >= 78 { return screen.shortTitle }
        return isSelected && columns >= 40 ? screen.title : ""
    }

    private var badge: [Span] {
        guard let badge = Alert.badge(state.alerts.raised) else { return [] }
        return [Span("\(badge.sign.character(state.charset))\(badge.count)", badge.sign.role)]
    }
}
