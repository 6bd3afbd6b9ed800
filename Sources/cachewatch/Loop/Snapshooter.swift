internal import ArgumentParser
internal import CacheWatch
internal import CommandLineModel
internal import Dashboard
internal import Logging
internal import Reports
internal import TerminalUI

/// `--once`: one snapshot on standard output, and its verdict as the exit status.
struct Snapshooter {
    let settings: Settings
    let order: SnapshotOrder
    let files: OperationFiles?
    /// What is seen until the last snapshot is recorded, too.
    var recorder: Recorder?

    func run() async throws {
        var diff = order.diff
        try diff?.open()
        let before = try diff?.state(before: .now, of: settings.target, isFinal: false)
        var order = order
        // What is known of its keys is compared with what they are now.
        if before?.hasNamespaces == true, order.look == .none { order.look = .estimate }
        try await Snapshooter(settings: settings, order: order, files: files, recorder: recorder).shoot(diff, before)
    }

    private func shoot(_ diff: (any EarlierState)?, _ before: ComparedState?) async throws {
        // Only a picture shows more than the last one, and the screen keeps of each what its charts need.
        var picture = try order.format == .svg ? self.picture() : nil
        let ledger = files.map { files in
            RevocationLedger(
                path: files.ledger, target: settings.target,
                keyPrefix: Array(settings.keyPrefix.utf8))
        }
        let collector = SnapshotCollector(settings: settings, ledger: ledger)
        var engine = AlertEngine(
            thresholds: settings.thresholds, immediate: true, classifier: settings.classifier)
        var log = ConnectionLog(target: settings.target)
        let logger = self.logger
        var reticent = ReticentLog()
        func tell(_ lines: [LogLine]) { for line in lines { reticent.take(line).forEach(logger.write) } }
        tell(log.start())
        let deadline = ContinuousClock.now + (order.watchFor)
        var latest: Snapshot?
        var probes = Probes()
        var keys: NamespaceReport?
        var isFirst = true
        var awaited = Awaited(order.awaited)
        var looked: ContinuousClock.Instant?
        var clients: ClientMemory? = order.looksAtClients ? ClientMemory() : nil
        while true {
            let start = ContinuousClock.now
            var snapshot = await collector.collect()
            // One that has just failed is asked again at once: one poll is no outage.
            let wantsProbe = probes.want(after: snapshot)
            if order.look != .none, !wantsProbe, ContinuousClock.now >= deadline, snapshot.isReachable, keys == nil {
                let look = await survey(collector.surveyor)
                keys = look.report
                tell(look.lines)
            }
            if !order.awaited.isEmpty, order.look != .none, snapshot.isReachable, !wantsProbe, keys == nil,
                looked.map({ start - $0 >= Self.betweenLooks }) ?? true
            {
                // What is awaited may be among the keys.
                (snapshot.namespaces, isFirst, looked) = (await survey(collector.surveyor).report, false, start)
            }
            if isFirst, snapshot.isReachable, !wantsProbe, comparesKeys {
                // Growth is the difference of two looks.
                (snapshot.namespaces, isFirst) = (await survey(collector.surveyor).report, false)
            }
            snapshot.namespaces = keys ?? snapshot.namespaces
            if snapshot.isReachable, isDue(clients, at: snapshot.elapsed, isLast: start >= deadline) {
                clients?.note(await collector.clients.look())
            }
            snapshot.clients = clients?.latest
            let changes = engine.evaluate(snapshot)
            recorder?.note(snapshot, changes, raised: engine.raised)
            if !order.awaited.isEmpty { tell(changes.map { LogLine($0) }) }
            tell(log.lines(for: snapshot))
            _ = picture?.screen.update(.snapshotArrived(snapshot))
            latest = snapshot
            if wantsProbe, !Departure.shared.isLeaving { continue }
            if awaited.isOver(after: snapshot, engine) { break }
            guard ContinuousClock.now < deadline else { break }
            try await Task.sleep(until: min(deadline, start + settings.interval), clock: .continuous)
        }
        if let seen = awaited.seen, !awaited.stand(in: engine) { (latest, engine) = (seen.snapshot, seen.engine) }
        if let latest { engine.conclude(at: latest.elapsed) }
        await end(recorder, engine.raised, tell)
        if order.awaited.isEmpty, engine.raised.contains(where: { $0.id == .memoryHigh }) { tell([.memoryHigh]) }
        if !Departure.shared.isLeaving { await collector.close() }
        guard let snapshot = latest else { return }
        if let diff { try compare(snapshot, engine.raised, diff, before) }
        try write(report(snapshot, engine.raised, clients, picture))
        throw ExitCode(Verdict(snapshot, alerts: engine.raised).status.exitStatus)
    }

    /// - Throws: an exit with what has come out of it.
    private func compare(_ snapshot: Snapshot, _ alerts: [Alert], _ diff: any EarlierState, _ before: ComparedState?)
        throws
    {
        guard
            let was = try before ?? diff.state(before: snapshot.takenAt, of: snapshot.target, isFinal: true),
            let now = try? ComparedState(JSONReport.document(snapshot, alerts: alerts))
        else { throw Exit.unknown("--diff: nothing was seen that could be compared") }
        let report = DiffReport(was: was, diff.name, now: now, source: snapshot.target)
        try write(report.printed(order.format))
        throw ExitCode(report.comparison.result.exitStatus)
    }

    private func end(_ recorder: Recorder?, _ raised: [Alert], _ tell: ([LogLine]) -> Void) async {
        guard let recorder else { return }
        recorder.note(raised: raised)
        await recorder.close()
        if let words = recorder.complaint { tell([.warning("not recorded: \(Printable.escape(words))")]) }
    }

