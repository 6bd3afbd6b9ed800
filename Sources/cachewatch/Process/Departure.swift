internal import ArgumentParser
internal import CTerminalGuard
internal import CacheWatch
internal import CommandLineModel
@preconcurrency internal import Dispatch
internal import Glibc
internal import NIOConcurrencyHelpers

/// Ends the process in time, whatever hangs: ``Leaving`` decides, a thread of its own hears and acts.
///
/// What is under way gets the time of whoever attends to end in order, ``Leaving/patience`` as a rule; then the terminal is given back as far as it lets
/// itself be given, what is left undone is said, and the process ends.
final class Departure: Sendable {
    static let shared = Departure()

    /// A terminal whose modes are others than the shell's.
    struct TakenTerminal: Sendable {
        /// Gives the modes back, from any thread; waits for nothing.
        var restoreModes: @Sendable () -> Void
        /// Gives the screen back, from any thread; may block where nobody reads the terminal.
        var leaveScreen: @Sendable () -> Void
    }

    private struct State {
        var leaving = Leaving()
        /// What is left of it, from the first signal or wish to leave on.
        var time: RunningTime?
        var patience = Leaving.patience
        /// Ends what is under way.
        var stop: (@Sendable () -> Void)?
        var terminal: TakenTerminal?
        /// What is cleared away at an end in order.
        var cleanups: [@Sendable () -> Void] = []
    }

    private let state = NIOLockedValueBox(State())
    private let start = ContinuousClock.now

    private init() {}

    private var elapsed: Duration { ContinuousClock.now - start }

    /// The first thing that the program does: from here on no signal is lost.
    static func prepare() {
        core_dumps_forbid()
        let descriptor = leaving_signals_note()
        guard descriptor >= 0 else { return }
        DetachedThread.start { shared.watch(descriptor) }
    }

    // MARK: what it is about

    /// Hears of signals also where the process was begun with some of them ignored.
    func hearAll() { leaving_signals_note_all() }

    /// From now on whoever attends is told of a signal, once.
    ///
    /// - Parameters:
    ///   - stop: may run on any thread, must not block.
    ///   - words: said where it takes too long and nothing is under way that changes anything, with `status`.
    ///   - patience: longer where no server is waited for, and files of its own have to be ended.
    func attend(
        words: [String] = [], status: ProgramStatus, patience: Duration = Leaving.patience,
        stop: @escaping @Sendable () -> Void
    ) {
        state.withLockedValue { state in
            state.leaving.stance = .attended(words: words, status: status)
            (state.patience, state.stop) = (patience, stop)
        }
    }

    /// Runs something that a signal tells to end.
    func during<Answer>(
        _ undertaking: Undertaking, words: [String] = ["cachewatch: interrupted before anything was changed"],
        status: ProgramStatus = .notDone, stop: @escaping @Sendable () -> Void = {},
        _ body: (UnderWay) async throws -> Answer
    ) async rethrows -> Answer {
        let before = state.withLockedValue { $0.leaving.stance }
        attend(words: words, status: status, stop: stop)
        let underWay = begin(undertaking)
        defer {
            underWay.end()
            state.withLockedValue { state in
                state.stop = nil
                if !state.leaving.isLeaving { state.leaving.stance = before }
            }
        }
        return try await body(underWay)
    }

    /// Runs something that changes a server, and that a signal tells to end; its outcome is then said in any case.
    ///
    /// - Throws: an exit with 1 where somebody wants to leave before it has begun.
    func act(
        _ undertaking: Undertaking, stop: @escaping @Sendable () -> Void = {},
        _ body: (UnderWay) async throws -> Outcome
    ) async throws -> Outcome {
        if isLeaving { throw Exit.notDone("interrupted before anything was changed") }
        return try await during(undertaking, stop: stop) { underWay in
            let outcome = try await body(underWay)
            settle(outcome.status, outcome.lines)
            return outcome
        }
    }

    /// Asks somebody: a signal ends the process at once.
    func asking<Answer>(_ body: () -> Answer) -> Answer {
        let before = state.withLockedValue { state in
            defer { state.leaving.stance = .asking }
            return state.leaving.stance
        }
        defer { state.withLockedValue { $0.leaving.stance = before } }
        return body()
    }

    /// What is under way: it is told of where it does not end in time.
    struct UnderWay: Sendable {
        fileprivate let departure: Departure
        fileprivate let number: Int

        func note(done: Int) { departure.state.withLockedValue { $0.leaving.note(done: done, of: number) } }
        func end() { departure.state.withLockedValue { $0.leaving.end(number) } }
        func end(telling book: ReceiptBook) {
            departure.state.withLockedValue { $0.leaving.end(number, telling: book) }
        }
    }

