/// Rows under a header, with a cursor.
public struct Table: Sendable {
    public struct Column: Sendable {
        public enum Width: Sendable { case fixed(Int), flexible(minimum: Int) }
        public var title: String
        public var width: Width
        public var align: Alignment

        public init(_ title: String, _ width: Width, align: Alignment = .left) {
            self.title = title
            self.width = width
            self.align = align
        }
    }

    public var columns: [Column]
    /// Only the rows that are shown need to be there.
    public var rows: [[Span]]
    /// Index of the first of ``rows`` in the whole list, for regions.
    public var offset: Int
    /// Index in the whole list.
    public var selection: Int?
    public var charset: Charset
    public var showsHeader: Bool
    /// False for rows that nobody chooses from: they cannot be clicked.
    public var isList: Bool

    public init(
        columns: [Column], rows: [[Span]], offset: Int = 0, selection: Int? = nil, showsHeader: Bool = true,
        isList: Bool = true, charset: Charset = .unicode
    ) {
        self.columns = columns
        self.rows = rows
        self.offset = offset
        self.selection = selection
        self.showsHeader = showsHeader
        self.isList = isList
        self.charset = charset
    }

    public func render(in rect: Rect, into frame: inout Frame) {
        guard !rect.isEmpty else { return }
        let widths = Self.widths(of: columns, in: rect.columns)
        if showsHeader {
            let titles = columns.map { Span($0.title, .dim) }
            draw(titles, widths, row: rect.row, rect, &frame)
        }
        let top = rect.row + (showsHeader ? 1 : 0)
        for (index, cells) in rows.prefix(max(0, rect.endRow - top)).enumerated() {
            let row = top + index
            draw(cells, widths, row: row, rect, &frame)
            let line = Rect(column: rect.column, row: row, columns: rect.columns, rows: 1)
            if offset + index == selection {
                frame.restyle(line) { $0 = Style(.selection, level: $0.level, bold: $0.bold, reverse: $0.reverse) }
            }
            if isList { frame.addRegion(line, id: "row:\(offset + index)") }
        }
    }

    private func draw(_ cells: [Span], _ widths: [Int], row: Int, _ rect: Rect, _ frame: inout Frame) {
        var column = rect.column
        for (index, cell) in cells.enumerated() where index < widths.count && widths[index] > 0 {
            let field = Rect(column: column, row: row, columns: min(widths[index], rect.endColumn - column), rows: 1)
            frame.write(cell.text, in: field, cell.style, align: columns[index].align, ellipsis: charset.ellipsis)
            column += widths[index] + 1
        }
    }

    /// Fixed columns get theirs, the flexible ones share the rest; what has no room at the right is left out.
    static func widths(of columns: [Column], in total: Int) -> [Int] {
        var rest = total - max(0, columns.count - 1)
        var flexible = 0
        for column in columns {
            switch column.width {
            case .fixed(let width): rest -= width
            case .flexible(let minimum):
                rest -= minimum
                flexible += 1
            }
        }
        var bonus = max(0, rest)
        var used = 0
        return columns.map { column in
            var width =
                switch column.width {
                case .fixed(let width): width
                case .flexible(let minimum): minimum
                }
            if case .flexible = column.width {
                let share = bonus / max(1, flexible)
                width += share
                bonus -= share
                flexible -= 1
            }
            guard used < total else { return 0 }
            width = min(width, total - used)
            used += width + 1
            return width
        }
    }
}
