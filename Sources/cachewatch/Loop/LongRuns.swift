internal import CacheModel
internal import CacheWatch
internal import Dashboard
internal import NIOConcurrencyHelpers

/// What takes its time: looks, of which only the newest is wanted, and acts, which go on whatever is begun after them.
///
/// One act begins when those before it are over; looks wait for looks alone.
final class LongRuns: Sendable {
    private struct Run {
        var control: SweepControl
        var isAct: Bool
        /// False for what nobody waits for any more.
        var isWanted = true
        var task: Task<Void, Never>?
    }

    private struct State {
        var runs: [Ticket: Run] = [:]
        /// The last one that was begun of each.
        var look: (ticket: Ticket, task: Task<Void, Never>)?
        var act: Task<Void, Never>?
        var isStrained = false
    }

    private let state = NIOLockedValueBox(State())

    /// - Parameter body: is called once what it waits for is over, and with a control that may be cancelled by then.
    func begin(_ ticket: Ticket, isAct: Bool, _ body: @escaping @Sendable (SweepControl) async -> Void) {
        let control = SweepControl()
        state.withLockedValue { state in
            control.strain(state.isStrained)
            let before: Task<Void, Never>?
            if isAct {
                before = state.act
            } else {
                before = state.look?.task
                if let older = state.look?.ticket { state.runs[older]?.isWanted = false }
                if let older = state.look?.ticket { state.runs[older]?.control.cancel() }
            }
            state.runs[ticket] = Run(control: control, isAct: isAct)
            let task = Task { [self] in
                await before?.value
                await body(control)
                self.state.withLockedValue { $0.runs[ticket] = nil }
            }
            state.runs[ticket]?.task = task
            if isAct { state.act = task } else { state.look = (ticket, task) }
        }
    }

    /// False for what is over, too.
    func isWanted(_ ticket: Ticket) -> Bool { state.withLockedValue { $0.runs[ticket]?.isWanted ?? false } }

    /// nil for what is over, or was never begun.
    func control(of ticket: Ticket) -> SweepControl? { state.withLockedValue { $0.runs[ticket]?.control } }

    /// Ends a look that nobody waits for any more.
    func drop(_ ticket: Ticket) {
        state.withLockedValue { state in
            state.runs[ticket]?.control.cancel()
            state.runs[ticket]?.isWanted = false
        }
    }

    func strain(_ isStrained: Bool) {
        state.withLockedValue { state in
            state.isStrained = isStrained
            for run in state.runs.values { run.control.strain(isStrained) }
        }
    }

    /// Stops all of them at their next batch, and waits for them.
    func finish() async {
        let tasks = state.withLockedValue { state in
            for run in state.runs.values { run.control.cancel() }
            return state.runs.values.compactMap(\.task)
        }
        for task in tasks { await task.value }
    }
}
