/// The glyphs that a terminal can show.
public enum Charset: Sendable, Equatable {
    case unicode, ascii

    /// What a terminal can show: the fonts of the Linux console have neither braille nor round corners.
    ///
    /// - Parameters:
    ///   - isASCII: somebody wishes it, or the locale has nothing else.
    ///   - terminal: the name of its description, as in `TERM`.
    public init(isASCII: Bool, terminal: String) {
        self = isASCII || terminal == "linux" || terminal.hasPrefix("linux-") ? .ascii : .unicode
    }

    public var ellipsis: Character { self == .unicode ? "…" : "~" }
    public var bullet: Character { self == .unicode ? "●" : "*" }
    /// Of a warning; what is critical has a sign of its own, since not everybody sees colours.
    public var alert: Character { self == .unicode ? "▲" : "!" }
    /// The largest first, and the smallest first.
    public var descending: Character { self == .unicode ? "↓" : "v" }
    public var ascending: Character { self == .unicode ? "↑" : "^" }
    public var critical: Character { self == .unicode ? "✖" : "X" }
    public var info: Character { self == .unicode ? "·" : "." }
    /// Of what is as it should be, and of what has become so.
    public var kept: Character { self == .unicode ? "✓" : "v" }
    /// Of what nobody knows any more.
    public var unknown: Character { self == .unicode ? "–" : "-" }
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
                frame[column, row].glyph = Charset.likeness[glyph]?.first ?? "?"
            }
        }
        return frame
    }

}

extension Charset {
    /// What our own glyphs are in ASCII, a character or two.
    static let likeness: [Character: String] = [
        "–": "-", "—": "-", "…": "~", "·": ".", "●": "*", "▲": "!", "✖": "X", "▼": "v", "›": ">", "µ": "u", "┄": "-",
        "×": "x", "±": "+-", "≤": "<=", "≥": ">=",
        "✓": "v", "↑": "^", "↓": "v", "→": ">", "←": "<", "│": "|", "─": "-", "█": "#",
        Cell.continuation: "?",
    ]
}
