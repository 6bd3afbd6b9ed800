/// Takes the secrets out of a command before it is shown or logged.
public enum CommandRedaction {
    public static let mask = "***"

    /// - Parameter words: a command's name and arguments, escaped.
    public static func redact(_ words: [String]) -> [String] {
        guard let name = words.first?.uppercased() else { return words }
        switch name {
        case "AUTH": return masked(words) { index, _ in index > 0 }
        case "HELLO", "MIGRATE": return masked(words, after: ["AUTH": 1...2, "AUTH2": 1...2])
        case "CONFIG": return redactConfig(words)
        case "ACL": return masked(words) { index, word in index > 2 && isACLSecret(word) }
        case "SENTINEL": return masked(words, after: ["AUTH-PASS": 1...1, "SENTINEL-PASS": 1...1])
        default: return words
        }
    }

    private static let secretSettings = ["pass", "auth", "key-file"]

    private static func redactConfig(_ words: [String]) -> [String] {
        guard words.count > 2, words[1].uppercased() == "SET" else { return words }
        return masked(words) { index, _ in
            guard index >= 3, !index.isMultiple(of: 2) else { return false }
            let setting = words[index - 1].lowercased()
            return secretSettings.contains { setting.contains($0) }
        }
    }

    private static func isACLSecret(_ word: String) -> Bool {
        guard let first = word.first else { return false }
        return ">#<!".contains(first)
    }

    private static func masked(_ words: [String], where isSecret: (Int, String) -> Bool) -> [String] {
        words.enumerated().map { isSecret($0, $1) ? mask : $1 }
    }

    /// Masks what follows a keyword, at the given distances.
    private static func masked(_ words: [String], after keywords: [String: ClosedRange<Int>]) -> [String] {
        masked(words) { index, _ in
            keywords.contains { keyword, distances in
                distances.contains { index - $0 > 0 && words[index - $0].uppercased() == keyword }
            }
        }
    }
}
