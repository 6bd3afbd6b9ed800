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
        usage: """
            cachewatch [--url <url>] [--once] [<options>]
            cachewatch <subcommand> [<options>]
            """,
        discussion: """
            To begin with:
              cachewatch --url redis://cache-1:6379          the dashboard; ? is its help
              cachewatch --url redis://cache-1:6379 --once   one snapshot: cron, monitoring
              cachewatch demo                                a server of its own, to try it

            --url takes redis://, rediss://, valkey:// and unix://; without it there is
            REDIS_URL, or the file of --config. --once ends with 0 healthy, 1 warning,
            2 critical, 3 unknown, and prints --format text, json, prometheus or svg.
            All options of both: cachewatch help watch

            Completion: cachewatch --generate-completion-script bash (or zsh, fish)
            """,
        version: LibraryVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Watching",
                subcommands: [
                    WatchCommand.self, RecordCommand.self, ReplayCommand.self, BundleCommand.self, DemoCommand.self,
                    ThemesCommand.self,
                ]),
            CommandGroup(
                name: "Looking",
                subcommands: [
                    KeysCommand.self, InspectCommand.self, ClientsCommand.self, RevokedCommand.self,
                    JournalsCommand.self,
                ]),
            CommandGroup(
                name: "Acting",
                subcommands: [
                    FlushCommand.self, UndoCommand.self, RepairCommand.self, RevokeCommand.self, UnrevokeCommand.self,
                    KillCommand.self,
                ]),
            CommandGroup(name: "Preparing", subcommands: [ACLCommand.self]),
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
            let arguments = Array(CommandLine.arguments.dropFirst())
            if let meant = MistypedCommand.suggestion(for: arguments, commands: commands) {
                StandardError.write("Did you mean '\(meant)'?")
            }
        }
        Glibc.exit(status.rawValue)
    }
}
