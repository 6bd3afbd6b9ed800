internal import ArgumentParser
internal import TerminalUI

/// Lists the themes, and says which of them cannot be read.
struct ThemesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "themes", abstract: "List the themes.")

    func run() throws {
        let library = ThemeLibrary(environment: Environment.all)
        var failed = false
        for name in library.names {
            do throws(ThemeLibraryError) {
                _ = try library.theme(named: name)
                FileDescriptor.write(1, name + "\n")
            } catch {
                failed = true
                StandardError.write("cachewatch: \(error.message)")
            }
        }
        if failed { throw ExitCode(1) }
    }
}
