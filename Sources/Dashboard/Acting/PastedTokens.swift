internal import CacheModel

/// Tokens that were given to a dialog: what came with each paste is read as the command reads its file.
struct PastedTokens: Equatable {
    /// One paste, with what has come after it and continues it.
    private struct Part: Equatable {
        var text: String
        /// nil where more has come since it was read.
        var list: TokenList?

        init(_ text: String) {
            self.text = text
            list = TokenList(parsing: text)
        }

        /// Whether it has more lines than one.
        var hasLines: Bool {
            text.split(whereSeparator: \.isNewline).count { !$0.allSatisfy(\.isWhitespace) } > 1
        }
    }

    private var parts: [Part] = []

    /// What is longer is not read anew with every part of it that arrives.
    private static let longestAtOnce = 4096

    init() {}

    var isEmpty: Bool { parts.isEmpty }
    var tokens: [TokenInput] { parts.flatMap { $0.list?.tokens ?? [] } }
    /// Those that cannot be read among them.
    var count: Int { parts.reduce(0) { $0 + ($1.list.map { $0.tokens.count + $0.troubles.count } ?? 0) } }
    /// Bytes that wait to be read; nil where all is read.
    var unread: Int? {
        let waiting = parts.filter { $0.list == nil }
        return waiting.isEmpty ? nil : waiting.reduce(0) { $0 + $1.text.utf8.count }
    }

    /// What is refused, with its line, and its paste where there are several.
    var problems: [String] {
        parts.enumerated().flatMap { index, part -> [String] in
            let paste = parts.count > 1 ? "paste \(index + 1), " : ""
            let isNumbered = parts.count > 1 || part.hasLines
            return (part.list?.troubles ?? []).map { trouble in
                isNumbered ? "\(paste)line \(trouble.line): \(trouble.problem)" : "\(trouble.problem)"
            }
        }
    }

    mutating func add(_ text: String) { parts.append(Part(text)) }

    /// Adds to the last paste.
    mutating func goOn(_ more: String) {
        guard let last = parts.indices.last else { return add(more) }
        parts[last].text += more
        let isShort = parts[last].text.utf8.count <= Self.longestAtOnce
        parts[last].list = isShort ? TokenList(parsing: parts[last].text) : nil
    }

    /// Reads what has waited.
    mutating func read() {
        for index in parts.indices where parts[index].list == nil { parts[index] = Part(parts[index].text) }
    }
}
