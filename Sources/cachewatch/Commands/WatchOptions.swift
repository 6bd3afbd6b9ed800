public import ArgumentParser
internal import CacheWatch
internal import CacheModel

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

    @Flag(help: "With --once: estimate which namespace holds how much, in two round trips.")
    var estimate = false

    @Option(
        help: ArgumentHelp(
            "Keys that an estimate draws, \(Settings.sampleRange.lowerBound) to 1000000.", valueName: "n"))
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
        help: ArgumentHelp("Write what --once prints to this file.", valueName: "file"), transform: Environment.path)
    var output: String?

    @Option(help: ArgumentHelp("Seconds between polls, 0.2 to 60.", valueName: "seconds"))
    var interval: DurationArgument?

    @Option(
        help: ArgumentHelp("A theme's name (see `cachewatch themes`) or a theme file.", valueName: "name"),
        transform: Environment.path)
    var theme: String?

    @Flag(help: "Draw with ASCII only.")
    var ascii = false

    @Flag(help: "Print no log lines on standard error with --once.")
    var quiet = false

    func validate() throws {
        guard once else {
            if watchFor != nil { throw ValidationError("--watch-for belongs to --once") }
            if estimate { throw ValidationError("--estimate belongs to --once; the dashboard estimates by itself") }
            if sweep != nil { throw ValidationError("--sweep belongs to --once; in the dashboard it is the key s") }
            if output != nil { throw ValidationError("--output belongs to --once") }
            return
        }
        if output?.isEmpty == true { throw ValidationError("--output: a file's name, please") }
        if estimate, sweep != nil { throw ValidationError("--estimate and --sweep: one of them, please") }
        if pace != nil, sweep == nil { throw ValidationError("--pace belongs to --sweep") }
    }

    /// What `--once` is to do; nil for the dashboard.
    var order: SnapshotOrder? {
        guard once else { return nil }
        var order = SnapshotOrder(format: format)
        (order.watchFor, order.output, order.isQuiet) = (watchFor?.duration ?? .zero, output, quiet)
        if let sweep {
            order.look = .sweep(SweepOptions(full: sweep == .full, pace: pace ?? .gentle, engine: engine))
        } else if estimate {
            order.look = .estimate
        }
        return order
    }

    /// Puts what the command line says above everything else.
    func apply(to settings: inout Settings) throws {
        if let interval {
            guard Settings.intervalRange.contains(interval.duration) else {
                throw ValidationError("--interval: \(interval.text) is not from 0.2 to 60 seconds")
            }
            settings.interval = interval.duration
        }
        if let sample {
            guard Settings.sampleRange.contains(sample) else {
                throw ValidationError("--sample: \(sample) is not from 100 to 1000000")
            }
            settings.estimateSample = sample
        }
        if let theme { settings.theme = theme }
        settings.ascii = settings.ascii || ascii
    }
}

enum SweepMode: String, ExpressibleByArgument, CaseIterable { case counts, full }

extension SweepPace: ExpressibleByArgument {}
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
