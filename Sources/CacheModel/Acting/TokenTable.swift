internal import RedisValues

/// A file of columns with a heading, as spreadsheets, databases and identity providers export it.
struct TokenTable {
    private let names: [String]
    private let separator: Character

    private static let separators: [Character] = [",", ";", "\t", "|"]

    /// - Returns: nil for a line that is not a heading.
    ///
    /// - Parameter line: with the blanks around it: a tab there belongs to an empty cell.
    init?(heading line: Substring) {
        for separator in Self.separators where line.contains(separator) {
            // Behind the last name there is no column.
            let end = line.lastIndex { !$0.isWhitespace } ?? line.startIndex
            guard let cells = Self.cells(of: line[...end], separator), cells.count > 1 else { continue }
            let plain = cells.map(TokenNames.plain)
            let names = plain.filter { TokenNames.ids.contains($0) || TokenNames.tokens.contains($0) }
            guard !names.isEmpty,
                cells.allSatisfy({ TokenLine.jwts(in: $0).isEmpty && !$0.contains(where: \.isNewline) })
            else { continue }
            (self.names, self.separator) = (cells, separator)
            return
        }
        return nil
    }

    /// What one column holds, by the line above it.
    enum Column { case ids, tokens }

    /// - Returns: nil for a line that is not a heading.
    static func column(_ line: Substring) -> Column? {
        let word = line.filter { !"\"'".contains($0) }
        guard !word.contains(where: { ":=.".contains($0) }) else { return nil }
        let plain = TokenNames.plain(word)
        return TokenNames.ids.contains(plain) ? .ids : TokenNames.tokens.contains(plain) ? .tokens : nil
    }

    /// The line below the heading of a table that was drawn.
    static func isRule(_ line: Substring) -> Bool { line.contains("-") && line.allSatisfy { "-+|:= ".contains($0) } }

    func token(_ line: Substring) throws(TokenInput.Problem) -> TokenInput {
        guard var cells = Self.cells(of: line, separator) else { throw .init("a quote is not closed") }
        while cells.count > names.count, cells.last?.isEmpty == true { cells.removeLast() }
        guard cells.count == names.count else {
            throw .init("has \(cells.count) columns, and the heading \(names.count)")
        }
        var members: [(name: String, value: JSONValue)] = []
        for (name, cell) in zip(names, cells) where !cell.isEmpty {
            if TokenNames.ids.contains(TokenNames.plain(name)), TokenLine.jwts(in: cell).isEmpty {
                members.append((name, .string(try TokenLine.checked(cell[...]))))
            } else {
                members.append((name, .string(cell)))
            }
        }
        return try TokenJSON.element(.object(members))
    }

    /// The cells of a line (RFC 4180): a quote in quotes is doubled.
    private static func cells(of line: Substring, _ separator: Character) -> [String]? {
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        var rest = separator == "\t" ? line : TokenLine.trimmed(line)
        if separator == "|", rest.first == "|", rest.last == "|", rest.count > 1 { rest = rest.dropFirst().dropLast() }
        while let character = rest.popFirst() {
            if character == "\"", isQuoted, rest.first == "\"" {
                cell.append(character)
                rest.removeFirst()
            } else if character == "\"", isQuoted || TokenLine.trimmed(cell[...]).isEmpty {
                isQuoted.toggle()
            } else if character == separator, !isQuoted {
                cells.append(String(TokenLine.trimmed(cell[...])))
                cell = ""
            } else {
                cell.append(character)
            }
        }
        return isQuoted ? nil : cells + [String(TokenLine.trimmed(cell[...]))]
    }
}
