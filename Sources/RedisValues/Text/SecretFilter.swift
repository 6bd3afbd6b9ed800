/// Takes secrets out of words for people: whoever mistypes a command is shown it again.
///
/// It stands in front of everything that repeats what somebody else wrote: standard error and the log.
public struct SecretFilter: Equatable, Sendable {
    public static let mask = "***"
    private struct Known: Equatable {
        var text: String
        /// Masked wherever it stands; what may be a word of ours is a secret only where somebody quotes it.
        var isEverywhere: Bool
        var mask: String
    }

    /// As they are and as they print; the longest first, so that none leaves the rest of another.
    private let known: [Known]

    /// - Parameters:
    ///   - secrets: what is to be masked wherever it stands, besides what looks like a secret.
    ///   - suspects: what may be one, and may be meant: it is masked where it is quoted.
    public init(secrets: some Sequence<String> = [], suspects: some Sequence<String> = []) {
        var known: [String: Known] = [:]
        func note(_ secret: String, isSuspect: Bool) {
            for text in [secret, Printable.escape(secret), Printable.escapeControls(secret)] {
                // A single sign is a slip of the finger, and in every word.
                guard text.count > 1, text != Self.mask else { continue }
                let isEverywhere = !isSuspect && Self.isNoWord(text) || known[text]?.isEverywhere == true
                let isCredential = text.hasPrefix(":") && text.hasSuffix("@")
                known[text] = Known(
                    text: text, isEverywhere: isEverywhere, mask: isCredential ? ":\(Self.mask)@" : Self.mask)
            }
        }
        for secret in secrets { note(secret, isSuspect: false) }
        for suspect in suspects { note(suspect, isSuspect: true) }
        self.known = known.values.sorted { ($1.text.count, $0.text) < ($0.text.count, $1.text) }
    }

    public func redact(_ text: String) -> String {
        var text = text
        for known in known where text.contains(known.text) {
            if known.isEverywhere { text = text.replacing(known.text, with: known.mask) }
            for quote in ["'", "\""] {
                text = text.replacing(quote + known.text + quote, with: quote + Self.mask + quote)
            }
        }
        return Self.redact(text)
    }

    /// Nobody's word has an authority's signs in it.
    private static func isNoWord(_ secret: String) -> Bool {
        secret.count >= 12 || secret.count >= 6 && !secret.allSatisfy(\.isLetter)
            || secret.contains(":") && secret.contains("@")
    }

    // MARK: what looks like a secret

    /// JWTs, whole or cut, what follows `Bearer` and `Basic`, and passwords in URLs, with their users, become `***`.
    public static func redact(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let first = rest.first {
            if let length = token(in: rest, after: result) {
                result += mask
                rest = rest.dropFirst(length)
            } else if rest.hasPrefix("://") {
                result += "://"
                rest = rest.dropFirst(3)
                let length = credentials(in: rest)
                if length > 0 { result += mask }
                rest = rest.dropFirst(length)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    /// The length of a token at the beginning of a text.
    private static func token(in rest: Substring, after before: String) -> Int? {
        func run() -> Substring { rest.prefix(while: isTokenCharacter) }
        if before.last?.isWhitespace == true, isScheme(before.droppingBlanks) {
            let run = run()
            return run.count >= shortestOpaque ? run.count : nil
        }
        guard JWTText.begins(rest), JWTText.mayBegin(after: before) || JWTText.isSure(rest) else { return nil }
        let run = run()
        // What is not the usual beginning may be a word, unless there is more of it.
        let isLong = run.hasPrefix("eyJ") ? run.count >= shortestToken : run.contains(".") && run.count >= 20
        return isLong ? run.count : nil
    }

    private static func isScheme(_ before: Substring) -> Bool {
        ["bearer", "basic"].contains { name in
            before.suffix(name.count).lowercased() == name && before.dropLast(name.count).last?.isLetter != true
        }
    }

    /// A JWT's header alone is longer.
    private static let shortestToken = 12
    private static let shortestOpaque = 8

    private static func isTokenCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-_.+/=%".contains(character))
    }

    /// How much of what stands behind `://` may be credentials: up to the last `@`, whatever they hold.
    private static func credentials(in rest: Substring) -> Int {
        // How a URL is written is no URL.
        if rest.hasPrefix("[user]") || rest.hasPrefix(mask + "@") { return 0 }
        let word = rest.prefix { !$0.isWhitespace && !"'\"`".contains($0) }
        if let at = word.lastIndex(of: "@") {
            // A user alone is no secret.
            if !word[..<at].contains(":"), isPlace(word[word.index(after: at)...]) { return 0 }
        } else if isPlace(word) {
            return 0
        }
        let line = rest.prefix { !$0.isNewline }
        if let at = line.lastIndex(of: "@") ?? rest.lastIndex(of: "@") {
            let credentials = rest[..<at]
            return credentials.contains(":") ? credentials.count : 0
        }
        return word.contains(":") ? word.count : 0
    }

    /// True for a host, with its port if it has one, and what may follow it.
    private static func isPlace(_ word: Substring) -> Bool {
        var authority = word.prefix { !"/?#,;()".contains($0) }
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            authority = authority[authority.index(after: end)...]
        }
        while let last = authority.last, ":.…!".contains(last) { authority.removeLast() }
        guard let colon = authority.firstIndex(of: ":") else { return true }
        let port = authority[authority.index(after: colon)...]
        return port.count <= 5 && port.allSatisfy { $0.isASCII && $0.isNumber }
    }
}

extension String {
    /// Without those at its end.
    fileprivate var droppingBlanks: Substring {
        var rest = self[...]
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
