internal import TerminalUI

/// The line in which a command is typed, with what Tab would choose from.
struct CommandLineField {
    let state: DashboardState
    let field: TextField

    func render(in rect: Rect, into frame: inout Frame) {
        frame.fill(rect)
        let candidates = DashboardCommand.candidates(field.value, state.vocabulary).joined(separator: "  ")
        let width = min(rect.columns - 2, max(24, rect.columns / 3))
        frame.write(":", at: Point(column: 0, row: rect.row), Style(.key))
        frame.write(
            candidates, in: Rect(column: width + 3, row: rect.row, columns: rect.columns - width - 3, rows: 1),
            Style(.dim), ellipsis: state.charset.ellipsis)
        let line = Rect(column: 1, row: rect.row, columns: width, rows: 1)
        if let mask {
            frame.fill(line, " ", Style(.input))
            frame.write(mask, in: line, Style(.input), ellipsis: state.charset.ellipsis)
        } else {
            field.render(in: line, into: &frame)
        }
    }

    /// Instead of a token.
    private var mask: String? {
        let words = field.value.split(separator: " ")
        guard words.count > 1, words[0] == "revoke", words[1].hasPrefix("eyJ") else { return nil }
        return "revoke *** \(words[1].count) characters"
    }
}

/// The line in which a filter is typed; the list follows every letter.
struct FilterField {
    let field: TextField

    func render(in rect: Rect, into frame: inout Frame) {
        frame.fill(rect)
        frame.write("/", at: Point(column: 0, row: rect.row), Style(.key))
        field.render(in: Rect(column: 1, row: rect.row, columns: max(0, rect.columns - 1), rows: 1), into: &frame)
    }
}
