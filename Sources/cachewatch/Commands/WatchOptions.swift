internal import ArgumentParser
internal import CacheCore

/// What both the dashboard on a server and the one on the demo take.
struct WatchOptions: ParsableArguments {
    @Flag(help: "Print one snapshot and exit: 0 healthy, 1 warning, 2 critical, 3 unknown.")
    var once = false

    @Option(help: "How --once prints: \(OutputFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = OutputFormat.text

    @Option(
        help: ArgumentHelp(
            "Poll for this long before --once prints, such as 30s; rates need it.", valueName: "duration"))
    var watchFor: DurationArgument?

    @Option(help: ArgumentHelp("Write what --once prints to this file.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Seconds between polls, 0.2 to 60.", valueName: "seconds"))
    var interval: DurationArgument?

    @Option(help: ArgumentHelp("A theme's name (see `cachewatch themes`) or a theme file.", valueName: "name"))
    var theme: String?

    @Flag(help: "Draw with ASCII only.")
    var ascii = false

    @Flag(help: "Allow nothing that changes the server.")
    var readOnly = false

    @Flag(help: "Print no log lines on standard error with --once.")
    var quiet = false

    func validate() throws {
        guard once else {
            if watchFor != nil { throw ValidationError("--watch-for belongs to --once") }
            if output != nil { throw ValidationError("--output belongs to --once") }
            return
        }
    }

    /// Puts what the command line says above everything else.
    func apply(to settings: inout Settings) throws {
        if let interval {
            guard Settings.intervalRange.contains(interval.duration) else {
                throw ValidationError("--interval: \(interval.text) is not from 0.2 to 60 seconds")
            }
            settings.interval = interval.duration
        }
        if let theme { settings.theme = theme }
        settings.ascii = settings.ascii || ascii
        settings.readOnly = settings.readOnly || readOnly
    }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, prometheus, svg
}

/// A duration as people type it: `30s`, `500ms`, `2`.
struct DurationArgument: ExpressibleByArgument, Equatable {
    let text: String
    let duration: Duration

    init?(argument: String) {
        guard let duration = DurationText.parse(argument) else { return nil }
        self.duration = duration
        text = argument
    }
}
