/// Takes what looks like a secret out of words for people: whoever mistypes a command is shown it again.
public enum SecretFilter {
    /// JWTs, whole or cut, become `***`; so do passwords in URLs, with their users.
    public static func redact(_ text: String) -> String {
        guard text.contains("eyJ") || text.contains("://") else { return text }
        var result = ""
        var rest = text[...]
        while let first = rest.first {
            if rest.hasPrefix("eyJ"), !(result.last.map { $0.isLetter || $0.isNumber } ?? false) {
                let token = rest.prefix(while: isTokenCharacter)
                if token.count >= shortestToken {
                    result += "***"
                    rest = rest.dropFirst(token.count)
                    continue
                }
            }
            if rest.hasPrefix("://") {
                result += "://"
                rest = rest.dropFirst(3)
                let authority = rest.prefix { !$0.isWhitespace && $0 != "'" && $0 != "\"" }
                if let at = authority.lastIndex(of: "@"), authority[..<at].contains(":") {
                    result += "***"
                    rest = rest[at...]
                }
                continue
            }
            result.append(first)
            rest = rest.dropFirst()
        }
        return result
    }

    /// A JWT's header alone is longer.
    private static let shortestToken = 12

    private static func isTokenCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-_.+/=".contains(character))
    }
}
