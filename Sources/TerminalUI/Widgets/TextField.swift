/// One line of text that is being typed, with its cursor.
public struct TextField: Equatable, Sendable {
    public private(set) var text: [Character] = []
    /// Characters before the cursor.
    public private(set) var cursor = 0
    public static let capacity = 4096

    public init(_ text: String = "") {
        self.text = Array(text.prefix(Self.capacity))
        cursor = self.text.count
    }

    public var value: String { String(text) }

    public mutating func insert(_ typed: String) {
        // A terminal's own control characters are never part of a word.
        let clean = typed.filter { CharacterWidth.of($0) > 0 }.prefix(Self.capacity - text.count)
        text.insert(contentsOf: clean, at: cursor)
        cursor += clean.count
    }

    /// Inserts what was pasted: ends of lines and tabs become blanks, so that two words do not become one.
    public mutating func paste(_ pasted: String) {
        let words = pasted.split { $0.isNewline || $0 == "\t" }
        guard let first = pasted.first, !words.isEmpty else { return }
        if cursor > 0, first.isNewline || first == "\t" { insert(" ") }
        insert(words.joined(separator: " "))
    }

    /// - Returns: false for a key that is not for editing.
    public mutating func edit(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(String(character))
        case .backspace:
            guard cursor > 0 else { return true }
            cursor -= 1
            text.remove(at: cursor)
        case .delete: if cursor < text.count { text.remove(at: cursor) }
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(text.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = text.count
        case .control("u"):
            text.removeFirst(cursor)
            cursor = 0
        case .control("w"): deleteWord()
        default: return false
        }
        return true
    }

    private mutating func deleteWord() {
        var start = cursor
        while start > 0, text[start - 1] == " " { start -= 1 }
        while start > 0, text[start - 1] != " " { start -= 1 }
        text.removeSubrange(start..<cursor)
        cursor = start
    }

    /// Draws the end that holds the cursor, and puts the terminal's cursor there.
    public func render(in rect: Rect, into frame: inout Frame, style: Style = Style(.input)) {
        guard !rect.isEmpty else { return }
        var first = cursor
        var used = 1
        while first > 0, used + CharacterWidth.of(text[first - 1]) <= rect.columns {
            first -= 1
            used += CharacterWidth.of(text[first])
        }
        let field = Rect(column: rect.column, row: rect.row, columns: rect.columns, rows: 1)
        frame.fill(field, " ", style)
        frame.write(String(text[first...]), at: Point(column: rect.column, row: rect.row), style, clip: field)
        frame.cursor = Point(column: rect.column + used - 1, row: rect.row)
    }
}
