internal import RedisValues

/// A line with a token in it, as it comes from headers, cookies, logs, exports and shells.
struct TokenLine {
    /// Without blanks and a byte order mark around it.
    let text: Substring
    /// Without `Bearer`, quotes and commas around it, too.
    let bare: Substring

    init(_ text: String) {
        self.text = Self.trimmed(text[...])
        var bare = self.text
        for scheme in ["bearer ", "authorization: bearer "] where bare.lowercased().hasPrefix(scheme) {
            bare = Self.trimmed(bare.dropFirst(scheme.count))
        }
        self.bare = Self.unwrapped(bare)
    }

    static func trimmed(_ text: Substring) -> Substring {
        func isAround(_ character: Character) -> Bool { character.isWhitespace || character == "\u{feff}" }
        var rest = text.drop(while: isAround)
        while let last = rest.last, isAround(last) { rest.removeLast() }
        return rest
    }

    /// Without quotes that belong together, and the commas and semicolons of a list behind them.
    private static func unwrapped(_ text: Substring) -> Substring {
        var rest = text
        while let last = rest.last, ",;".contains(last) { rest = trimmed(rest.dropLast()) }
        let quotes: [Character: Character] = ["\"": "\"", "'": "'", "`": "`", "“": "”", "‘": "’", "«": "»"]
        guard let first = rest.first, let end = quotes[first], rest.count > 1, rest.last == end else { return rest }
        let inside = rest.dropFirst().dropLast()
        return inside.contains(first) || inside.contains(end) ? rest : trimmed(inside)
    }

    // MARK: JSON

    /// The whole line, or what stands behind the time and the level of a log.
    var json: JSONValue? {
        guard let last = text.last, "}],".contains(last), let begin = text.firstIndex(where: { "{[".contains($0) })
        else { return nil }
        for start in [begin, text.firstIndex(of: "{")].compactMap({ $0 }) {
            if start != text.startIndex, text[start] == "[" { continue }
            var rest = text[start...]
            if rest.last == "," { rest.removeLast() }
            if let value = try? JSONParser.parse(Array(rest.utf8)) { return value }
        }
        return nil
    }

    // MARK: JWTs

    /// All that are in it, whole or cut, each once.
    var jwts: [Substring] { Self.jwts(in: text) }

    static func jwts(in text: some StringProtocol) -> [Substring] {
        var found = scan(Substring(text))
        if text.contains("%"), let bytes = PercentCoding.decode(text),
            let plain = String(validating: bytes, as: UTF8.self)
        {
            let decoded = scan(plain[...])
            if decoded.count >= found.count { found = decoded }
        }
        return found
    }

    private static func scan(_ text: Substring) -> [Substring] {
        var found: [Substring] = []
        var index = text.startIndex
        while index < text.endIndex {
            let rest = text[index...]
            guard JWTText.begins(rest), JWTText.mayBegin(after: text[..<index]) || JWTText.isSure(rest) else {
                index = text.index(after: index)
                continue
            }
            let run = run(rest)
            if isToken(run, alone: run.count == text.count), !found.contains(run) { found.append(run) }
            index = run.endIndex
        }
        return found
    }

    /// The characters of a JWT, with its padding, and without the dot at the end of a sentence.
    private static func run(_ rest: Substring) -> Substring {
        var end = rest.startIndex
        while end < rest.endIndex {
            if rest[end] == "=" {
                let behind = rest[end...].drop { $0 == "=" }
                guard behind.first.map({ $0 == "." || !isSign($0) }) ?? true else { break }
                end = behind.startIndex
            } else if isSign(rest[end]) {
                end = rest.index(after: end)
            } else {
                break
            }
        }
        var run = rest[..<end]
        if run.last == ".", !run.hasSuffix(".."), run.count(where: { $0 == "." }) == 3 { run.removeLast() }
        return run
    }

    private static func isSign(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-_.+/".contains(character))
    }

    /// What only begins like a JWT may be a word.
    private static func isToken(_ run: Substring, alone: Bool) -> Bool {
        if run.hasPrefix("eyJ") { return alone || run.contains(".") || run.count >= 12 }
        guard let header = run.split(separator: ".").first, run.contains("."),
            let bytes = Base64URL.decode(header.utf8),
            case .object = try? JSONParser.parse(bytes)
        else { return false }
        return true
    }

    // MARK: ids

    /// The id that the line is, or names.
    func id() throws(TokenInput.Problem) -> String {
        if let named = try named() { return try Self.checked(named) }
        // The complaint that says most.
        let word = bare.hasPrefix("- ") || bare.hasPrefix("* ") ? Self.unwrapped(bare.dropFirst(2)) : bare
        if bare.startIndex > text.startIndex, text.lowercased().contains("bearer") {
            throw .init("what follows Bearer is not a JWT: give the token's id (its jti)")
        }
        return try Self.checked(word)
    }

