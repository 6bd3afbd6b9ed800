internal import CacheModel
internal import CommandLineModel
internal import Dashboard
internal import NcursesTerminal
internal import TerminalUI

/// A terminal that shows the dashboard, whatever that shows.
struct DashboardStage {
    let mailbox: Mailbox
    let themes: ThemeLibrary
    let charset: Charset
    /// The one that was asked for, or what there is where it cannot be used.
    let theme: Theme
    let terminal: NcursesTerminal

    /// Takes the terminal; signals are heard from then on.
    ///
    /// - Parameter theme: a name, or a path.
    /// - Throws: an exit with 64 where there is no terminal.
    static func open(theme name: String, ascii: Bool, mouse: Bool) async throws -> DashboardStage {
        let mailbox = Mailbox()
        let departure = Departure.shared
        departure.hearAll()
        departure.attend(status: .done) { mailbox.post(.terminal(.terminate)) }
        let themes = ThemeLibrary(environment: Environment.all)
        let charset = Charset(
            isASCII: ascii || !NcursesTerminal.localeIsUTF8, terminal: Environment["TERM"] ?? "")
        var theme = Theme.fallback
        do throws(ThemeLibraryError) { theme = try themes.theme(named: name) } catch {
            let shown = StandardError.filter.redact(name)
            mailbox.post(.themeFailed(name: shown, reason: StandardError.filter.redact(error.message)))
            StandardError.write("cachewatch: warning: theme \(name): \(error.message)")
        }
        let terminal = NcursesTerminal(
            TerminalOptions(
                theme: theme, mouse: mouse, environment: Environment.all,
                terminfoDirectory: Directories.cache.map { $0 + "/terminfo" },
                fieldOpeners: DashboardState.fieldOpeners))
        departure.take(
            Departure.TakenTerminal(
                restoreModes: { terminal.restoreModes() }, leaveScreen: { terminal.abandonScreen() }))
        do { try await terminal.open() } catch let error as TerminalError { throw Exit.usage("\(error)") }
        return DashboardStage(mailbox: mailbox, themes: themes, charset: charset, theme: theme, terminal: terminal)
    }
}
