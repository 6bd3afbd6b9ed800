internal import CacheWatch
internal import CommandLineModel
internal import Dashboard
internal import NcursesTerminal
internal import TerminalUI

/// Brings actions to the state, performs its effects, and shows one frame for all that has come meanwhile.
struct DashboardLoop {
    let stage: DashboardStage
    let source: any DashboardSource
    let lapses: LogLapses
    let files: OperationFiles
    let twin: TwinRunner
    /// A server to compare with from the beginning.
    var twinServer: Settings?
    /// nil where there is nothing to record.
    var desk: RecordingDesk?
    /// nil where nobody is told of alerts.
    var pager: AlertDesk?

    private var terminal: NcursesTerminal { stage.terminal }
    private var mailbox: Mailbox { stage.mailbox }

    /// Runs until the user, a signal or the terminal ends it; then the process ends.
    func run(_ initial: DashboardState) async -> Never {
        // They end with the process: nobody waits for a poll under way, and what is under way needs its connections.
        for body in [source.run, forwardTerminal, tick, runTwin] { Task { await body() } }
        let (unread, desk) = await show(initial)
        let departure = Departure.shared
        departure.startLeaving()
        async let closing: Void = terminal.close()
        async let untold = pager?.messenger.end()
        let book = await source.finish(unread: unread)
        departure.settle(book.status, book.lines)
        // How they have ended is recorded, too.
        async let recorded: Void? = desk?.close()
        await closing
        _ = await recorded
        let rest = await untold.map { ["cachewatch: \($0)"] } ?? []
        departure.take(nil)
        let end = lapses.end
        departure.leave(book.status == .done ? end.status : book.status, book.lines + end.lines + rest)
    }

    /// - Returns: acts whose results have come since the screen was drawn for the last time, and who records.
    private func show(_ initial: DashboardState) async -> (unread: Set<Ticket>, desk: RecordingDesk?) {
        var (state, desk, pager) = (initial, desk, pager)
        var shown: Frame?
        var face: ClockFace?
        for await _ in mailbox.arrivals {
            let actions = mailbox.takeAll()
            for action in actions {
                if case .terminal(.resumed) = action { shown = nil }
                let effects = state.update(action)
                if case .snapshotArrived = action, let latest = state.watched {
                    let changes = effects.compactMap { if case .log(let change) = $0 { change } else { nil } }
                    desk?.note(latest, changes, raised: state.raised)
                    pager?.note(latest, changes)
                }
                for effect in effects {
                    if case .record(let order) = effect { await desk?.perform(order) }
                    if effect == .quit { return (state.untold.union(actions.compactMap(\.ticket)), desk) }
                    if effect == .redraw { shown = nil }
                    await perform(effect)
                }
            }
            // What a poll has just drawn has the time on it.
            if face == state.clockFace, actions.allSatisfy(\.isTick) { continue }
            face = state.clockFace
            let frame = state.render()
            // Equal frames cost the terminal nothing, not even a look.
            if frame != shown { terminal.present(frame) }
            shown = frame
            state.noteDrawn(frame, at: source.elapsed)
        }
        return ([], desk)
    }

    private func perform(_ effect: Effect) async {
        switch effect {
        case .quit, .record: break
        case .twin(let order): twin.take(order)
        case .suspend:
            // It waits until the terminal has taken everything; keys must not.
            Task { await terminal.suspend() }
        case .redraw: await terminal.redraw()
        case .applyTheme(let name):
            do throws(ThemeLibraryError) {
                await terminal.apply(try stage.themes.theme(named: name))
            } catch { mailbox.post(.themeFailed(name: name, reason: error.message)) }
        case .copy(let text): await terminal.copy(text)
        case .keep(let line):
            do throws(CacheError) {
                mailbox.post(.kept(line, file: try files.keep(line)))
            } catch { mailbox.post(.noticed("Copied; not written beside it: \(error)")) }
        default: await source.perform(effect)
        }
    }

    private func runTwin() async { await twin.run(twinServer) }

    private func forwardTerminal() async {
        for await event in terminal.events { mailbox.post(.terminal(event)) }
    }

    /// Once a second, soon after its turn, so that the clock never skips one: what the poll brings that begins with it is
    /// drawn before.
    private func tick() async {
        while !Task.isCancelled {
            mailbox.post(.ticked(now: .now, elapsed: source.elapsed))
            let milliseconds = WallTime.now.milliseconds
            let rest = 1000 - milliseconds % 1000
            try? await Task.sleep(for: .milliseconds(rest + 60))
        }
    }
}
