internal import CacheModel
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
        let message = state.messageAside
        frame.write(
            message?.text ?? candidates,
            in: Rect(column: width + 3, row: rect.row, columns: rect.columns - width - 3, rows: 1),
            Style(message?.role ?? .dim), ellipsis: state.charset.ellipsis)
        let line = Rect(column: 1, row: rect.row, columns: width, rows: 1)
        if let mask = field.mask {
            frame.fill(line, " ", Style(.input))
            frame.write(mask, in: line, Style(.input), ellipsis: state.charset.ellipsis)
        } else {
            field.render(in: line, into: &frame)
        }
    }

}

extension DashboardState {
    /// What is said beside a field, which stands where else messages do: warnings, and what has come of acts.
    var messageAside: Message? {
        message.flatMap { $0.ticket != nil || $0.role == .warning || $0.role == .critical ? $0 : nil }
    }
}

extension TextField {
    /// What is shown instead of a text with a token in it; nil for any other.
    var mask: String? {
        let words = value.split(separator: " ", omittingEmptySubsequences: false)
        guard words.contains(where: Self.holdsToken) else { return nil }
        return words.map { Self.holdsToken($0) ? "*** \($0.count) characters" : String($0) }.joined(separator: " ")
    }

    /// A JWT begins like an encoded JSON object, whatever is in front of it.
    private static func holdsToken(_ word: Substring) -> Bool {
        var rest = word
        while let first = rest.first {
            if rest.hasPrefix("eyJ") { return true }
            rest = first.isLetter || first.isNumber ? rest.drop { $0.isLetter || $0.isNumber } : rest.dropFirst()
        }
        return false
    }
}

/// The line in which a filter is typed; the list follows every letter.
struct FilterField {
    let state: DashboardState
    let field: TextField

    func render(in rect: Rect, into frame: inout Frame) {
        frame.fill(rect)
        frame.write("/", at: Point(column: 0, row: rect.row), Style(.key))
        var line = Rect(column: 1, row: rect.row, columns: max(0, rect.columns - 1), rows: 1)
        if let (words, role) = aside, rect.columns >= 60 {
            line.columns = rect.columns / 3
            frame.write(
                words,
                in: Rect(
                    column: line.endColumn + 2, row: rect.row, columns: rect.columns - line.endColumn - 2, rows: 1),
                Style(role), ellipsis: state.charset.ellipsis)
        }
        if let mask = field.mask {
            frame.write(mask, in: line, Style(.input))
        } else {
            field.render(in: line, into: &frame)
        }
    }

    /// A warning, or what Enter does.
    private var aside: (words: String, role: Role)? {
        if let message = state.messageAside { return (message.text, message.role) }
        guard state.screen == .keys, !field.value.isEmpty, field.mask == nil else { return nil }
        let pattern = Printable.name(Glob(filter: field.value).bytes, limit: 60)
        return (state.keys.isOpen ? "Enter looks in it for \(pattern)" : "Enter asks the server for \(pattern)", .dim)
    }
}
