/// Options that stand on a command line twice and say two things.
public enum RepeatedOption {
    /// Those that take no value: what stands behind one of them is not its own.
    public static let flags: Set<String> = [
        "--act", "--all", "--anonymous", "--ascii", "--ask-password", "--clients", "--cluster", "--dry-run",
        "--escaped", "--estimate",
        "--force", "--help",
        "--inspect",
        "--into-another-server", "--no-journal", "--once", "--quiet", "--read-only", "--readmit-revoked-tokens",
        "--remove-for-good", "--replace", "--salvage", "--stream", "--version", "--yes",
    ]

    /// Other names of options.
    private static let short: [Substring: Substring] = ["-o": "--output"]

    /// - Returns: the name of the first option that is given again with another value, of which only the last one would
    ///   count, without a word; nil where there is none.
    public static func first(in arguments: [String]) -> String? {
        var values: [Substring: Substring] = [:]
        // What stands behind it is no option.
        let words = arguments.prefix { $0 != "--" }
        for (index, word) in words.enumerated() where !flags.contains(word) {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = short[word[...]] ?? (word.hasPrefix("--") ? parts[0] : nil) else { continue }
            let next = words.dropFirst(index + 1).first.flatMap { $0.hasPrefix("--") ? nil : $0[...] }
            guard let value = parts.count > 1 ? parts[1] : next else { continue }
            if let before = values[name], before != value { return String(name) }
            values[name] = value
        }
        return nil
    }
}
