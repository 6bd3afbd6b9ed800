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
        for row in 0..<max(0, frame.size.rows) { svg += line(row, frame, theme, ground) }
        return svg + "</g>\n</svg>\n"
    }

    /// One row: runs of cells of one style.
    private static func line(_ row: Int, _ frame: Frame, _ theme: Theme, _ ground: String) -> String {
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
            svg += run(text, style, column: column, columns: end - column, row: row, theme, ground)
            column = end
        }
        return svg
    }

    private static func run(
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
        glyph.unicodeScalars.first.map { (0x2800...0x28ff).contains($0.value) } ?? false
    }

    /// Charts as bars: few fonts have braille, and each has it in a width of its own.
    private static func bars(of text: String, x: Double, y: Double, ink: String) -> String {
        var path = ""
        for (index, glyph) in text.enumerated() where isBraille(glyph) {
            let dots = (glyph.unicodeScalars.first?.value ?? 0x2800) - 0x2800
            for (side, bits) in [(0.0, dots & 0x47), (0.5, dots & 0xb8)] where bits > 0 {
                let height = Double(bits.nonzeroBitCount) * cellHeight / 4
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
        case .rgb(let red, let green, let blue): return "#" + [red, green, blue].map(pair).joined()
        case .index(let index):
            let named = ["#1c1c1c", "#cd3131", "#0dbc79", "#b5a400", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5"]
            return named[Int(index) % 8]
        }
    }

    private static func pair(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }

    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
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
