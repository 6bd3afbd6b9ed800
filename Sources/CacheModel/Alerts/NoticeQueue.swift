internal import RedisValues

/// What has become of telling a program of an alert.
public enum NoticeOutcome: Equatable, Sendable {
    case told
    /// The system's words say why.
    case notStarted(String)
    /// With a status other than 0, and the last line of what it has complained of.
    case failed(status: Int32, String)
    /// By a signal that was not ours.
    case killed(signal: Int32)
    /// It was ended when its time was over.
    case tooSlow(Duration)
}

/// What a program of the operator's own is still to be told, in its order; and what is said of one that fails: each
/// complaint once, until it works again.
public struct NoticeQueue: Sendable {
    /// It is slow for minutes where so many wait, and what is new is worth no more than what is late.
    public static let most = 64

    private let program: String
    private var waiting: [String] = []
    private var isFull = false
    private var complaint: String?

    /// - Parameter program: its path.
    public init(program: String) { self.program = Printable.escape(program) }

    public var count: Int { waiting.count }

    /// - Returns: false where there is no room; nobody will be told of it.
    public mutating func put(_ document: String) -> Bool {
        guard waiting.count < Self.most else { return false }
        waiting.append(document)
        return true
    }

    public mutating func next() -> String? { waiting.isEmpty ? nil : waiting.removeFirst() }

    /// Something had no room.
    ///
    /// - Returns: what is to be said, once until all have been told.
    public mutating func noteDrop() -> String? {
        defer { isFull = true }
        return isFull
            ? nil
            : "on_alert: \(Format.count(Self.most)) alerts wait for \(program), which is slower than they come: it is not told of more"
    }

    /// - Returns: what is to be said; nil where nothing is, or it was said.
    public mutating func note(_ outcome: NoticeOutcome) -> String? {
        if waiting.isEmpty { isFull = false }
        let words = words(outcome)
        defer { complaint = words }
        return words == complaint ? nil : words
    }

    private func words(_ outcome: NoticeOutcome) -> String? {
        switch outcome {
        case .told: return nil
        case .notStarted(let why): return "on_alert: \(program) cannot be started: \(why); nobody is told of alerts"
        case .failed(let status, let line):
            let said = line.isEmpty ? "" : ": \(Printable.escape(line, limit: 200))"
            return "on_alert: \(program) has failed with \(status)\(said)"
        case .killed(let signal): return "on_alert: \(program) was killed by signal \(signal)"
        case .tooSlow(let time):
            return "on_alert: \(program) did not end within \(Format.duration(time)), and was ended"
        }
    }

    /// At the end of a watch.
    ///
    /// - Parameter isCutOff: whether one was being told.
    /// - Returns: what was not told; nil where all was.
    public func rest(isCutOff: Bool) -> String? {
        let count = waiting.count + (isCutOff ? 1 : 0)
        return count == 0 ? nil : "on_alert: \(program) was not told of \(Format.count(count, "alert")) before the end"
    }
}