    /// An id by itself: of what may also be several ids, a name or a part of something, nothing is taken.
    static func checked(_ word: Substring) throws(TokenInput.Problem) -> String {
        var word = word
        for layout in BlacklistLayout.allCases where word.hasPrefix(layout.prefix) {
            word = word.dropFirst(layout.prefix.count)
        }
        let id = try TokenInput.checked(id: String(word))
        if id.contains(",") || id.contains(";") || id.contains("|") {
            throw .init(
                "the id holds a \(id.first { ",;|".contains($0) } ?? ","): several columns need a heading such as "
                    + "jti,sub,exp, and several ids a line each")
        }
        let sign = id.first { !$0.isLetter && !$0.isNumber && !"-_.~:+/=".contains($0) }
        if let sign {
            throw .init("the id holds \(sign), which ids mostly do not: give it as {\"jti\": \"…\"} if it is meant")
        }
        guard !TokenNames.isName(id) else { throw .init("this is the name of something, or of nothing, and not an id") }
        let isWhole = id.first.map { $0.isLetter || $0.isNumber || "-_".contains($0) } ?? false
        let ends = id.reversed().drop { $0 == "=" }
        guard isWhole, !ends.contains("="), ends.first.map({ $0.isLetter || $0.isNumber || "-_".contains($0) }) ?? false
        else { throw .init("this is part of something, such as name=value, and not an id") }
        let field = id.split(separator: ":", maxSplits: 1).first.map(String.init) ?? ""
        guard field == id || !TokenNames.isName(field), !id.contains("://"), !id.hasPrefix("blacklist:"),
            !BlacklistLayout.allCases.contains(where: { id.contains($0.prefix) })
        else { throw .init("this names something else, and not a token's id") }
        try KeptWords.check(id, "the id")
        guard !isRounded(id) else {
            throw .init("this is a number that a spreadsheet has rounded: its digits are lost")
        }
        return id
    }

    /// `1.23457E+14`.
    private static func isRounded(_ id: String) -> Bool {
        let parts = id.uppercased().split(separator: "E", omittingEmptySubsequences: false)
        return parts.count == 2 && (parts[1].hasPrefix("+") || parts[0].contains("."))
            && parts[0].allSatisfy { $0.isNumber || $0 == "." } && !parts[0].isEmpty
            && parts[1].dropFirst(parts[1].hasPrefix("+") ? 1 : 0).allSatisfy(\.isNumber) && parts[1].count > 1
    }

    /// What is called the id: `jti: X` alone, or `jti=X` and `"jti": "X"` anywhere.
    private func named() throws(TokenInput.Problem) -> Substring? {
        var found: [Substring] = []
        var index = text.startIndex
        while index < text.endIndex {
            let isWord = text[index].isLetter
            guard isWord, index == text.startIndex || !Self.isWordSign(text[text.index(before: index)]) else {
                index = text.index(after: index)
                continue
            }
            let name = text[index...].prefix(while: Self.isWordSign)
            index = name.endIndex
            guard TokenNames.ids.contains(TokenNames.plain(String(name))), let value = value(behind: name) else {
                continue
            }
            if !found.contains(value) { found.append(value) }
        }
        guard found.count < 2 else { throw .init("this names \(found.count) ids: give each on a line of its own") }
        return found.first
    }

    private static func isWordSign(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_-.".contains(character)
    }

    private func value(behind name: Substring) -> Substring? {
        var rest = text[name.endIndex...]
        var isQuoted = false
        if let quote = rest.first, "\"'".contains(quote) {
            guard name.startIndex > text.startIndex, text[text.index(before: name.startIndex)] == quote else {
                return nil
            }
            isQuoted = true
            rest = rest.dropFirst()
        }
        let blanks = rest.prefix { $0 == " " }
        rest = rest.dropFirst(blanks.count)
        let isAssignment = rest.hasPrefix("=") && blanks.isEmpty
        guard let mark = ["=>", ":=", "=", ":"].first(where: { rest.hasPrefix($0) }) else { return nil }
        rest = Self.trimmed(rest.dropFirst(mark.count))
        let before = text[..<name.startIndex].filter { !" \t\"'-*".contains($0) }
        if before.isEmpty || before == "export" {
            // The line is nothing else.
            let whole = Self.unwrapped(rest)
            if !whole.contains(where: \.isWhitespace) { return whole }
        }
        if let quote = rest.first, "\"'".contains(quote), isQuoted || isAssignment {
            let inside = rest.dropFirst()
            return inside.firstIndex(of: quote).map { inside[..<$0] }
        }
        guard isAssignment else { return nil }
        let value = rest.prefix { !$0.isWhitespace && !",;&)]}\"'".contains($0) }
        return value.isEmpty ? nil : value
    }
}
