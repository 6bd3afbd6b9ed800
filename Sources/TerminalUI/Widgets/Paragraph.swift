/// Text broken into lines at blanks.
public enum Paragraph {
    /// - Returns: lines of at most so many columns; a word that is longer is broken.
    public static func wrap(_ text: String, columns: Int) -> [String] {
        guard columns > 0 else { return [] }
        var lines: [String] = []
        var line = ""
        var used = 0
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            let width = CharacterWidth.of(word)
            if used > 0, used + 1 + width > columns {
                lines.append(line)
                (line, used) = ("", 0)
            }
            if used > 0 {
                line += " "
                used += 1
            }
            for character in word {
                let width = max(1, CharacterWidth.of(character))
                if used + width > columns, used > 0 {
                    lines.append(line)
                    (line, used) = ("", 0)
                }
                line.append(character)
                used += width
            }
        }
        return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
    }
}
