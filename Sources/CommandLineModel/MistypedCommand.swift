internal import CacheModel

/// What was probably meant where the command line holds no command: `cachewatch flsh product`.
public enum MistypedCommand {
    /// - Parameters:
    ///   - arguments: without the program's name, that the parser did not take.
    ///   - commands: all that there are.
    /// - Returns: the beginning of the command line that was meant, without what else was typed, which may be secret; nil
    ///   where there is a command, or nothing like one.
    public static func suggestion(for arguments: [String], commands: Set<String>) -> String? {
        let words = arguments.prefix { $0 != "--" }
        guard !words.contains(where: commands.contains) else { return nil }
        var isValue = false
        for word in words {
            defer {
                isValue = word.hasPrefix("--") && !word.contains("=") && !RepeatedOption.flags.contains(word)
            }
            guard !word.hasPrefix("-"), !isValue else { continue }
            // Only the first one can be a command.
            return Nearest.of(word, among: commands.sorted()).map { "cachewatch \($0)" }
        }
        return nil
    }
}
