internal import ArgumentParser
internal import CacheWatch
internal import CommandLineModel
internal import Logging
internal import NIOConcurrencyHelpers
internal import Recording

/// Watches without a terminal, as the dashboard does, and records what it sees until a signal ends it.
struct RecordLoop {
    let settings: Settings
    let files: OperationFiles
    /// No log lines on standard error.
    let isQuiet: Bool

    /// A disk may be slow, and no server is waited for: whoever ends a watch wants its last lines. A reader that takes
    /// nothing is told of before.
    private static let patience = RecordOutlet.patience + .seconds(1)

    private enum Happening: Sendable {
        case watched(WatchEvent)
        case recorder(Recorder.Event)
    }

    /// What was looked at beside the polls.
    private struct Looks: Sendable {
        var keys: NamespaceReport?
        var clients: ClientLook?
        var areKeysUnderWay = false
        var areClientsUnderWay = false
    }

    /// - Throws: an exit where nothing can be written any more.
    func run(_ sink: RecordSink) async throws -> Never {
        let watcher = Watcher(settings: settings, logger: logger, files: files, actor: Operator.actor)
        let (happenings, continuation) = AsyncStream<Happening>.makeStream(bufferingPolicy: .bufferingNewest(64))
        let pager = AlertDesk(settings)
        if let pager { Task { for await words in pager.messenger.complaints { logger.write(.warning(words)) } } }
        let work = Task { try await follow(happenings, watcher, sink, pager) }
        Departure.shared.attend(
            words: ["cachewatch: the recording has not its end: it could not be written in time"], status: .notDone,
            patience: Self.patience
        ) { work.cancel() }
        // They end with the process.
        Task { await watcher.run() }
        Task { for await event in watcher.events { continuation.yield(.watched(event)) } }
        if case .files(let recorder) = sink {
            Task { for await event in recorder.events { continuation.yield(.recorder(event)) } }
        }
        var lines: [String] = []
        var status = ProgramStatus.done
        do { try await work.value } catch let error as ExitCode { status = ProgramStatus(rawValue: error.rawValue) }
        async let untold = pager?.messenger.end()
        if let words = await sink.end() {
            (lines, status) = (["cachewatch: the recording has not its end: \(words)"], .notDone)
        }
        // Whatever else takes long, this is so.
        Departure.shared.settle(status, lines)
        if let words = await untold { lines.append("cachewatch: \(words)") }
        Departure.shared.leave(status, lines)
    }

    private func follow(
        _ happenings: AsyncStream<Happening>, _ watcher: Watcher, _ sink: RecordSink, _ pager: AlertDesk?
    ) async throws {
        var (sink, pager) = (sink, pager)
        var engine = AlertEngine(thresholds: settings.thresholds, classifier: settings.classifier)
        let looks = NIOLockedValueBox(Looks())
        var cadence = LookCadence()
        // When the last estimate was made, and when the last look at the clients was begun.
        var (estimated, clients): (Duration?, Duration?) = (nil, nil)
        for await happening in happenings {
            switch happening {
            case .recorder(.paused(let words)): logger.write(.warning("not recorded: \(Printable.escape(words))"))
            case .recorder(.resumed): logger.write(.notice("recorded again"))
            case .watched(.snapshot(var snapshot)):
                let seen = looks.withLockedValue { $0 }
                (snapshot.namespaces, snapshot.clients) = (seen.keys, seen.clients)
                let changes = engine.evaluate(snapshot)
                for change in changes { logger.write(LogLine(change)) }
                pager?.note(snapshot, changes)
                try sink.note(snapshot, changes, raised: engine.raised)
                guard snapshot.isReachable else { continue }
                if let report = seen.keys, report.elapsed != estimated {
                    estimated = report.elapsed
                    if report.refusal == nil { cadence.note(lookAt: report.elapsed) }
                    // Nobody is there to ask again for what is allowed by then.
                    cadence.end(estimateAt: report.elapsed, every: settings.estimateEvery, isDenied: false)
                }
                if cadence.isDue(
                    at: snapshot.elapsed, every: settings.estimateEvery, isWished: engine.wantsLook,
                    isBusy: seen.areKeysUnderWay, keys: (snapshot.sum ?? snapshot.dataNodes.first)?.keys)
                {
                    cadence.begin()
                    lookAtKeys(watcher, looks)
                }
                if !seen.areClientsUnderWay, wantsClients(seen.clients, since: clients, now: snapshot.elapsed) {
                    clients = snapshot.elapsed
                    lookAtClients(watcher, looks)
                }
            case .watched(.connecting), .watched(.retry): break
            }
        }
    }

    private func wantsClients(_ look: ClientLook?, since last: Duration?, now: Duration) -> Bool {
        guard let last else { return true }
        return ClientCadence.interval(clients: look?.count, isWatched: false).map { now - last >= $0 } ?? false
    }

    private func lookAtKeys(_ watcher: Watcher, _ looks: NIOLockedValueBox<Looks>) {
        looks.withLockedValue { $0.areKeysUnderWay = true }
        Task { [settings] in
            let report = await watcher.surveyor.estimate(sample: settings.estimateSample)
            looks.withLockedValue { ($0.keys, $0.areKeysUnderWay) = (report, false) }
        }
    }

    private func lookAtClients(_ watcher: Watcher, _ looks: NIOLockedValueBox<Looks>) {
        looks.withLockedValue { $0.areClientsUnderWay = true }
        Task {
            let look = await watcher.clients.look()
            looks.withLockedValue { ($0.clients, $0.areClientsUnderWay) = (look, false) }
        }
    }

    private var logger: Logger {
        let handler: any LogHandler =
            isQuiet ? SwiftLogNoOpLogHandler() : PlainLogHandler.standardError(StandardError.filter)
        return Logger(label: "cachewatch") { _ in handler }
    }
}
