internal import ArgumentParser
internal import CommandLineModel
internal import TerminalUI

/// Lists the themes, and says which of them cannot be read.
struct ThemesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "themes", abstract: "List the themes.")

    func run() throws {
        let library = ThemeLibrary(environment: Environment.all)
        var (names, failed): ([String], Bool) = ([], false)
        for name in library.names {
            do throws(ThemeLibraryError) {
                _ = try library.theme(named: name)
                names.append(name)
            } catch {
                failed = true
                StandardError.write("cachewatch: \(error.message)")
            }
        }
        try StandardOutput.write(names.map { $0 + "\n" }.joined())
        if failed { throw ExitCode(.notDone) }
    }
}