    /// What is waited for: that alerts stand, and that it is known who is behind them.
    private struct Awaited {
        private let alerts: Set<Alert.ID>
        private var missing: Set<Alert.ID>
        private var since: Duration?
        /// The last time at which all of them stood.
        private(set) var seen: (snapshot: Snapshot, engine: AlertEngine)?

        /// So long is waited for names once the alerts were raised: for longer than it takes to compare anything.
        private static let patience = AlertEngine.shortestWatch + .seconds(10)

        init(_ alerts: Set<Alert.ID>) { (self.alerts, missing) = (alerts, alerts) }

        func stand(in engine: AlertEngine) -> Bool { alerts.isSubset(of: engine.raised.map(\.id)) }

        /// - Returns: false where nothing is waited for.
        mutating func isOver(after snapshot: Snapshot, _ engine: AlertEngine) -> Bool {
            guard !alerts.isEmpty else { return false }
            missing.subtract(engine.raised.map(\.id))
            guard missing.isEmpty else { return false }
            if stand(in: engine) { seen = (snapshot, engine) }
            // By the clock of the polls, as the engine tells how long it has watched.
            let began = since ?? snapshot.elapsed
            since = began
            return snapshot.elapsed - began >= Self.patience || engine.names(alerts, at: snapshot.elapsed)
        }
    }

    /// Two failed probes make "unreachable"; the second one follows at once.
    private struct Probes {
        private var failed: Set<String> = []
        private var repeated = 0

        mutating func want(after snapshot: Snapshot) -> Bool {
            let failing = Set(snapshot.dataNodes.filter { !$0.reachable }.map(\.address))
            defer { failed = failing }
            // Nodes that fail in turn are not asked for ever.
            guard !failing.isSubset(of: failed), repeated < 3 else {
                repeated = 0
                return false
            }
            repeated += 1
            return true
        }
    }

    /// Whether an estimate at the beginning is worth its cost: the one at the end is compared with it.
    private var comparesKeys: Bool { order.look == .estimate && order.watchFor >= Self.shortestComparison }
    private static let shortestComparison = Duration.seconds(20)
    private static let betweenLooks = Duration.seconds(5)

    /// Whether the clients are to be looked at now: at first, at last, and as often as while somebody watches them.
    private func isDue(_ clients: ClientMemory?, at now: Duration, isLast: Bool) -> Bool {
        guard let clients else { return false }
        guard let latest = clients.latest, !isLast else { return true }
        guard let interval = ClientCadence.interval(clients: latest.count, isWatched: true) else { return false }
        return now - latest.elapsed >= interval
    }

    /// Looks at the keyspace; a sweep that is interrupted tells what it has counted so far.
    private func survey(_ surveyor: KeyspaceSurveyor) async -> (report: NamespaceReport?, lines: [LogLine]) {
        let report: NamespaceReport?
        if case .sweep(let options) = order.look {
            report = await InterruptibleSweep(surveyor: surveyor, options: options).run()
        } else {
            report = await surveyor.estimate(sample: settings.estimateSample)
        }
        guard let report else {
            return (nil, [.warning("The keyspace was not seen: interrupted before the server answered")])
        }
        let words = report.refusal.map { "The keyspace was not seen whole: \(CacheError.refused($0))" }
        return (report, words.map { [.warning($0)] } ?? [])
    }

    /// In the theme that was asked for, or none: a picture in other colours is another picture.
    ///
    /// - Throws: an exit with 64, before the server is asked.
    private func picture() throws -> Picture {
        do throws(ThemeLibraryError) {
            let theme = try ThemeLibrary(environment: Environment.all).theme(named: settings.theme)
            return Picture(screen: screen(theme), theme: theme)
        } catch {
            throw Exit.usage("theme \(Printable.escape(settings.theme)): \(Printable.escapeControls(error.message))")
        }
    }

    private func report(
        _ snapshot: Snapshot, _ alerts: [Alert], _ clients: ClientMemory?, _ picture: Picture?
    ) -> String {
        switch order.format {
        case .text:
            TextReport.render(
                snapshot, alerts: alerts, clock: LocalTime.clock, clients: clients, settings.invocation)
        case .json: JSONReport.render(snapshot, alerts: alerts, clients: clients, settings.invocation)
        case .prometheus: PrometheusReport.render(snapshot, alerts: alerts)
        case .svg: picture?.text ?? ""
        }
    }

    /// The Overview, before the first snapshot.
    private func screen(_ theme: Theme) -> DashboardState {
        var state = DashboardState(
            options: DashboardOptions(
                target: settings.target, themes: [], charset: settings.ascii ? .ascii : .unicode,
                clock: LocalTime.clock, thresholds: settings.thresholds),
            interval: settings.interval, theme: theme.name, now: .now)
        _ = state.update(.terminal(.resize(Size(columns: 120, rows: 36))))
        return state
    }

    private func write(_ text: String) throws {
        guard let path = order.output else { return try StandardOutput.write(text, .snapshot) }
        do throws(CacheError) { try ReportFile.write(text, to: path) } catch {
            throw Exit.unknown("--output: \(Printable.escape("\(error)"))")
        }
    }

    private var logger: Logger {
        let handler: any LogHandler =
            order.isQuiet ? SwiftLogNoOpLogHandler() : PlainLogHandler.standardError(StandardError.filter)
        return Logger(label: "cachewatch") { _ in handler }
    }
}

/// The Overview as the dashboard draws it.
private struct Picture {
    var screen: DashboardState
    let theme: Theme

    var text: String { SVGReport.render(screen.render(), theme: theme) }
}
