/// A thin frame with its title in the upper edge, and notes at the right of both edges.
public struct Panel: Sendable {
    public var title: [Span]
    public var note: [Span]
    public var footer: [Span]
    public var footerNote: [Span]
    public var border: Role
    public var charset: Charset

    public init(
        _ title: [Span], note: [Span] = [], footer: [Span] = [], footerNote: [Span] = [], border: Role = .border,
        charset: Charset = .unicode
    ) {
        self.title = title
        self.note = note
        self.footer = footer
        self.footerNote = footerNote
        self.border = border
        self.charset = charset
    }

    /// - Returns: the area inside.
    @discardableResult
    public func render(in rect: Rect, into frame: inout Frame) -> Rect {
        guard rect.columns >= 2, rect.rows >= 2 else {
            return Rect(column: rect.column, row: rect.row, columns: 0, rows: 0)
        }
        edges(rect, &frame)
        line(title, note, row: rect.row, rect, &frame)
        line(footer, footerNote, row: rect.endRow - 1, rect, &frame)
        return rect.inset()
    }

    private func edges(_ rect: Rect, _ frame: inout Frame) {
        let style = Style(border)
        let lines = charset.border
        let horizontal = String(repeating: lines.horizontal, count: rect.columns - 2)
        let (top, bottom) = (rect.row, rect.endRow - 1)
        frame.write(
            "\(lines.topLeft)\(horizontal)\(lines.topRight)", at: Point(column: rect.column, row: top), style,
            clip: rect)
        frame.write(
            "\(lines.bottomLeft)\(horizontal)\(lines.bottomRight)", at: Point(column: rect.column, row: bottom), style,
            clip: rect)
        for row in (top + 1)..<max(top + 1, bottom) {
            frame.write(String(lines.vertical), at: Point(column: rect.column, row: row), style)
            frame.write(String(lines.vertical), at: Point(column: rect.endColumn - 1, row: row), style)
        }
    }

    /// What has no room is cut, and says so: half a figure would be another one.
    private func fitted(_ spans: [Span], _ columns: Int) -> [Span] {
        var room = columns
        return spans.compactMap { span in
            guard room > 0 else { return nil }
            let text = Frame.fitted(span.text, columns: room, ellipsis: charset.ellipsis, charset: charset)
            room -= charset.width(of: text)
            return Span(text, span.style)
        }
    }

    private func line(_ left: [Span], _ right: [Span], row: Int, _ rect: Rect, _ frame: inout Frame) {
        let clip = Rect(column: rect.column + 2, row: row, columns: rect.columns - 4, rows: 1)
        var next = clip.column
        if !left.isEmpty {
            let shown = fitted(left, clip.columns - 2)
            next = frame.write([Span(" ")] + shown + [Span(" ")], at: Point(column: clip.column, row: row), clip: clip)
        }
        let width = right.width(charset) + 2
        // A note that has no room is left out: half a figure is worse than none.
        guard !right.isEmpty, clip.endColumn - width >= next else { return }
        frame.write([Span(" ")] + right + [Span(" ")], endingAt: clip.endColumn, row: row, clip: clip)
    }
}
