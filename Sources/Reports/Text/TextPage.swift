internal import TerminalUI

/// Lines of at most 100 columns: what is longer goes on below, indented, and nothing is left out. What is to be copied
/// stays on one line, however long.
struct TextPage {
    static let width = 100

    private var lines: [String] = []

    var text: String { lines.map { $0 + "\n" }.joined() }

    mutating func blank() {
        if let last = lines.last, !last.isEmpty { lines.append("") }
    }

    /// Words separated by spaces, wrapped between them; a word longer than a line is broken at its edge.
    mutating func write(_ text: String, indent: Int = 0, hanging: Int? = nil) {
        write(
            parts: text.split(separator: " ").map(String.init), separator: " ", indent: indent,
            hanging: hanging ?? indent)
    }

    /// A name in a column of its own and figures beside it, wrapped between the figures, and a long one at its blanks.
    mutating func field(_ name: String, _ parts: [String?]) {
        let known = parts.compactMap { $0 }
        guard !known.isEmpty else { return }
        let title = "  " + name + String(repeating: " ", count: max(1, 13 - CharacterWidth.of(name)))
        write(parts: known, separator: "   ", indent: 0, hanging: 15, title: title)
    }

    /// Figures side by side, wrapped between them.
    mutating func line(_ parts: [String]) { write(parts: parts, separator: "   ", indent: 0, hanging: 2) }

    /// A command: a line that is pasted in two is two commands.
    mutating func verbatim(_ text: String, indent: Int = 2) { whole(String(repeating: " ", count: indent) + text) }

    /// A line for programs, however long.
    mutating func whole(_ text: String) { lines.append(text) }

    /// A line of its own; what is longer is broken at the edge.
    mutating func row(_ text: String) {
        var text = text
        while text.last == " " { text.removeLast() }
        guard CharacterWidth.of(text) > Self.width else { return lines.append(text) }
        let blanks = text.prefix { $0 == " " }.prefix(Self.width / 2)
        var line = ""
        var used = 0
        for character in text {
            let width = max(1, CharacterWidth.of(character))
            if used + width > Self.width {
                lines.append(line)
                (line, used) = (String(blanks) + "  ", blanks.count + 2)
            }
            line.append(character)
            used += width
        }
        lines.append(line)
    }

    private mutating func write(parts: [String], separator: String, indent: Int, hanging: Int, title: String = "") {
        let margin = String(repeating: " ", count: hanging)
        var line = String(repeating: " ", count: indent) + title
        if CharacterWidth.of(line) > Self.width / 2 {
            row(line)
            line = margin
        }
        var isEmpty = true
        for part in parts {
            if !isEmpty, CharacterWidth.of(line + separator + part) <= Self.width {
                line += separator + part
                continue
            }
            if !isEmpty {
                row(line)
                line = margin
            }
            line = wrap(part, after: line, margin)
            isEmpty = false
        }
        row(line)
    }

    /// Breaks a part that has no room behind what stands in the line already.
    ///
    /// - Returns: its last line.
    private mutating func wrap(_ part: String, after start: String, _ margin: String) -> String {
        guard CharacterWidth.of(start + part) > Self.width else { return start + part }
        var line = start
        var isEmpty = true
        for word in part.split(separator: " ") {
            if isEmpty {
                line += word
            } else if CharacterWidth.of(line) + 1 + CharacterWidth.of(word) <= Self.width {
                line += " " + word
            } else {
                row(line)
                line = margin + word
            }
            isEmpty = false
        }
        return line
    }
}
