/// A filled curve with its scale at the left and, where there is one, a dotted limit.
///
/// ```
/// 2.0G ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ maxmemory
///              ⣀⣠⣤⣶⣾⣿⣿⣿
/// 1.0G ⣀⣠⣤⣶⣾⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿
///      ⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿
/// ```
public struct LineChart: Sendable {
    /// Two a column of the plot, oldest first; see ``samples(for:)``.
    public var values: [Double?]
    /// Another curve, drawn as a thin dim one.
    public var beside: [Double?]
    public var limit: Double?
    public var limitLabel: String
    /// Whether the scale ends at the limit however far away it is: how full something is is seen from afar.
    public var endsAtLimit: Bool
    public var role: Role
    public var base: ScaleBase
    public var charset: Charset

    public init(
        _ values: [Double?], beside: [Double?] = [], limit: Double? = nil, limitLabel: String = "",
        endsAtLimit: Bool = false, role: Role,
        base: ScaleBase = .decimal, charset: Charset = .unicode
    ) {
        self.values = values
        self.beside = beside
        self.limit = limit
        self.limitLabel = limitLabel
        self.endsAtLimit = endsAtLimit
        self.role = role
        self.base = base
        self.charset = charset
    }

    /// Columns of the labels.
    public static let labelColumns = 5

    /// How many values fill a chart of that width.
    public static func samples(for rect: Rect) -> Int { max(0, rect.columns - labelColumns - 1) * 2 }

    public func render(in rect: Rect, into frame: inout Frame) {
        guard rect.rows > 0, rect.columns > Self.labelColumns + 2 else { return }
        let scaleEnd = scaleEnd
        let plot = Rect(
            column: rect.column + Self.labelColumns + 1, row: rect.row, columns: rect.columns - Self.labelColumns - 1,
            rows: rect.rows)
        if let limit, limit > 0, limit <= scaleEnd { drawLimit(limit, scaleEnd, plot, &frame) }
        AreaPlot(
            values: values, beside: beside, maximum: scaleEnd, role: role, charset: charset,
            gradientEnd: gradientEnd(of: scaleEnd)
        ).render(
            in: plot, into: &frame)
        if let limit, limit > 0, limit <= scaleEnd { drawLimitLabel(limit, scaleEnd, plot, &frame) }
        guard isScaled else { return }
        label(scaleEnd, rect.row, rect, &frame)
        if rect.rows >= 4 { label(scaleEnd / 2, rect.row + rect.rows / 2, rect, &frame) }
    }

    /// Figures beside an axis on which nothing is known would be made up.
    private var isScaled: Bool { (limit ?? 0) > 0 || (values + beside).contains { $0 != nil } }

    /// The scale's end: the limit where the curve comes near it or is not known, or always; else the next round figure.
    private var scaleEnd: Double {
        let largest = (values + beside).compactMap { $0 }.max()
        if let limit, limit > 0, endsAtLimit || largest.map({ $0 > limit * 0.3 }) ?? true {
            return max(limit, largest ?? 0)
        }
        return base.ceiling((largest ?? 0) * 1.1)
    }

    /// Colours tell how near the limit is, not how tall the chart is.
    private func gradientEnd(of scaleEnd: Double) -> Double {
        guard let limit, limit > 0 else { return 1 }
        return min(1, max(0, scaleEnd / limit))
    }

    private func drawLimit(_ limit: Double, _ scaleEnd: Double, _ plot: Rect, _ frame: inout Frame) {
        let line = String(repeating: charset.limit, count: plot.columns)
        frame.write(
            line, at: Point(column: plot.column, row: row(of: limit, scaleEnd, plot)), Style(.chartLimit), clip: plot)
    }

    /// Over the curve, at its old end: it has to be readable when the curve reaches the limit.
    private func drawLimitLabel(_ limit: Double, _ scaleEnd: Double, _ plot: Rect, _ frame: inout Frame) {
        guard !limitLabel.isEmpty, charset.width(of: limitLabel) + 4 < plot.columns else { return }
        let point = Point(column: plot.column + 2, row: row(of: limit, scaleEnd, plot))
        frame.write(" \(limitLabel) ", at: point, Style(.chartLimit), clip: plot)
    }

    private func row(of value: Double, _ scaleEnd: Double, _ plot: Rect) -> Int {
        plot.row + Int((1 - value / scaleEnd) * Double(max(0, plot.rows - 1)))
    }

    private func label(_ value: Double, _ row: Int, _ rect: Rect, _ frame: inout Frame) {
        let field = Rect(column: rect.column, row: row, columns: Self.labelColumns, rows: 1)
        frame.write(base.label(value), in: field, Style(.chartAxis), align: .right, ellipsis: charset.ellipsis)
    }
}

/// Round figures: 1, 2, 5 of the powers of ten, or powers of two for bytes.
public enum ScaleBase: Sendable {
    case decimal, bytes

    /// The smallest round figure that is not below.
    func ceiling(_ value: Double) -> Double {
        guard value.isFinite, value > 1 else { return 1 }
        var step = 1.0
        switch self {
        case .bytes:
            while step < value, step < 1e30 { step *= 2 }
            return step
        case .decimal:
            while step * 10 < value, step < 1e30 { step *= 10 }
            return [1, 2, 5, 10].map { $0 * step }.first { $0 >= value } ?? step * 10
        }
    }

    /// At most five columns: `2.0G`, `600`, `1.5k`.
    func label(_ value: Double) -> String {
        let factor = self == .bytes ? 1024.0 : 1000.0
        let suffixes = self == .bytes ? ["", "K", "M", "G", "T", "P", "E"] : ["", "k", "M", "G", "T", "P", "E"]
        var value = value
        var index = 0
        while value >= factor * 0.9995, index < suffixes.count - 1 {
            value /= factor
            index += 1
        }
        guard value.isFinite, value < 1e6 else { return "" }
        let tenths = Int((value * 10).rounded())
        let digits = value >= 100 || tenths % 10 == 0 ? "\(Int(value.rounded()))" : "\(tenths / 10).\(tenths % 10)"
        return digits + suffixes[index]
    }
}
