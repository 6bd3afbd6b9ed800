/// A piece of text in one style.
public struct Span: Equatable, Sendable {
    public var text: String
    public var style: Style

    public init(_ text: String, _ style: Style = Style()) {
        self.text = text
        self.style = style
    }

    public init(_ text: String, _ role: Role, bold: Bool = false) { self.init(text, Style(role, bold: bold)) }
}

extension Sequence<Span> {
    /// The columns that they take together on such a terminal.
    public func width(_ charset: Charset) -> Int { reduce(0) { $0 + charset.width(of: $1.text) } }
}

public enum Alignment: Sendable { case left, right, centre }

extension Frame {
    /// Writes from a point to the right, within `clip`; what terminals do not draw alike is written out.
    ///
    /// - Returns: the column after the last cell written.
    @discardableResult
    public mutating func write(
        _ text: some StringProtocol, at point: Point, _ style: Style = Style(), clip: Rect? = nil
    ) -> Int {
        let area = clip ?? Rect(column: 0, row: 0, columns: size.columns, rows: size.rows)
        let end = min(area.endColumn, size.columns)
        guard point.row >= max(0, area.row), point.row < min(area.endRow, size.rows) else { return point.column }
        var column = point.column
        charset.draw(text) { glyph in
            guard column < end else { return false }
            if column >= area.column, column >= 0, column + glyph.columns <= end {
                put(glyph.character, glyph.columns, column, point.row, style)
            }
            column += glyph.columns
            return true
        }
        return column
    }

    /// Writes spans one after the other.
    @discardableResult
    public mutating func write(_ spans: [Span], at point: Point, clip: Rect? = nil) -> Int {
        var point = point
        for span in spans { point.column = write(span.text, at: point, span.style, clip: clip) }
        return point.column
    }

    /// Writes into a field: too long a text ends in `…`.
    public mutating func write(
        _ text: String, in field: Rect, _ style: Style = Style(), align: Alignment = .left, ellipsis: Character = "…"
    ) {
        guard !field.isEmpty else { return }
        let shown = Self.fitted(text, columns: field.columns, ellipsis: ellipsis, charset: charset)
        let slack = field.columns - charset.width(of: shown)
        let offset =
            switch align {
            case .left: 0
            case .right: slack
            case .centre: slack / 2
            }
        write(shown, at: Point(column: field.column + offset, row: field.row), style, clip: field)
    }

    /// Writes spans so that they end at a column.
    public mutating func write(_ spans: [Span], endingAt column: Int, row: Int, clip: Rect? = nil) {
        let width = spans.width(charset)
        write(spans, at: Point(column: column - width, row: row), clip: clip)
    }

    public mutating func fill(_ rect: Rect, _ glyph: Character = " ", _ style: Style = Style()) {
        let columns = max(0, rect.column)..<max(0, rect.column, min(size.columns, rect.endColumn))
        for row in max(0, rect.row)..<max(0, rect.row, min(size.rows, rect.endRow)) {
            for column in columns { self[column, row] = Cell(glyph, style: style) }
        }
    }

    /// Changes how cells look and leaves what they say.
    public mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
        for row in max(0, rect.row)..<max(0, rect.row, min(size.rows, rect.endRow)) {
            for column in max(0, rect.column)..<max(0, rect.column, min(size.columns, rect.endColumn)) {
                var cell = self[column, row]
                change(&cell.style)
                self[column, row] = cell
            }
        }
    }

    /// Cut to so many columns, the last one then being the ellipsis.
    public static func fitted(
        _ text: String, columns: Int, ellipsis: Character = "…", charset: Charset = .unicode
    ) -> String {
        guard charset.width(of: text) > columns else { return charset.drawn(text) }
        guard columns > 0 else { return "" }
        var used = 0
        var kept = ""
        charset.draw(text) { glyph in
            used += glyph.columns
            guard used < columns else { return false }
            kept.append(glyph.character)
            return true
        }
        return kept + String(ellipsis)
    }

    /// The screen as lines of text, for tests and pictures; blanks at the ends of lines are cut.
    public var text: String {
        (0..<max(0, size.rows)).map { row in
            var line = ""
            for column in 0..<size.columns where self[column, row].glyph != Cell.continuation {
                line.append(self[column, row].glyph)
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    private mutating func put(_ glyph: Character, _ width: Int, _ column: Int, _ row: Int, _ style: Style) {
        breakWide(column, row)
        self[column, row] = Cell(glyph, style: style)
        if width == 2 {
            breakWide(column + 1, row)
            self[column + 1, row] = Cell(Cell.continuation, style: style)
        }
    }

    /// Half of a wide character that is written over leaves a blank.
    private mutating func breakWide(_ column: Int, _ row: Int) {
        if self[column, row].glyph == Cell.continuation, column > 0 { self[column - 1, row].glyph = " " }
        if column + 1 < size.columns, self[column + 1, row].glyph == Cell.continuation {
            self[column + 1, row].glyph = " "
        }
    }
}
