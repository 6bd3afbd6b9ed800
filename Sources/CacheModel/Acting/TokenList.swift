internal import RedisValues

/// All tokens of a file or a paste: a line each, JSON in lines or whole, or columns with a heading.
public struct TokenList: Equatable, Sendable {
    /// A line that cannot be read.
    public struct Trouble: Equatable, Sendable {
        /// From 1.
        public var line: Int
        public var problem: TokenInput.Problem
    }

    public private(set) var tokens: [TokenInput] = []
    public private(set) var troubles: [Trouble] = []

    /// Blank lines, and those that begin with `#`, are left out.
    public init(parsing text: String) {
        let text = text.hasPrefix("\u{feff}") ? text.dropFirst() : text[...]
        if let pieces = JSONPieces(text) {
            for piece in pieces.all { note(piece.line) { () throws(TokenInput.Problem) in try Self.tokens(in: piece) } }
            return
        }
        var table: TokenTable?
        var column: TokenTable.Column?
        var isFirst = true
        // Lines end as their writer had them: a carriage return and a line feed are one character.
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = TokenLine.trimmed(line)
            if words.isEmpty || words.hasPrefix("#") || isFirst && words.lowercased().hasPrefix("sep=") { continue }
            defer { isFirst = false }
            if isFirst {
                table = TokenTable(heading: line)
                column = TokenTable.column(words)
                if table != nil || column != nil { continue }
            }
            if table != nil, TokenTable.isRule(words) { continue }
            note(index + 1) { () throws(TokenInput.Problem) in
                if let table { return [try table.token(line)] }
                let token = try TokenInput(parsing: String(words))
                guard token.isJWT || column != .tokens else {
                    throw .init("this is not a JWT, and below the heading of tokens it is not an id")
                }
                return [token]
            }
        }
    }

    private mutating func note(_ line: Int, _ read: () throws(TokenInput.Problem) -> [TokenInput]) {
        do throws(TokenInput.Problem) { tokens += try read() } catch {
            troubles.append(Trouble(line: line, problem: error))
        }
    }

    private static func tokens(in piece: JSONPieces.Piece) throws(TokenInput.Problem) -> [TokenInput] {
        let value: JSONValue
        do throws(JSONParser.Problem) { value = try JSONParser.parse(Array(piece.text.utf8)) } catch {
            throw .init("is not JSON: \(error.message)")
        }
        guard let elements = TokenJSON.listing(in: value) else { return [try TokenJSON.element(value)] }
        var tokens: [TokenInput] = []
        for element in elements { tokens.append(try TokenJSON.element(element)) }
        return tokens
    }
}
