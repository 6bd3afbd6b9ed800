/// One line of text that is being typed, with its cursor.
public struct TextField: Equatable, Sendable {
    public private(set) var text: [Character] = []
    /// Characters before the cursor.
    public private(set) var cursor = 0
    /// What is not drawn and was left out, of the text that is there; nil for none.
    public private(set) var leftOut: Unicode.Scalar?
    public static let capacity = 4096

    public init(_ text: String = "") {
        self.text = Array(text.prefix(Self.capacity))
        cursor = self.text.count
    }

    public var value: String { String(text) }

    public mutating func insert(_ typed: String) {
        for character in typed where text.count < Self.capacity {
            if CharacterWidth.of(character) > 0 {
                text.insert(character, at: cursor)
                cursor += 1
            } else {
                add(marks: character)
            }
        }
    }

    /// Marks come after what they belong to, as keys of their own or at the front of a part of a paste.
    private mutating func add(marks: Character) {
        for scalar in marks.unicodeScalars {
            // A terminal's own control characters are never part of a word.
            if scalar.properties.generalCategory == .control { continue }
            // A vowel may be part of a mark's character and have a cell of its own, as in Thai.
            if CharacterWidth.of(Character(scalar)) > 0 {
                text.insert(Character(scalar), at: cursor)
                cursor += 1
                continue
            }
            guard scalar.isMark, cursor > 0, text[cursor - 1].unicodeScalars.count < Self.mostScalars else {
                leftOut = leftOut ?? scalar
                continue
            }
            var joined = String(text[cursor - 1])
            joined.unicodeScalars.append(scalar)
            if joined.count == 1 { text[cursor - 1] = Character(joined) } else { leftOut = leftOut ?? scalar }
        }
    }

    /// Of one character: more marks than that are no word's.
    private static let mostScalars = 32

    /// Inserts what was pasted: ends of lines and tabs become blanks, so that two words do not become one.
    public mutating func paste(_ pasted: String) {
        let words = pasted.split { $0.isNewline || $0 == "\t" }
        guard let first = pasted.first, !words.isEmpty else { return }
        if cursor > 0, first.isNewline || first == "\t" { insert(" ") }
        insert(words.joined(separator: " "))
    }

    /// - Returns: false for a key that is not for editing.
    public mutating func edit(_ key: Key) -> Bool {
        defer { if text.isEmpty { leftOut = nil } }
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
        while first > 0 {
            let width = frame.charset.width(of: String(text[first - 1]))
            guard used + width <= rect.columns else { break }
            first -= 1
            used += width
        }
        let field = Rect(column: rect.column, row: rect.row, columns: rect.columns, rows: 1)
        frame.fill(field, " ", style)
        frame.write(String(text[first...]), at: Point(column: rect.column, row: rect.row), style, clip: field)
        frame.cursor = Point(column: rect.column + used - 1, row: rect.row)
    }
}

extension Unicode.Scalar {
    /// Drawn on the character before it.
    fileprivate var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: !properties.isDefaultIgnorableCodePoint || value == 0xfe0f
        default: false
        }
    }
}
