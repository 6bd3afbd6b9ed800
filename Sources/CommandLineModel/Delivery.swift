/// What has become of data that was written to standard output.
public enum Delivery: Equatable, Sendable {
    case written
    /// Whoever read it has had enough, as `head` does.
    case readerGone
    /// Nothing takes it: a full disk, a closed descriptor. The system's words say why.
    case lost(String)

    /// What was written.
    public enum Content: Equatable, Sendable {
        /// A list, a plan, a result.
        case data
        /// What `--once` prints: without it nobody knows how the cache is.
        case snapshot
    }

    /// What the program ends with instead of what it has found; nil where it goes on.
    public func status(of content: Content) -> ProgramStatus? {
        guard case .lost = self else { return nil }
        return content == .snapshot ? .unknown : .notDone
    }

    /// What the program ends with when it has told what has become of an act: what was not done, or half, is worse than
    /// words that nobody got.
    public func status(of outcome: Outcome) -> ProgramStatus {
        outcome.status == .done ? status(of: .data) ?? .done : outcome.status
    }

    /// nil where there is nothing to complain about.
    public var complaint: String? {
        if case .lost(let reason) = self { "standard output cannot be written: \(reason)" } else { nil }
    }
}
