/// How a cell looks, in terms of meaning.
public struct Style: Hashable, Sendable {
    public var role: Role
    /// Position in the role's gradient, 0 to 100; ignored for roles with one colour.
    public var level: UInt8
    public var bold: Bool
    public var reverse: Bool
    public var underline: Bool

    public init(
        _ role: Role = .text, level: UInt8 = 0, bold: Bool = false, reverse: Bool = false, underline: Bool = false
    ) {
        self.role = role
        self.level = level
        self.bold = bold
        self.reverse = reverse
        self.underline = underline
    }
}

/// One column of one row.
public struct Cell: Hashable, Sendable {
    /// A printable character of one or two columns, or `Cell.continuation` in the right half of a wide one.
    public var glyph: Character
    public var style: Style

    public static let continuation: Character = "\u{0}"

    public init(_ glyph: Character = " ", style: Style = Style()) {
        self.glyph = glyph
        self.style = style
    }
}

/// A screen as a value: cells by row, and what of it can be clicked.
///
/// Writing clips at the edges, and is the last barrier against what terminals do not draw alike: it is written out, so
/// that no byte of a server can move the cursor, columns stay straight, and texts that differ look different.
public struct Frame: Equatable, Sendable {
    public let size: Size
    /// What its terminal can show.
    public let charset: Charset
    public private(set) var cells: [Cell]
    /// Later regions lie above earlier ones.
    public private(set) var regions: [Region] = []
    /// Where the terminal's cursor shows, in a text field; nil hides it.
    public var cursor: Point?

    public init(size: Size, charset: Charset = .unicode) {
        self.size = size
        self.charset = charset
        cells = Array(repeating: Cell(), count: max(0, size.columns) * max(0, size.rows))
    }

    public subscript(column: Int, row: Int) -> Cell {
        get { cells[row * size.columns + column] }
        set {
            guard column >= 0, column < size.columns, row >= 0, row < size.rows else { return }
            cells[row * size.columns + column] = newValue
        }
    }

    public mutating func addRegion(_ rect: Rect, id: String) { regions.append(Region(rect: rect, id: id)) }

    public func region(at point: Point) -> Region? { regions.last { $0.rect.contains(point) } }
}

/// A part of the frame that can be clicked.
public struct Region: Equatable, Sendable {
    public var rect: Rect
    /// Chosen by the screen, such as `tab:4` or `row:12`.
    public var id: String
}
