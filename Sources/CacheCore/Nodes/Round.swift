internal import RedisValues

/// Asks several nodes at once and does not wait for the last: it performs what ``RoundState`` decides.
///
/// Who is late goes on, and the answer is taken when it comes; all of it ends with ``close()``.
package actor Round<Answer: Sendable> {
    /// What an answer shows of the time that answers take; nil where it shows nothing.
    package typealias Take = @Sendable (_ name: String, _ answer: Answer) async -> Duration?

    private var state: RoundState
    private let take: Take
    private var asking: [String: Task<Void, Never>] = [:]
    private var timer: Task<Void, Never>?
    private var waiting: [Int: (round: RoundState.RoundID, continuation: CheckedContinuation<Void, Never>)] = [:]
    private var ids = 0
    private let start = ContinuousClock.now

    /// - Parameters:
    ///   - grace: how much longer the others may take once one answer has shown something.
    ///   - slowest: at least so many times the slowest answer.
    ///   - take: is given every answer, also those that are late.
    package init(grace: Duration, slowest: Int = 0, take: @escaping Take) {
        state = RoundState(grace: RoundState.Grace(grace, factor: slowest))
        self.take = take
    }

    /// One round, or what is left of the one under way; returns when it is over, or at once when the task is cancelled.
    ///
    /// - Parameter mustWait: names that are waited for however long they take.
    package func run(
        _ questions: [(name: String, ask: @Sendable () async -> Answer)], mustWait: Set<String> = []
    ) async {
        let asks = Dictionary(questions.map { ($0.name, $0.ask) }) { first, _ in first }
        let effects = state.begin(questions.map(\.name), mustWait: mustWait, now: now)
        let round = state.round
        perform(effects, asks)
        guard state.isUnderWay, state.round == round else { return }
        ids += 1
        let id = ids
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled || !state.isUnderWay || state.round != round { return continuation.resume() }
                waiting[id] = (round, continuation)
            }
        } onCancel: {
            Task { await self.leave(id) }
        }
    }

    /// Who has been asked and is not waited for, and for how long already.
    package var late: [String: Duration] {
        let now = now
        return state.late.mapValues { now - $0 }
    }

    /// Nobody is asked any more, and nobody waits.
    package func close() {
        timer?.cancel()
        for task in asking.values { task.cancel() }
        for one in waiting.values { one.continuation.resume() }
        waiting = [:]
    }

    private var now: Duration { ContinuousClock.now - start }

    private func leave(_ id: Int) { waiting.removeValue(forKey: id)?.continuation.resume() }

    private func perform(_ effects: [RoundState.Effect], _ asks: [String: @Sendable () async -> Answer] = [:]) {
        for effect in effects {
            switch effect {
            case .ask(let names):
                for name in names {
                    guard let ask = asks[name] else { continue }
                    asking[name] = Task { await self.answered(name, await ask()) }
                }
            case .wake(let instant, let round):
                timer?.cancel()
                timer = Task { await self.wake(round, after: instant - now) }
            case .end(let round):
                timer?.cancel()
                for (id, one) in waiting where one.round == round { leave(id) }
            // Taken already.
            case .news: break
            }
        }
    }

    private func answered(_ name: String, _ answer: Answer) async {
        asking[name] = nil
        let shown = await take(name, answer)
        perform(state.answered(name, counts: shown != nil, roundTrip: shown ?? .zero, now: now))
    }

    private func wake(_ round: RoundState.RoundID, after rest: Duration) async {
        try? await Task.sleep(for: rest)
        guard !Task.isCancelled else { return }
        perform(state.woken(round))
    }
}
