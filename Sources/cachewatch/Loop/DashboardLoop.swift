internal import CacheWatch
internal import CommandLineModel
internal import Dashboard
internal import Logging
internal import NcursesTerminal
internal import TerminalUI

/// Brings actions to the state, performs its effects, and shows one frame for all that has come meanwhile.
struct DashboardLoop {
    let terminal: NcursesTerminal
    let watcher: Watcher
    let themes: ThemeLibrary
    let logger: Logger
    let lapses: LogLapses
    let mailbox: Mailbox
    let keyspace: KeyspaceRunner
    let clients: ClientRunner
    let operations: OperationRunner
    let files: OperationFiles

    init(
        terminal: NcursesTerminal, watcher: Watcher, themes: ThemeLibrary, logger: Logger, lapses: LogLapses,
        mailbox: Mailbox, settings: Settings, files: OperationFiles
    ) {
        self.terminal = terminal
        self.watcher = watcher
        self.themes = themes
        self.logger = logger
        self.lapses = lapses
        self.mailbox = mailbox
        self.files = files
        keyspace = KeyspaceRunner(surveyor: watcher.surveyor, sample: settings.estimateSample, mailbox: mailbox)
        clients = ClientRunner(surveyor: watcher.clients, mailbox: mailbox)
        operations = OperationRunner(
            operations: watcher.operations, browser: watcher.browser, mailbox: mailbox, files: files,
            invocation: settings.invocation)
    }

    /// Runs until the user, a signal or the terminal ends it; then the process ends.
    func run(_ initial: DashboardState) async -> Never {
        // They end with the process: nobody waits for a poll under way, and what is under way needs its connections.
        for body in [watcher.run, forwardTerminal, forwardWatcher, tick] { Task { await body() } }
        let unread = await show(initial)
        let departure = Departure.shared
        departure.startLeaving()
        keyspace.cancel()
        async let closing: Void = terminal.close()
        let book = await operations.finish(unread: unread)
        departure.settle(book.status, book.lines)
        await closing
        departure.take(nil)
        let end = lapses.end
        departure.leave(book.status == .done ? end.status : book.status, book.lines + end.lines)
    }

    /// - Returns: acts whose results have come since the screen was drawn for the last time.
    private func show(_ initial: DashboardState) async -> Set<Ticket> {
        var state = initial
        var shown: Frame?
        for await _ in mailbox.arrivals {
            let actions = mailbox.takeAll()
            for action in actions {
                if case .terminal(.resumed) = action { shown = nil }
                for effect in state.update(action) {
                    if effect == .quit { return state.untold.union(actions.compactMap(\.ticket)) }
                    if effect == .redraw { shown = nil }
                    await perform(effect)
                }
            }
            let frame = state.render()
            // Equal frames cost the terminal nothing, not even a look.
            if frame != shown { terminal.present(frame) }
            shown = frame
            state.noteDrawn(frame, at: watcher.elapsed)
        }
        return []
    }

    private func perform(_ effect: Effect) async {
        switch effect {
        case .quit: break
        case .suspend:
            // It waits until the terminal has taken everything; keys must not.
            Task { await terminal.suspend() }
        case .redraw: await terminal.redraw()
        case .setInterval(let interval): await watcher.setInterval(interval)
        case .reconnect:
            // It may wait for a poll under way; keys must not.
            Task { await watcher.reconnect() }
        case .applyTheme(let name):
            do throws(ThemeLibraryError) {
                await terminal.apply(try themes.theme(named: name))
            } catch { mailbox.post(.themeFailed(name: name, reason: error.message)) }
        case .copy(let text): await terminal.copy(text)
        case .keep(let line):
            do throws(CacheError) {
                mailbox.post(.kept(line, file: try files.keep(line)))
            } catch { mailbox.post(.noticed("Copied; not written beside it: \(error)")) }
        case .estimate: keyspace.estimate()
        case .sweep(let full): keyspace.sweep(full: full)
        case .cancelSweep: keyspace.cancel()
        case .lookAtClients: clients.look()
        case .strain(let isStrained):
            keyspace.strain(isStrained)
            operations.strain(isStrained)
        case .log(let change): logger.write(LogLine(change))
        default: operations.perform(effect)
        }
    }

    private func forwardTerminal() async {
        for await event in terminal.events { mailbox.post(.terminal(event)) }
    }

    private func forwardWatcher() async {
        for await event in watcher.events {
            switch event {
            case .connecting: mailbox.post(.connecting)
            case .snapshot(let snapshot): mailbox.post(.snapshotArrived(snapshot))
            case .retry(let delay, let attempt): mailbox.post(.retryScheduled(in: delay, attempt: attempt))
            }
        }
    }

    /// Once a second, at the turn of the second, so that the clock never skips one.
    private func tick() async {
        while !Task.isCancelled {
            mailbox.post(.ticked(now: .now, elapsed: watcher.elapsed))
            let milliseconds = WallTime.now.milliseconds
            let rest = 1000 - milliseconds % 1000
            try? await Task.sleep(for: .milliseconds(rest + 2))
        }
    }
}
