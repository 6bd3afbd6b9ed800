internal import CacheWatch
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
    let mailbox: Mailbox
    let keyspace: KeyspaceRunner
    let operations: OperationRunner

    init(terminal: NcursesTerminal, watcher: Watcher, themes: ThemeLibrary, logger: Logger, sample: Int) {
        self.terminal = terminal
        self.watcher = watcher
        self.themes = themes
        self.logger = logger
        mailbox = Mailbox()
        keyspace = KeyspaceRunner(surveyor: watcher.surveyor, sample: sample, mailbox: mailbox)
        operations = OperationRunner(operations: watcher.operations, browser: watcher.browser, mailbox: mailbox)
    }

    /// Returns when the user or the terminal ends it; the terminal has then been given back.
    func run(_ initial: DashboardState) async {
        var state = initial
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await watcher.run() }
            group.addTask { await forwardTerminal() }
            group.addTask { await forwardWatcher() }
            group.addTask { await tick() }
            var shown: Frame?
            loop: for await _ in mailbox.arrivals {
                for action in mailbox.takeAll() {
                    for effect in state.update(action) {
                        if effect == .quit { break loop }
                        if effect == .redraw || effect == .suspend { shown = nil }
                        await perform(effect)
                    }
                }
                let frame = state.render()
                // Equal frames cost the terminal nothing, not even a look.
                if frame != shown { terminal.present(frame) }
                shown = frame
            }
            keyspace.cancel()
            await terminal.close()
            let patience = Task {
                try await Task.sleep(for: .seconds(1))
                StandardError.write("cachewatch: what is under way is being ended; Ctrl-C leaves at once")
            }
            for line in await operations.finish() { StandardError.write(line) }
            patience.cancel()
            group.cancelAll()
        }
    }

    private func perform(_ effect: Effect) async {
        switch effect {
        case .quit: break
        case .suspend: await terminal.suspend()
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
        case .estimate: keyspace.estimate()
        case .sweep(let full): keyspace.sweep(full: full)
        case .cancelSweep: keyspace.cancel()
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
            let rest = 1000 - WallTime.now.milliseconds % 1000
            try? await Task.sleep(for: .milliseconds(rest + 2))
        }
    }
}
