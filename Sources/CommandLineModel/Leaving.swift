/// How a process is left: signals, wishes and time go in, what is to be done comes out.
///
/// Whatever hangs, it takes no longer than ``patience`` from the first signal to the end, of time in which the process runs
/// (``RunningTime``): only who waits for no server has more.
public struct Leaving: Sendable {
    /// What the process is about.
    public enum Stance: Equatable, Sendable {
        /// Nothing has to be ended in order: a signal does what signals do.
        case unattended
        /// Somebody is asked, and nothing has been changed.
        case asking
        /// Somebody hears of it and ends what is under way.
        ///
        /// The words and the status are for an end that does not come in time, with nothing under way that changes
        /// anything.
        case attended(words: [String], status: ProgramStatus)
    }

    public enum Step: Equatable, Sendable {
        case none
        /// Give the terminal back and end by this very signal.
        case die(Int32)
        /// Tell whoever attends to end, and ask again when the time is over.
        case end
        /// Give the terminal back as far as it lets itself be given, say this, and end.
        case exit(ProgramStatus, [String])
    }

    /// What is left of 100 ms is for giving back the terminal and for the end of the process itself.
    public static let patience = Duration.milliseconds(60)

    public var stance = Stance.unattended
    /// True from the first signal or wish to leave on.
    public private(set) var isLeaving = false
    private var isEnded = false
    private var underWay: [Int: Undertaking] = [:]
    /// What has ended already and is still to be said, also where something else hangs.
    private var soFar = ReceiptBook()
    private var next = 0

    public init() {}

    // MARK: what is under way

    /// - Returns: the number under which it goes on.
    public mutating func begin(_ undertaking: Undertaking) -> Int {
        next += 1
        underWay[next] = undertaking
        return next
    }

    public mutating func note(done: Int, of number: Int) { underWay[number]?.done = done }

    public mutating func end(_ number: Int) { underWay[number] = nil }

    /// Something has ended, and whoever is leaving is to be told of it.
    ///
    /// - Parameter book: all that is to be said by now.
    public mutating func end(_ number: Int?, telling book: ReceiptBook) {
        if let number { underWay[number] = nil }
        if isLeaving { soFar = book }
    }

    // MARK: leaving

    /// A signal came; only the first one counts: what is under way has its time, and a terminal that is gone is told of
    /// more than once.
    public mutating func signalled(_ number: Int32) -> Step {
        guard !isEnded, !isLeaving else { return .none }
        switch stance {
        case .unattended:
            isEnded = true
            return .die(number)
        case .asking:
            isEnded = true
            return .exit(.notDone, [Self.nothingWasChanged])
        case .attended:
            isLeaving = true
            return .end
        }
    }

    /// A key was pressed, or the terminal is gone: whoever attends knows.
    ///
    /// - Returns: true where time begins to run.
    public mutating func startLeaving() -> Bool {
        defer { isLeaving = true }
        return !isLeaving
    }

    /// What was under way has ended in order; this is the status, and what is still to be said. Without anybody who
    /// wants to leave it is nothing.
    public mutating func settle(_ status: ProgramStatus, _ words: [String]) {
        guard isLeaving else { return }
        (underWay, soFar) = ([:], ReceiptBook())
        stance = .attended(words: words, status: status)
    }

    /// The process ends now.
    ///
    /// - Returns: false where it is being ended already.
    public mutating func claimEnd() -> Bool {
        defer { isEnded = true }
        return !isEnded
    }

    /// The time is over.
    ///
    /// - Parameter isThere: whether there is a file of this name.
    public mutating func expired(isThere: (String) -> Bool) -> Step {
        guard claimEnd() else { return .none }
        var book = soFar
        for (_, undertaking) in underWay.sorted(by: { $0.key < $1.key }) {
            if let outcome = undertaking.abandoned(isThere: isThere) { book.note(outcome, .afterwards) }
        }
        guard book.lines.isEmpty else { return .exit(book.status, book.lines) }
        return switch stance {
        case .attended(let words, let status): .exit(status, words)
        case .asking, .unattended: .exit(.notDone, [Self.nothingWasChanged])
        }
    }

    private static let nothingWasChanged = "cachewatch: interrupted, nothing was changed"
}
