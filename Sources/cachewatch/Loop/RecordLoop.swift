internal import ArgumentParser
internal import CacheWatch
internal import CommandLineModel
internal import Logging
internal import Recording

/// Watches without a terminal, as the dashboard does, and records what it sees until a signal ends it.
struct RecordLoop {
    let settings: Settings
    let files: OperationFiles
    /// No log lines on standard error.
    let isQuiet: Bool

    private enum Happening: Sendable {
        case watched(WatchEvent)
        case keys(NamespaceReport)
        case clients(ClientLook)
        case recorder(Recorder.Event)
    }

    /// - Throws: an exit where nothing can be written any more.
    func run(_ sink: RecordSink) async throws -> Never {
        let watcher = Watcher(settings: settings, logger: logger, files: files, actor: Operator.actor)
        let (happenings, continuation) = AsyncStream<Happening>.makeStream(bufferingPolicy: .bufferingNewest(64))
        let work = Task { try await follow(happenings, continuation, watcher, sink) }
        Departure.shared.attend(status: .done) { work.cancel() }
        // They end with the process.
        Task { await watcher.run() }
        Task { for await event in watcher.events { continuation.yield(.watched(event)) } }
        if case .files(let recorder) = sink {
            Task { for await event in recorder.events { continuation.yield(.recorder(event)) } }
        }
        var lines: [String] = []
        var status = ProgramStatus.done
        do { try await work.value } catch let error as ExitCode { status = ProgramStatus(rawValue: error.rawValue) }
        if let words = await sink.end() {
            (lines, status) = (["cachewatch: the recording has not its end: \(words)"], .notDone)
        }
        Departure.shared.leave(status, lines)
    }

    private func follow(
        _ happenings: AsyncStream<Happening>, _ continuation: AsyncStream<Happening>.Continuation, _ watcher: Watcher,
        _ sink: RecordSink
    ) async throws {
        var sink = sink
        var engine = AlertEngine(thresholds: settings.thresholds, classifier: settings.classifier)
        var keys: NamespaceReport?
        var clients: ClientLook?
        // When the last look was begun; nil before the first one.
        var (keysBegun, clientsBegun): (Duration?, Duration?) = (nil, nil)
        var (looksAtKeys, looksAtClients) = (false, false)
        for await happening in happenings {
            switch happening {
            case .keys(let report): (keys, looksAtKeys) = (report, false)
            case .clients(let look): (clients, looksAtClients) = (look, false)
            case .recorder(.paused(let words)): logger.write(.warning("not recorded: \(Printable.escape(words))"))
            case .recorder(.resumed): logger.write(.notice("recorded again"))
            case .watched(.snapshot(var snapshot)):
                (snapshot.namespaces, snapshot.clients) = (keys, clients)
                let changes = engine.evaluate(snapshot)
                for change in changes { logger.write(LogLine(change)) }
                try sink.note(snapshot, changes, raised: engine.raised)
                guard snapshot.isReachable else { continue }
                let now = snapshot.elapsed
                if !looksAtKeys, let every = settings.estimateEvery,
                    keysBegun.map({ now - $0 >= every || engine.wantsLook }) ?? true
                {
                    (looksAtKeys, keysBegun) = (true, now)
                    Task { [settings] in
                        let report = await watcher.surveyor.estimate(sample: settings.estimateSample)
                        continuation.yield(.keys(report))
                    }
                }
                let pause = ClientCadence.interval(clients: clients?.count, isWatched: false)
                if !looksAtClients, clientsBegun.map({ begun in pause.map { now - begun >= $0 } ?? false }) ?? true {
                    (looksAtClients, clientsBegun) = (true, now)
                    Task { continuation.yield(.clients(await watcher.clients.look())) }
                }
            case .watched(.connecting), .watched(.retry): break
            }
        }
    }

    private var logger: Logger {
        let handler: any LogHandler =
            isQuiet ? SwiftLogNoOpLogHandler() : PlainLogHandler.standardError(StandardError.filter)
        return Logger(label: "cachewatch") { _ in handler }
    }
}
