internal import TerminalUI

/// Texts in columns, measured as a terminal shows them.
enum TextColumn {
    /// Blanks behind; what is longer stays whole.
    static func left(_ text: String, to width: Int) -> String {
        Charset.unicode.drawn(text) + blanks(width - CharacterWidth.of(text))
    }

    /// Blanks in front; what is longer stays whole.
    static func right(_ text: String, to width: Int) -> String {
        blanks(width - CharacterWidth.of(text)) + Charset.unicode.drawn(text)
    }

    /// What is longer is cut; its last column is then `…`.
    static func cut(_ text: String, to width: Int) -> String { Frame.fitted(text, columns: width) }

    /// Exactly as wide as the column: cut, or with blanks behind.
    static func fitted(_ text: String, to width: Int) -> String { left(cut(text, to: width), to: width) }

    private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
