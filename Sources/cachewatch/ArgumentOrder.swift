internal import ArgumentParser

/// Options about the server may stand in front of a command: `cachewatch --url … flush session` is what a hand types
/// that has just been watching.
enum ArgumentOrder {
    /// The number of the first argument that is not UTF-8, from 1: it would be read as something else.
    static func firstThatIsNoText() -> Int? {
        (1..<max(1, Int(CommandLine.argc))).first { index in
            guard let pointer = CommandLine.unsafeArgv[index] else { return false }
            return String(validatingCString: pointer) == nil
        }
    }

    /// - Returns: the command first, where one follows options that ``ServerOptions`` takes; otherwise the arguments as
    ///   they are.
    static func commandFirst(_ arguments: [String], commands: Set<String>) -> [String] {
        // The value of an option may be a command's name, too: then what stands before it cannot be parsed.
        let command = arguments.indices.first { index in
            commands.contains(arguments[index]) && (try? ServerOptions.parse(Array(arguments[..<index]))) != nil
        }
        guard let command else { return arguments }
        return [arguments[command]] + arguments[..<command] + arguments[(command + 1)...]
    }
}
