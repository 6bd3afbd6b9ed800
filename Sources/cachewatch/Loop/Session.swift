internal import ArgumentParser
internal import CacheWatch
internal import Dashboard
internal import FoundationEssentials
internal import Glibc
internal import Logging
internal import NcursesTerminal
internal import Reports
internal import TerminalUI

/// One use of the program on one server: the dashboard, or a single snapshot.
struct Session {
    let settings: Settings
    let options: WatchOptions

    func run() async throws {
        if options.once {
            try await Snapshooter(settings: settings, options: options).run()
        } else {
            try await runDashboard()
        }
    }

    private func runDashboard() async throws {
        let themes = ThemeLibrary(environment: Environment.all)
        let charset: Charset = settings.ascii || !NcursesTerminal.localeIsUTF8 ? .ascii : .unicode
        var initialTheme = Theme.fallback
        var complaint: String?
        do throws(ThemeLibraryError) {
            initialTheme = try themes.theme(named: settings.theme)
        } catch {
            complaint = error.message
            StandardError.write("cachewatch: warning: theme \(settings.theme): \(error.message)")
        }
        let logger = fileLogger()
        let watcher = Watcher(
            settings: settings, logger: logger, files: Operator.filesOrNone, actor: Operator.actor)
        let terminal: NcursesTerminal
        do {
            terminal = try await NcursesTerminal.open(
                TerminalOptions(
                    theme: initialTheme, mouse: settings.mouse, environment: Environment.all,
                    terminfoDirectory: Directories.cache.map { $0 + "/terminfo" }))
        } catch let error as TerminalError { throw Exit.usage("\(error)") }
        let state = DashboardState(
            options: DashboardOptions(
                target: settings.target, themes: themes.names, charset: charset, readOnly: settings.readOnly,
                utcOffset: LocalTime.offset, thresholds: settings.thresholds,
                estimateEvery: settings.estimateEvery, classifier: settings.classifier,
                journals: Operator.filesOrNone.journals),
            interval: settings.interval, theme: initialTheme.name, now: .now)
        let loop = DashboardLoop(
            terminal: terminal, watcher: watcher, themes: themes, logger: logger,
            sample: settings.estimateSample)
        if let complaint { loop.mailbox.post(.themeFailed(name: settings.theme, reason: complaint)) }
        await loop.run(state)
    }

    private func fileLogger() -> Logger {
        let path = settings.logFile ?? Directories.state.map { $0 + "/cachewatch.log" }
        let handler: any LogHandler = path.flatMap { PlainLogHandler.file($0) } ?? SwiftLogNoOpLogHandler()
        return Logger(label: "cachewatch") { _ in handler }
    }
}

/// Where files of ours belong, made when asked for (XDG base directories).
enum Directories {
    static var state: String? { directory("XDG_STATE_HOME", fallback: ".local/state") }
    static var cache: String? { directory("XDG_CACHE_HOME", fallback: ".cache") }

    private static func directory(_ variable: String, fallback: String) -> String? {
        guard let base = Environment[variable] ?? Environment["HOME"].map({ "\($0)/\(fallback)" }) else { return nil }
        let path = base + "/cachewatch"
        do throws(CacheError) {
            try OperationFiles.makeFolder(path)
            return path
        } catch { return nil }
    }
}

enum LocalTime {
    /// Seconds east of UTC, now.
    static var offset: Int {
        var seconds = time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return parts.tm_gmtoff
    }
}
