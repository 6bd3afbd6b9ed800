internal import TerminalUI

/// A line of a text and its role.
struct TextLine: Equatable {
    var text: String
    var role: Role

    init(_ text: String, _ role: Role = .text) {
        self.text = text
        self.role = role
    }

    /// Breaks at the edge and not at blanks: a value is not prose.
    static func folded(
        _ lines: [String], _ columns: Int, _ charset: Charset, _ role: Role = .value
    ) -> [TextLine] {
        lines.flatMap { line in
            Paragraph.fold(line, columns: columns, charset: charset).map { TextLine($0, role) }
        }
    }

    static func wrapped(_ text: String, columns: Int, _ charset: Charset, _ role: Role = .text) -> [TextLine] {
        Paragraph.wrap(text, columns: columns, charset: charset).map { TextLine($0, role) }
    }
}

extension Frame {
    /// Writes lines from the top of a rectangle; those that have no room are left out.
    mutating func write(_ lines: some Collection<TextLine>, in rect: Rect, ellipsis: Character) {
        for (index, line) in lines.prefix(rect.rows).enumerated() {
            let field = Rect(column: rect.column, row: rect.row + index, columns: rect.columns, rows: 1)
            write(line.text, in: field, Style(line.role), ellipsis: ellipsis)
        }
    }
}
