internal import ArgumentParser
internal import CacheWatch
internal import CommandLineModel
internal import Dashboard
internal import Logging
internal import NIOConcurrencyHelpers
internal import Recording
internal import TerminalUI

/// One use of the program on one server: the dashboard, or a single snapshot.
struct Session {
    let settings: Settings
    /// nil for the dashboard.
    let order: SnapshotOrder?
    /// Where journals, audit and ledger lie; nil for the user's own place.
    var files: OperationFiles?
    /// Where it is recorded beside; nil for nowhere.
    var recordPath: String?
    /// What the dashboard compares with.
    var twin = TwinWish()

    func run() async throws {
        if order?.isQuiet != true, let words = Directories.complaint(isSnapshot: order != nil) {
            StandardError.write("cachewatch: warning: \(words)")
        }
        if let order {
            try await Snapshooter(
                settings: settings, order: order,
                files: files ?? Directories.state.map { OperationFiles(directory: $0) },
                recorder: try recorder(.unknown)
            ).run()
        } else {
            try await runDashboard()
        }
    }

    /// - Parameter status: where it cannot be recorded there.
    /// - Throws: an exit; with 4 where somebody else records there.
    func recorder(_ status: ProgramStatus) throws -> Recorder? {
        guard let recordPath else { return nil }
        do throws(RecordError) {
            return try Recorder.open(RecordOrder(path: recordPath, settings, files ?? Operator.filesOrNone))
        } catch { throw Exit.failure(error, else: status) }
    }

    private func runDashboard() async throws {
        let recorder = try recorder(.notDone)
        try twin.check()
        let stage = try await DashboardStage.open(
            theme: settings.theme, ascii: settings.ascii, mouse: settings.mouse)
        let mailbox = stage.mailbox
        let lapses = LogLapses(isWished: settings.logFile != nil)
        let logger = fileLogger { error in
            lapses.note(error)
            mailbox.post(.noticed("Nothing is logged any more: \(error)"))
        }
        let files = files ?? Operator.filesOrNone
        let watcher = Watcher(
            settings: settings, logger: logger, files: files, actor: Operator.actor, isInStep: true)
        var options = DashboardOptions(
            target: settings.target, themes: stage.themes.names, charset: stage.charset, readOnly: settings.readOnly,
            clock: LocalTime.clock, thresholds: settings.thresholds,
            estimateEvery: settings.estimateEvery, looksAtClients: true, classifier: settings.classifier,
            journals: files.journals)
        options.invocation = settings.invocation
        options.twin = twin.recording
        let state = DashboardState(
            options: options, interval: settings.interval, theme: stage.theme.name, now: .now)
        let source = WatchedSource(
            watcher: watcher, logger: logger, mailbox: mailbox, settings: settings, files: files)
        let pager = AlertDesk(settings)
        if let pager {
            Task {
                for await words in pager.messenger.complaints {
                    mailbox.post(.noticed(words))
                    logger.write(.warning(words))
                }
            }
        }
        let loop = DashboardLoop(
            stage: stage, source: source, lapses: lapses, files: files,
            twin: TwinRunner(mailbox: mailbox, target: settings.target, clock: LocalTime.clock),
            twinServer: twin.server,
            desk: RecordingDesk(
                settings: settings, mailbox: mailbox, operations: watcher.operations, recorder, path: recordPath),
            pager: pager)
        await loop.run(state)
    }

    /// - Parameter lost: told once where nothing is logged, or nothing any more.
    private func fileLogger(lost: @escaping @Sendable (CacheError) -> Void) -> Logger {
        let path = settings.logFile ?? Directories.state.map { $0 + "/cachewatch.log" }
        var handler: any LogHandler = SwiftLogNoOpLogHandler()
        if let path {
            do throws(CacheError) { handler = try PlainLogHandler.file(path, StandardError.filter, lost: lost) } catch {
                lost(error)
            }
        }
        return Logger(label: "cachewatch") { _ in handler }
    }
}

/// What of a log could not be written; it is said when the screen is gone, too.
final class LogLapses: Sendable {
    /// Somebody has named the file.
    private let isWished: Bool
    private let words = NIOLockedValueBox<String?>(nil)

    init(isWished: Bool) { self.isWished = isWished }

    func note(_ error: CacheError) {
        words.withLockedValue { $0 = $0 ?? "cachewatch: warning: the log is not whole: \(error)" }
    }

    /// - Returns: what is said at the end, and the status where nothing else has another one.
    var end: (lines: [String], status: ProgramStatus) {
        let words = words.withLockedValue { $0 }
        return ([words].compactMap { $0 }, words != nil && isWished ? .notDone : .done)
    }
}
