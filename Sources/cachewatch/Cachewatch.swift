internal import ArgumentParser

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
            WatchCommand.self, KeysCommand.self, InspectCommand.self, FlushCommand.self, UndoCommand.self,
            RepairCommand.self, RevokeCommand.self, RevokedCommand.self, UnrevokeCommand.self, DemoCommand.self,
            ACLCommand.self, ThemesCommand.self,
        ],
        defaultSubcommand: WatchCommand.self)

    static func main() async {
        let commands = Set(configuration.subcommands.compactMap { $0._commandName })
        await main(ArgumentOrder.commandFirst(Array(CommandLine.arguments.dropFirst()), commands: commands))
    }
}
