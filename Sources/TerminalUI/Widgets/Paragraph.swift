/// Text broken into lines at blanks.
public enum Paragraph {
    /// - Returns: lines of at most so many columns; a word that is longer is broken.
    public static func wrap(_ text: String, columns: Int, charset: Charset = .unicode) -> [String] {
        guard columns > 0 else { return [] }
        var lines: [String] = []
        var line = ""
        var used = 0
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            let width = charset.width(of: word)
            if used > 0, used + 1 + width > columns {
                lines.append(line)
                (line, used) = ("", 0)
            }
            if used > 0 {
                line += " "
                used += 1
            }
            for glyph in charset.glyphs(of: word) {
                if used + glyph.columns > columns, used > 0 {
                    lines.append(line)
                    (line, used) = ("", 0)
                }
                line.append(glyph.character)
                used += glyph.columns
            }
        }
        return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
    }

    /// Broken at the edge and not at blanks: for what is not prose.
    public static func fold(_ text: String, columns: Int, charset: Charset = .unicode) -> [String] {
        guard charset.width(of: text) > columns else { return [charset.drawn(text)] }
        if columns > 0, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) {
            let bytes = Array(text.utf8)
            return stride(from: 0, to: bytes.count, by: columns).map {
                String(decoding: bytes[$0..<min(bytes.count, $0 + columns)], as: UTF8.self)
            }
        }
        var lines: [String] = []
        var line = ""
        var used = 0
        for glyph in charset.glyphs(of: text) {
            if used + glyph.columns > columns, used > 0 {
                lines.append(line)
                (line, used) = ("", 0)
            }
            line.append(glyph.character)
            used += glyph.columns
        }
        return lines + [line]
    }
}
