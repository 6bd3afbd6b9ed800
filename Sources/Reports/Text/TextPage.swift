/// Lines of at most 100 columns: what is longer goes on below, indented.
struct TextPage {
    static let width = 100

    private var lines: [String] = []

    var text: String { lines.map { $0 + "\n" }.joined() }

    mutating func blank() {
        if let last = lines.last, !last.isEmpty { lines.append("") }
    }

    /// Words separated by spaces, wrapped between them; a word longer than a line is cut with `…`.
    mutating func write(_ text: String, indent: Int = 0, hanging: Int? = nil) {
        write(
            parts: text.split(separator: " ").map(String.init), separator: " ", indent: indent,
            hanging: hanging ?? indent)
    }

    /// A name in a column of its own and figures beside it, wrapped between the figures.
    mutating func field(_ name: String, _ parts: [String?]) {
        let known = parts.compactMap { $0 }
        guard !known.isEmpty else { return }
        let title = "  " + name + String(repeating: " ", count: max(1, 13 - name.count))
        write(parts: known, separator: "   ", indent: 0, hanging: 15, title: title)
    }

    /// Figures side by side, wrapped between them.
    mutating func line(_ parts: [String]) { write(parts: parts, separator: "   ", indent: 0, hanging: 2) }

    /// A line of its own, cut at the margin.
    mutating func row(_ text: String) {
        var text = Self.cut(text, to: Self.width)
        while text.last == " " { text.removeLast() }
        lines.append(text)
    }

    private mutating func write(parts: [String], separator: String, indent: Int, hanging: Int, title: String = "") {
        var line = String(repeating: " ", count: indent) + title
        var isEmpty = true
        for part in parts {
            let joined = isEmpty ? line + part : line + separator + part
            if isEmpty || Self.columns(joined) <= Self.width {
                line = joined
            } else {
                row(line)
                line = String(repeating: " ", count: hanging) + part
            }
            isEmpty = false
        }
        row(line)
    }
}

extension TextPage {
    static func pad(_ text: String, to width: Int) -> String {
        let text = cut(text, to: width)
        return text + String(repeating: " ", count: max(0, width - columns(text)))
    }

    static func padLeft(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - columns(text))) + text
    }

    static func cut(_ text: String, to width: Int) -> String {
        guard columns(text) > width else { return text }
        var kept = ""
        var used = 1
        for character in text {
            used += columns(character)
            if used > width { break }
            kept.append(character)
        }
        return kept + "…"
    }

    static func columns(_ text: String) -> Int { text.reduce(0) { $0 + columns($1) } }

    private static func columns(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first, scalar.value >= 0x1100 else { return 1 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// The blocks that terminals draw two columns wide; Unicode Standard Annex 11, the large ones.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
        0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd,
    ]
}
