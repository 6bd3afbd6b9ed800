internal import ArgumentParser
internal import CacheModel
internal import CommandLineModel
internal import Glibc

/// The command line: what is asked for, and nothing of how it is done.
@main
struct Cachewatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cachewatch",
        abstract: "Watch the Redis cache of an e-commerce platform.",
        discussion: """
            Without a command: the live dashboard. With --once: one snapshot on standard output, for cron and tickets; \
            the exit status is 0 healthy, 1 warning, 2 critical, 3 unknown.
            """,
        version: "0.1.0",
        subcommands: [
            WatchCommand.self, KeysCommand.self, InspectCommand.self, ClientsCommand.self, FlushCommand.self,
            UndoCommand.self, RepairCommand.self, RevokeCommand.self, RevokedCommand.self, UnrevokeCommand.self,
            KillCommand.self, DemoCommand.self,
            ACLCommand.self, ThemesCommand.self,
        ],
        defaultSubcommand: WatchCommand.self)

    /// Their names.
    static let commands = Set(configuration.subcommands.compactMap { $0._commandName })

    static func main() async {
        Departure.prepare()
        StandardError.take(commands: commands)
        if let number = ArgumentOrder.firstThatIsNoText() {
            Glibc.exit(Exit.usage("argument \(number) is not UTF-8 text").rawValue)
        }
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let name = RepeatedOption.first(in: arguments) {
            Glibc.exit(Exit.usage("\(name) is given twice, with two values: one of them, please").rawValue)
        }
        do {
            var command = try parseAsRoot(ArgumentOrder.commandFirst(arguments, commands: commands))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch { leave(error) }
    }

    /// As the parser ends a program, but what was typed is repeated without its secrets and escape sequences.
    private static func leave(_ error: any Error) -> Never {
        var status = exitCode(for: error)
        let words = fullMessage(for: error)
        if words.isEmpty { Glibc.exit(status.rawValue) }
        if status.isSuccess {
            do throws(ExitCode) { try StandardOutput.write(words + "\n") } catch { status = error }
        } else {
            // Before it is split: an end of a line may stand in a password.
            let words = StandardError.filter.redact(words)
            for line in words.split(separator: "\n", omittingEmptySubsequences: false) {
                StandardError.write(Printable.escapeControls(line))
            }
        }
        Glibc.exit(status.rawValue)
    }
}
