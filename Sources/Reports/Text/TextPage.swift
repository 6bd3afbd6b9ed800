internal import TerminalUI

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
        let title = "  " + name + String(repeating: " ", count: max(1, 13 - CharacterWidth.of(name)))
        write(parts: known, separator: "   ", indent: 0, hanging: 15, title: title)
    }

    /// Figures side by side, wrapped between them.
    mutating func line(_ parts: [String]) { write(parts: parts, separator: "   ", indent: 0, hanging: 2) }

    /// A line of its own, cut at the margin.
    mutating func row(_ text: String) {
        var text = TextColumn.cut(text, to: Self.width)
        while text.last == " " { text.removeLast() }
        lines.append(text)
    }

    private mutating func write(parts: [String], separator: String, indent: Int, hanging: Int, title: String = "") {
        var line = String(repeating: " ", count: indent) + title
        var isEmpty = true
        for part in parts {
            let joined = isEmpty ? line + part : line + separator + part
            if isEmpty || CharacterWidth.of(joined) <= Self.width {
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
