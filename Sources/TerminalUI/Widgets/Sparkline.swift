/// A line of dots: the last samples of one figure. Gaps stay empty.
public struct Sparkline: Sendable {
    /// Two a column, oldest first.
    public var values: [Double?]
    /// The value of a full cell; nil takes the largest one.
    public var maximum: Double?
    public var role: Role
    public var charset: Charset

    public init(_ values: [Double?], maximum: Double? = nil, role: Role, charset: Charset = .unicode) {
        self.values = values
        self.maximum = maximum
        self.role = role
        self.charset = charset
    }

    public func render(in rect: Rect, into frame: inout Frame) {
        guard !rect.isEmpty else { return }
        AreaPlot(values: values, maximum: maximum ?? values.compactMap { $0 }.max() ?? 0, role: role, charset: charset)
            .render(in: rect, into: &frame)
    }
}

/// The filled area under a curve, two samples a column, four dots a row.
struct AreaPlot {
    var values: [Double?]
    var maximum: Double
    var role: Role
    var charset: Charset
    /// How far up the gradient a full plot reaches, 0 to 1.
    var gradientEnd = 1.0

    func render(in rect: Rect, into frame: inout Frame) {
        let heights = values.suffix(rect.columns * 2).map { height(of: $0, rows: rect.rows) }
        let padded = [Int](repeating: 0, count: max(0, rect.columns * 2 - heights.count)) + heights
        for row in 0..<rect.rows {
            let floor = (rect.rows - 1 - row) * 4
            let level = UInt8(
                clamping: rect.rows == 1 ? 0 : Int(Double((rect.rows - 1 - row) * 100 / (rect.rows - 1)) * gradientEnd))
            for column in 0..<rect.columns {
                let (left, right) = (padded[column * 2] - floor, padded[column * 2 + 1] - floor)
                guard left > 0 || right > 0 else { continue }
                let glyph = charset == .unicode ? Braille.glyph(left, right) : Braille.ascii(max(left, right))
                let tint = rect.rows == 1 ? UInt8(clamping: max(left, right) * 25) : level
                frame[rect.column + column, rect.row + row] = Cell(glyph, style: Style(role, level: tint))
            }
        }
    }

    /// At least one dot for what is there: a gap and a zero are not the same.
    private func height(of value: Double?, rows: Int) -> Int {
        guard let value, value.isFinite else { return 0 }
        guard maximum > 0 else { return 1 }
        return max(1, Int((min(1, max(0, value / maximum)) * Double(rows * 4)).rounded()))
    }
}
