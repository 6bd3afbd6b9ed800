/// A line of dots: the last samples of one figure. Gaps stay empty.
public struct Sparkline: Sendable {
    /// Two a column, oldest first.
    public var values: [Double?]
    /// The value of a full cell; nil takes the largest one.
    public var maximum: Double?
    public var role: Role
    public var charset: Charset
    /// Another curve, drawn as a thin dim one; two samples a column, oldest first.
    public var beside: [Double?]

    public init(
        _ values: [Double?], beside: [Double?] = [], maximum: Double? = nil, role: Role, charset: Charset = .unicode
    ) {
        self.values = values
        self.beside = beside
        self.maximum = maximum
        self.role = role
        self.charset = charset
    }

    public func render(in rect: Rect, into frame: inout Frame) {
        guard !rect.isEmpty else { return }
        AreaPlot(
            values: values, beside: beside, maximum: maximum ?? (values + beside).compactMap { $0 }.max() ?? 0,
            role: role, charset: charset
        ).render(in: rect, into: &frame)
    }
}

/// The filled area under a curve, two samples a column, four dots a row.
struct AreaPlot {
    var values: [Double?]
    /// A line of single dots.
    var beside: [Double?] = []
    var maximum: Double
    var role: Role
    var charset: Charset
    /// How far up the gradient a full plot reaches, 0 to 1.
    var gradientEnd = 1.0

    func render(in rect: Rect, into frame: inout Frame) {
        let padded = heights(of: values, rect)
        let line = beside.isEmpty ? nil : heights(of: beside, rect)
        for row in 0..<rect.rows {
            let floor = (rect.rows - 1 - row) * 4
            let level = UInt8(
                clamping: rect.rows == 1 ? 0 : Int(Double((rect.rows - 1 - row) * 100 / (rect.rows - 1)) * gradientEnd))
            for column in 0..<rect.columns {
                let (left, right) = (padded[column * 2] - floor, padded[column * 2 + 1] - floor)
                let dots = line.map { ($0[column * 2] - floor, $0[column * 2 + 1] - floor) } ?? (0, 0)
                let hasDot = (1...4).contains(dots.0) || (1...4).contains(dots.1)
                guard left > 0 || right > 0 || hasDot else { continue }
                let glyph: Character =
                    charset == .unicode
                    ? Braille.glyph(left, right, dots: dots.0, dots.1)
                    : hasDot ? "-" : Braille.ascii(max(left, right))
                let tint = rect.rows == 1 ? UInt8(clamping: max(left, right) * 25) : level
                let style = left > 0 || right > 0 ? Style(role, level: tint) : Style(.dim)
                frame[rect.column + column, rect.row + row] = Cell(glyph, style: style)
            }
        }
    }

    private func heights(of values: [Double?], _ rect: Rect) -> [Int] {
        let heights = values.suffix(rect.columns * 2).map { height(of: $0, rows: rect.rows) }
        return [Int](repeating: 0, count: max(0, rect.columns * 2 - heights.count)) + heights
    }

    /// At least one dot for what is there: a gap and a zero are not the same.
    private func height(of value: Double?, rows: Int) -> Int {
        guard let value, value.isFinite else { return 0 }
        guard maximum > 0 else { return 1 }
        return max(1, Int((min(1, max(0, value / maximum)) * Double(rows * 4)).rounded()))
    }
}
