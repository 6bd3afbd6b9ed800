public import ArgumentParser
internal import CacheWatch
internal import CacheModel

/// What both the dashboard on a server and the one on the demo take.
struct WatchOptions: ParsableArguments {
    @Flag(help: "Print one snapshot and exit: 0 healthy, 1 warning, 2 critical, 3 unknown.")
    var once = false

    @OptionGroup var show: ShowOptions

    @Option(
        help: ArgumentHelp(
            "Poll for this long before --once prints, such as 30s; rates need it.", valueName: "duration"))
    var watchFor: DurationArgument?

    @Flag(help: "With --once: estimate which namespace holds how much, in three round trips.")
    var estimate = false

    @Flag(help: "With --once: look who the clients are, too (CLIENT LIST).")
    var clients = false

    @Option(
        help: ArgumentHelp(
            "Keys that an estimate draws, \(Settings.sampleRange.lowerBound) to \(Settings.sampleRange.upperBound).",
            valueName: "n"))
    var sample: Int?

    @Option(
        help: ArgumentHelp(
            "With --once: walk all keys; \"full\" asks every key for type, TTL and size, \"counts\" only some.",
            valueName: "counts|full"))
    var sweep: SweepMode?

    @Option(help: ArgumentHelp("How hard --sweep may lean on the server.", valueName: "gentle|fast"))
    var pace: SweepPace?

    @Option(help: .hidden)
    var engine = SweepEngineChoice.auto

    @Option(
        help: ArgumentHelp("Write what --once prints to this file; - is standard output.", valueName: "file"),
        transform: Environment.path)
    var output: String?

    @Option(help: ArgumentHelp("Seconds between polls, 0.2 to 60.", valueName: "seconds"))
    var interval: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "Record what is seen in this folder, or this file of JSON lines (see `cachewatch record`).",
            valueName: "path"),
        transform: Environment.path)
    var record: String?

    @Option(
        help: ArgumentHelp(
            "Compare with a recording, a day before or at a time of it: a second, dim line, and the difference.",
            valueName: "path[@time]"),
        transform: Environment.path)
    var twin: String?

    @Option(
        name: .customLong("twin-url"),
        help: ArgumentHelp(
            "Compare with another server; its password may come from REDIS_TWIN_PASSWORD.", valueName: "url"))
    var twinURL: String?

    @Option(help: DiffWish.help)
    var diff: String?

    @Flag(help: "Print no log lines on standard error with --once.")
    var quiet = false

    private var format: OutputFormat? { show.format }
    private var theme: String? { show.theme }
    private var ascii: Bool { show.ascii }

    func validate() throws {
        if let interval, !Settings.intervalRange.contains(interval.duration) {
            throw ValidationError("--interval: \(interval.text) is not from 0.2 to 60 seconds")
        }
        if record?.isEmpty == true { throw ValidationError("--record: a folder's or a file's name, please") }
        if let sample, !Settings.sampleRange.contains(sample) {
            let ends = "from \(Settings.sampleRange.lowerBound) to \(Settings.sampleRange.upperBound)"
            throw ValidationError("--sample: \(sample) is not \(ends)")
        }
        if let diff { _ = try DiffWish(diff) }
        if let words = (once ? idleInASnapshot : idleInTheDashboard).first(where: \.isGiven)?.words {
            throw ValidationError(words)
        }
    }

    /// What would do nothing where it stands: whoever has typed it means something by it.
    private var idleInTheDashboard: [(isGiven: Bool, words: String)] {
        [
            (watchFor != nil, "--watch-for belongs to --once"),
            (estimate, "--estimate belongs to --once; the dashboard estimates by itself"),
            (clients, "--clients belongs to --once; in the dashboard it is screen 5"),
            (sweep != nil, "--sweep belongs to --once; in the dashboard it is the key s"),
            (pace != nil, "--pace belongs to --sweep; in the dashboard it is the key f"),
            (output != nil, "--output belongs to --once"), (format != nil, "--format belongs to --once"),
            (quiet, "--quiet belongs to --once"),
            (diff != nil, "--diff belongs to --once; in the dashboard it is --twin"),
            (twin != nil && twinURL != nil, "--twin and --twin-url: one of them, please"),
            (twin?.isEmpty == true, "--twin: a recording's name, please"),
        ]
    }

    private var idleInASnapshot: [(isGiven: Bool, words: String)] {
        let isDrawn = format == .svg
        return [
            (twin != nil || twinURL != nil, "--twin and --twin-url belong to the dashboard; --diff is for --once"),
            (diff != nil && DiffWish.refusal(format) != nil, DiffWish.refusal(format) ?? ""),
            (output?.isEmpty == true, "--output: a file's name, please"),
            (estimate && sweep != nil, "--estimate and --sweep: one of them, please"),
            (pace != nil && sweep == nil, "--pace belongs to --sweep"),
            (sample != nil && !estimate, "--sample belongs to --estimate"),
            (interval != nil && watchFor == nil, "--interval belongs to --watch-for: without it there is one poll"),
            (theme != nil && !isDrawn, "--theme belongs to the dashboard and to --format svg"),
            (ascii && !isDrawn, "--ascii belongs to the dashboard and to --format svg"),
        ]
    }

    /// What `--once` is to do; nil for the dashboard.
    func order() throws -> SnapshotOrder? {
        guard once else { return nil }
        var order = SnapshotOrder(format: format ?? .text)
        (order.watchFor, order.isQuiet) = (watchFor?.duration ?? .zero, quiet)
        order.output = output == "-" ? nil : output
        order.looksAtClients = clients
        order.diff = try diff.map { DiffSource(try DiffWish($0)) }
        if let sweep {
            order.look = .sweep(SweepOptions(full: sweep == .full, pace: pace ?? .gentle, engine: engine))
        } else if estimate {
            order.look = .estimate
        }
        return order
    }

    /// - Parameter config: of the server that is watched: what it says of TLS is said of the other one, too.
    /// - Throws: an exit with 64 for what cannot be a server.
    func twinWish(_ config: String?) throws -> TwinWish {
        guard let twinURL else { return TwinWish(recording: twin) }
        var environment = Environment.all
        // Nobody's password is told to another server.
        environment["REDIS_URL"] = nil
        environment["REDIS_PASSWORD"] = environment["REDIS_TWIN_PASSWORD"]
        do {
            return TwinWish(
                server: try SettingsSources(url: twinURL, configurationPath: config, environment: environment)
                    .settings())
        } catch {
            let words = "\(error)".replacing("--url", with: "--twin-url")
            throw Exit.usage(Printable.escape(words))
        }
    }

    /// Puts what the command line says above everything else.
    func apply(to settings: inout Settings) {
        settings.interval = interval?.duration ?? settings.interval
        settings.estimateSample = sample ?? settings.estimateSample
        settings.theme = theme ?? settings.theme
        settings.ascii = settings.ascii || ascii
    }
}

enum SweepMode: String, ExpressibleByArgument, CaseIterable { case counts, full }

extension SweepPace: ExpressibleByArgument {}
extension ClientGrouping: ExpressibleByArgument {}
extension SweepEngineChoice: ExpressibleByArgument {}
extension OutputFormat: ExpressibleByArgument {}

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
