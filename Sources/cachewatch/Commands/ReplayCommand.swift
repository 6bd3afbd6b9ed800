internal import ArgumentParser
internal import CacheModel
internal import CacheWatch
internal import CommandLineModel
internal import Dashboard
internal import Recording
internal import Reports
internal import TerminalUI

/// What was recorded, as the dashboard has shown it.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "The dashboard on a recording, or with --once what was known at a time.",
        discussion: """
            p pauses, . and , go a snapshot on and back, > and < a minute, } and { to the next alert and the one \
            before, + and - change the speed, :at 14:20 goes to a time. Nothing is asked of any server. Without --at \
            the dashboard begins where the recording does, and --once takes its last snapshot; with it the \
            dashboard opens paused.
            """)

    @OptionGroup var recording: RecordingArgument

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Begin at 14:20, 14:20:07, 2026-11-25T14:20, or so far before the end: -10m.", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("So many times as fast as it was, 0.25 to 300.", valueName: "n"))
    var speed: Double?

    @Flag(help: "Print what was known then and exit: 0 healthy, 1 warning, 2 critical, 3 unknown.")
    var once = false

    @OptionGroup var show: ShowOptions

    @Option(help: DiffWish.help)
    var diff: String?

    @Option(
        help: ArgumentHelp(
            "Compare with another recording, or another time of this one: path, path@14:20.",
            valueName: "path[@time]"),
        transform: Environment.path)
    var twin: String?

    private var format: OutputFormat? { show.format }
    private var theme: String? { show.theme }
    private var ascii: Bool { show.ascii }
    private var path: String { recording.path }

    func validate() throws {
        if format != nil, !once { throw ValidationError("--format belongs to --once") }
        if let diff {
            if !once { throw ValidationError("--diff belongs to --once") }
            if let words = DiffWish.refusal(format) { throw ValidationError(words) }
            _ = try DiffWish(diff)
        }
        if once, format != .svg, theme != nil || ascii {
            throw ValidationError("--theme and --ascii belong to the dashboard and to --format svg")
        }
        if let at, TimeWish.parse(at, from: .now, LocalTime.clock) == nil { throw ValidationError(Self.times(at)) }
        if twin != nil, once { throw ValidationError("--twin belongs to the dashboard") }
        if twin?.isEmpty == true { throw ValidationError("--twin: a recording's name, please") }
        if speed != nil, once { throw ValidationError("--speed belongs to the dashboard") }
        if let speed, !(0.25...300).contains(speed) { throw ValidationError("--speed: 0.25 to 300, please") }
    }

    private static func times(_ at: String) -> String {
        "--at \(Printable.escape(at)): a time is 14:20, 14:20:07, 2026-11-25T14:20, or so far back: -10m"
    }

    func run() async throws {
        let drawn = try format == .svg ? drawnTheme() : nil
        do {
            let reader = ReplayReader(archive: try RecordArchive.open(path))
            var source = try diff.map { DiffSource(try DiffWish($0)) }
            try source?.open()
            let wished = try wished(reader)
            let place = try wished.flatMap { try reader.snapshot(at: $0) } ?? beginning(reader)
            let header = try reader.header(at: place) ?? RecordHeader(target: path)
            if let source { try compare(reader, place, header, source) }
            guard once else { return try await play(reader, place, header, wished) }
            for words in try reader.remarks(on: place, wished: wished, LocalTime.clock) {
                StandardError.write("cachewatch: \(Printable.escape(path)): \(words)")
            }
            try write(reader, place, header, drawn)
        } catch let error as RecordError { throw Exit.failure(error, else: once ? .unknown : .notDone) }
    }

    /// - Returns: nil where no time was asked for.
    private func wished(_ reader: ReplayReader) throws -> WallTime? {
        guard let at else { return nil }
        let span = try reader.span()
        guard let time = TimeWish.parse(at, from: span?.upperBound ?? .now, within: span, LocalTime.clock) else {
            throw Exit.usage(Self.times(at))
        }
        return time
    }

    private func beginning(_ reader: ReplayReader) throws -> ReplayReader.Place {
        guard let place = try reader.end(isLast: once) else {
            throw RecordError.foreign(path: path, "holds no snapshot")
        }
        return place
    }

    // MARK: one snapshot

    private func write(
        _ reader: ReplayReader, _ place: ReplayReader.Place, _ header: RecordHeader, _ drawn: Theme?
    ) throws {
        let moment = try reader.moment(at: place).moment
        guard let snapshot = moment.snapshots.last else {
            throw RecordError.foreign(path: path, "has a snapshot there that cannot be read")
        }
        let alerts = moment.alerts.raised
        let clients = snapshot.clients == nil ? nil : moment.clients
        switch format ?? .text {
        case .text:
            try StandardOutput.write(
                TextReport.render(snapshot, alerts: alerts, clock: LocalTime.clock, clients: clients), .snapshot)
        case .json:
            try StandardOutput.write(JSONReport.render(snapshot, alerts: alerts, clients: clients), .snapshot)
        case .prometheus: try StandardOutput.write(PrometheusReport.render(snapshot, alerts: alerts), .snapshot)
        case .svg: try StandardOutput.write(picture(moment, snapshot, header, drawn ?? .fallback), .snapshot)
        }
        throw ExitCode(Verdict(snapshot, alerts: alerts).status.exitStatus)
    }

    /// - Throws: an exit with what has come out of it.
    private func compare(
        _ reader: ReplayReader, _ place: ReplayReader.Place, _ header: RecordHeader, _ source: DiffSource
    ) throws {
        let time = try reader.head(place).time
        let now = try reader.state(at: place, wished: time)
        guard let was = try source.state(before: time, of: header.target, isFinal: true) else {
            throw RecordError.foreign(path: path, "holds no snapshot")
        }
        let report = DiffReport(was: was, source.name, now: now, source: at.map { "\(path)@\($0)" } ?? path)
        try StandardOutput.write(report.printed(format ?? .text), .snapshot)
        throw ExitCode(report.comparison.result.exitStatus)
    }

    /// In the theme that was asked for, or none: a picture in other colours is another picture.
    private func drawnTheme() throws -> Theme {
        let name = theme ?? Settings().theme
        do throws(ThemeLibraryError) {
            return try ThemeLibrary(environment: Environment.all).theme(named: name)
        } catch {
            throw Exit.usage("theme \(Printable.escape(name)): \(Printable.escapeControls(error.message))")
        }
    }

    private func picture(
        _ moment: ReplayMoment, _ snapshot: Snapshot, _ header: RecordHeader, _ shown: Theme
    ) -> String {
        ReplayPicture(theme: shown, charset: ascii ? .ascii : .unicode, clock: LocalTime.clock)
            .draw(moment, snapshot, header, path: path)
    }

    // MARK: the dashboard

    private func options(_ header: RecordHeader, themes: [String], _ charset: Charset) -> DashboardOptions {
        var options = ReplayPicture.options(header, path: path, themes: themes, charset, LocalTime.clock)
        options.twin = twin
        return options
    }

    private func play(
        _ reader: ReplayReader, _ place: ReplayReader.Place, _ header: RecordHeader, _ wished: WallTime?
    ) async throws {
        try TwinWish(recording: twin).check()
        let stage = try await DashboardStage.open(theme: theme ?? Settings().theme, ascii: ascii, mouse: true)
        let state = DashboardState(
            options: options(header, themes: stage.themes.names, stage.charset), interval: header.interval,
            theme: stage.theme.name, now: .now)
        let player = ReplayPlayer(
            reader: reader, from: place, speed: speed ?? 1, isPaused: at != nil, clock: LocalTime.clock,
            mailbox: stage.mailbox)
        let loop = DashboardLoop(
            stage: stage, source: RecordedSource(player: player, from: wished), lapses: LogLapses(isWished: false),
            files: Operator.filesOrNone,
            twin: TwinRunner(mailbox: stage.mailbox, target: header.target, played: path, clock: LocalTime.clock))
        await loop.run(state)
    }
}
