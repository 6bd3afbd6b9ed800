/// The glyphs that a terminal can show.
public enum Charset: Sendable, Equatable {
    case unicode, ascii

    public var ellipsis: Character { self == .unicode ? "…" : "~" }
    public var bullet: Character { self == .unicode ? "●" : "*" }
    public var alert: Character { self == .unicode ? "▲" : "!" }
    /// The largest first, and the smallest first.
    public var descending: Character { self == .unicode ? "▼" : "v" }
    public var ascending: Character { self == .unicode ? "↑" : "^" }
    public var limit: Character { self == .unicode ? "┄" : "-" }
    public var marker: Character { self == .unicode ? "›" : ">" }

    struct Border {
        var horizontal: Character
        var vertical: Character
        var topLeft: Character
        var topRight: Character
        var bottomLeft: Character
        var bottomRight: Character
    }

    var border: Border {
        switch self {
        case .unicode:
            Border(horizontal: "─", vertical: "│", topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯")
        case .ascii:
            Border(horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+")
        }
    }
}

extension Frame {
    /// The same screen in ASCII: known glyphs get a likeness, others become `?`.
    public func asciified() -> Frame {
        var frame = self
        for row in 0..<max(0, size.rows) {
            for column in 0..<size.columns {
                let glyph = self[column, row].glyph
                if glyph.isASCII, glyph != Cell.continuation { continue }
                frame[column, row].glyph = Charset.likeness[glyph] ?? "?"
            }
        }
        return frame
    }

}

extension Charset {
    /// What our own glyphs are in ASCII.
    static let likeness: [Character: Character] = [
        "–": "-", "—": "-", "…": "~", "·": ".", "●": "*", "▲": "!", "▼": "v", "›": ">", "µ": "u", "┄": "-", "×": "x",
        "±": "+",
        "≤": "<",
        "✓": "v", "↑": "^", "↓": "v", "→": ">", "←": "<", "│": "|", "─": "-", "█": "#", Cell.continuation: "?",
    ]
}