    func begin(_ undertaking: Undertaking) -> UnderWay {
        UnderWay(departure: self, number: state.withLockedValue { $0.leaving.begin(undertaking) })
    }

    /// - Parameter terminal: nil where it was given back.
    func take(_ terminal: TakenTerminal?) { state.withLockedValue { $0.terminal = terminal } }

    /// - Parameter cleanup: runs at an end in order, after ``leave(_:_:)`` was called.
    func atEnd(_ cleanup: @escaping @Sendable () -> Void) { state.withLockedValue { $0.cleanups.append(cleanup) } }

    // MARK: leaving

    /// True from the first signal or wish to leave on.
    var isLeaving: Bool { state.withLockedValue { $0.leaving.isLeaving } }

    /// Somebody wants to leave: from now on it may take as long as after a signal.
    func startLeaving() {
        let isFirst = state.withLockedValue { state in
            guard state.leaving.startLeaving() else { return false }
            state.time = RunningTime(state.patience, from: elapsed)
            return true
        }
        if isFirst { leaving_signals_wake() }
    }

    /// What has ended so far is said, also where something else does not end in time.
    func settleSoFar(_ book: ReceiptBook) { state.withLockedValue { $0.leaving.end(nil, telling: book) } }

    /// What was under way has ended; whatever holds up the rest, this is said, and this is the status.
    func settle(_ status: ProgramStatus, _ lines: [String]) {
        state.withLockedValue { $0.leaving.settle(status, lines) }
    }

    /// Ends the process after everything has ended in order.
    func leave(_ status: ProgramStatus, _ lines: [String]) -> Never {
        // What it has done, nobody could hear of.
        let outcome = Outcome(lines: lines, status: status, hasChanged: true)
        let told = lines.isEmpty ? status : StandardError.tell(lines).status(of: outcome)
        settle(told, [])
        for cleanup in state.withLockedValue({ $0.cleanups }) { cleanup() }
        // Where it has taken too long, the other thread is at it.
        while !state.withLockedValue({ $0.leaving.claimEnd() }) { pause() }
        _exit(told.rawValue)
    }

    // MARK: the thread that hears

    private func watch(_ descriptor: Int32) {
        while true {
            let time = state.withLockedValue { $0.time }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, time.map { Int32(($0.wait / .milliseconds(1)).rounded(.up)) } ?? -1) > 0 {
                var numbers = [UInt8](repeating: 0, count: 16)
                let count = read(descriptor, &numbers, numbers.count)
                for number in numbers.prefix(max(0, count)) where number != 0 { hear(Int32(number)) }
            }
            perform(
                state.withLockedValue { state in
                    guard state.time?.isOver(at: elapsed) == true else { return .none }
                    state.time = nil
                    return state.leaving.expired(isThere: Self.isThere)
                })
        }
    }

    static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private func hear(_ number: Int32) {
        perform(state.withLockedValue { $0.leaving.signalled(number) })
    }

    private func perform(_ step: Leaving.Step) {
        switch step {
        case .none: break
        case .end:
            let stop = state.withLockedValue { state in
                state.time = RunningTime(state.patience, from: elapsed)
                return state.stop
            }
            stop?()
        case .die(let number):
            giveBack(saying: [])
            leaving_signals_die(number)
        case .exit(let status, let words):
            giveBack(saying: words)
            _exit(status.rawValue)
        }
    }

    /// What neither terminal nor standard error takes within this time, nobody gets.
    private static let lastMoment = DispatchTimeInterval.milliseconds(25)
    /// So many of them where both take more, and this machine has run nobody who gives it to them.
    private static let mostMoments = 12

    /// Whether nobody who writes there has to wait.
    private static var isHeard: Bool {
        var both = [1, 2].map { pollfd(fd: $0, events: Int16(POLLOUT), revents: 0) }
        return poll(&both, nfds_t(both.count), 0) == both.count
    }

    private func giveBack(saying words: [String]) {
        let terminal = state.withLockedValue { $0.terminal }
        guard terminal != nil || !words.isEmpty else { return }
        terminal?.restoreModes()
        // On another thread: a terminal that nobody reads must not hold up this one.
        let isDone = DispatchSemaphore(value: 0)
        let hasBegun = DetachedThread.start {
            if let terminal {
                terminal.leaveScreen()
            } else if isatty(2) == 1 {
                // After a question, or how far something is.
                StandardError.show("\n")
            }
            for line in words { StandardError.write(line) }
            isDone.signal()
        }
        guard hasBegun else { return }
        for _ in 0..<Self.mostMoments {
            if isDone.wait(timeout: .now() + Self.lastMoment) == .success || !Self.isHeard { return }
        }
    }
}
