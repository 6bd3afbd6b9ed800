/// Options about the server may stand in front of a command: `cachewatch --url … flush session` is what a hand types
/// that has just been watching.
enum ArgumentOrder {
    private static let flags: Set = ["--read-only", "--ask-password", "--cluster"]
    private static let valued: Set = ["--url", "--config", "--sentinel"]

    /// The number of the first argument that is not UTF-8, from 1: it would be read as something else.
    static func firstThatIsNoText() -> Int? {
        (1..<max(1, Int(CommandLine.argc))).first { index in
            guard let pointer = CommandLine.unsafeArgv[index] else { return false }
            return String(validatingCString: pointer) == nil
        }
    }

    /// - Returns: the command first, where one follows such options; otherwise the arguments as they are.
    static func commandFirst(_ arguments: [String], commands: Set<String>) -> [String] {
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            if flags.contains(argument) || valued.contains(where: { argument.hasPrefix($0 + "=") }) {
                index += 1
            } else if valued.contains(argument) {
                index += 2
            } else {
                break
            }
        }
        guard index < arguments.count, commands.contains(arguments[index]) else { return arguments }
        return [arguments[index]] + arguments[..<index] + arguments[(index + 1)...]
    }
}
