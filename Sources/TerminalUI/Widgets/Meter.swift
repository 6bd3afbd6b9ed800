/// A bar of a share, in eighths of a column.
public struct Meter: Sendable {
    /// 0 to 1; nil draws an empty bar.
    public var share: Double?
    public var charset: Charset

    public init(_ share: Double?, charset: Charset = .unicode) {
        self.share = share
        self.charset = charset
    }

    private static let eighths: [Character] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]

    public func render(in rect: Rect, into frame: inout Frame) {
        guard !rect.isEmpty else { return }
        let filled = min(1, max(0, share.flatMap { $0.isFinite ? $0 : nil } ?? 0)) * Double(rect.columns)
        for column in 0..<rect.columns {
            let part = min(1, max(0, filled - Double(column)))
            let level = UInt8(clamping: (column * 100) / max(1, rect.columns - 1))
            let glyph: Character =
                charset == .unicode ? Self.eighths[Int((part * 8).rounded())] : part >= 0.5 ? "#" : "."
            // Beside it stands what was there: the line under a cursor goes on.
            if glyph == " " { continue }
            let role: Role = part > 0 ? .meter : .dim
            frame[rect.column + column, rect.row] = Cell(glyph, style: Style(role, level: level))
        }
    }
}
