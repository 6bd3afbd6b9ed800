internal import CacheModel
public import TerminalUI

/// A screen as a picture.
public enum SVGReport {
    private static let cellWidth = 8.4
    private static let cellHeight = 18.0
    private static let margin = 12.0

    /// - Returns: a standalone SVG document; it names no font that has to be there, only monospaced ones in general.
    public static func render(_ frame: Frame, theme: Theme) -> String {
        let width = Double(frame.size.columns) * cellWidth + 2 * margin
        let height = Double(frame.size.rows) * cellHeight + 2 * margin
        let ground = hex(theme.background, fallback: "#16181d")
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(number(width))" height="\(number(height))" \
            viewBox="0 0 \(number(width)) \(number(height))">
            <rect width="100%" height="100%" rx="8" fill="\(ground)"/>
            <g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">

            """
        for row in 0..<max(0, frame.size.rows) { svg += drawn(row, frame, theme, ground) }
        return svg + "</g>\n</svg>\n"
    }

    /// One row: runs of cells of one style.
    private static func drawn(_ row: Int, _ frame: Frame, _ theme: Theme, _ ground: String) -> String {
        var svg = ""
        var column = 0
        while column < frame.size.columns {
            let style = frame[column, row].style
            var end = column
            var text = ""
            while end < frame.size.columns, frame[end, row].style == style {
                if frame[end, row].glyph != Cell.continuation { text.append(frame[end, row].glyph) }
                end += 1
            }
            svg += drawn(text, style, column: column, columns: end - column, row: row, theme, ground)
            column = end
        }
        return svg
    }

    /// One run of cells: its ground where that is not the picture's, its charts, its words.
    private static func drawn(
        _ text: String, _ style: Style, column: Int, columns: Int, row: Int, _ theme: Theme, _ ground: String
    ) -> String {
        let look = theme.resolve(style, depth: .trueColour)
        var ink = hex(look.foreground) ?? (theme.background == .default ? "#c8ccd4" : "#30343c")
        var paper = hex(look.background) ?? ground
        if look.reverse { swap(&ink, &paper) }
        let x = margin + Double(column) * cellWidth
        let y = margin + Double(row) * cellHeight
        var svg = ""
        if paper != ground {
            svg +=
                "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(Double(columns) * cellWidth))\" height=\"\(number(cellHeight))\" fill=\"\(paper)\"/>\n"
        }
        svg += bars(of: text, x: x, y: y, ink: ink)
        let words = String(text.map { isBraille($0) ? " " : $0 })
        guard words.contains(where: { $0 != " " }) else { return svg }
        let weight = look.bold ? " font-weight=\"bold\"" : ""
        let faint = look.dim ? " opacity=\"0.6\"" : ""
        svg +=
            "<text x=\"\(number(x))\" y=\"\(number(y + 13.5))\" textLength=\"\(number(Double(columns) * cellWidth))\" "
        return svg + "fill=\"\(ink)\"\(weight)\(faint)>\(escaped(words))</text>\n"
    }

    private static func isBraille(_ glyph: Character) -> Bool {
        glyph.unicodeScalars.first.map { braille.contains($0.value) } ?? false
    }

    /// Unicode's block of braille patterns: a glyph's offset in it has a bit for each of its eight dots.
    private static let braille: ClosedRange<UInt32> = 0x2800...0x28ff
    /// The dots of a cell's left column, and of its right one.
    private static let leftDots: UInt32 = 0x47
    private static let rightDots: UInt32 = 0xb8

    /// Charts as bars: few fonts have braille, and each has it in a width of its own.
    private static func bars(of text: String, x: Double, y: Double, ink: String) -> String {
        var path = ""
        for (index, glyph) in text.enumerated() where isBraille(glyph) {
            let dots = (glyph.unicodeScalars.first?.value ?? braille.lowerBound) - braille.lowerBound
            for (side, column) in [(0.0, dots & leftDots), (0.5, dots & rightDots)] where column > 0 {
                let height = Double(column.nonzeroBitCount) * cellHeight / 4
                let left = x + (Double(index) + side) * cellWidth
                path +=
                    "M\(number(left)) \(number(y + cellHeight - height))h\(number(cellWidth / 2 - 0.8))v\(number(height - 0.6))"
                path += "h-\(number(cellWidth / 2 - 0.8))z"
            }
        }
        return path.isEmpty ? "" : "<path fill=\"\(ink)\" d=\"\(path)\"/>\n"
    }

    private static func hex(_ colour: Colour, fallback: String) -> String {
        hex(colour.reduced(to: .trueColour)) ?? fallback
    }

    private static func hex(_ colour: TerminalColour) -> String? {
        switch colour {
        case .default: return nil
        case .rgb(let red, let green, let blue): return "#" + [red, green, blue].map(twoDigits).joined()
        case .index(let index): return named.indices.contains(Int(index)) ? named[Int(index)] : nil
        }
    }

    /// The terminal's own 16, in the order of ``Colour/names``.
    private static let named = [
        "#1c1c1c", "#cd3131", "#0dbc79", "#b5a400", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
        "#808080", "#f14c4c", "#23d18b", "#f5d943", "#3b8eea", "#d670d6", "#29b8db", "#ffffff",
    ]

    private static func twoDigits(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }

    private static func number(_ value: Double) -> String {
        let tenths = (value * 10).whole
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case " ": escaped += "\u{a0}"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
