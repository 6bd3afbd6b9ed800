internal import RedisValues

/// What a poll found of the revocations that this program has written.
public struct RevocationCheck: Codable, Equatable, Sendable {
    /// Revocations that are to hold still.
    public var watched: Int
    /// Ids of those that the server does not have, escaped.
    public var lost: [String]
    /// Ids of those of which this poll does not know whether they hold, escaped: their node was not asked, did not
    /// answer, or answered with an error, or nobody knows whether they were revoked on this server at all. Nil where all
    /// were answered.
    public var unanswered: [String]?

    /// Why those were not answered, where the server refuses the question; nil where it may be answered the next time.
    public var refused: String?

    /// Why nobody knows what is to hold: the ledger cannot be read. The figures say nothing then.
    public var problem: String?

    public init(problem: String) { (watched, lost, self.problem) = (0, [], problem) }

    public init(watched: Int, lost: [String], unanswered: [String] = []) {
        self.watched = watched
        self.lost = lost
        self.unanswered = unanswered.isEmpty ? nil : unanswered
    }

    /// True where all are known to hold.
    public var holds: Bool { problem == nil && lost.isEmpty && unanswered == nil }

    /// Nil where all were answered.
    public var unansweredWords: String? {
        guard let count = unanswered?.count, count > 0 else { return nil }
        return "\(Format.count(count)) of \(Format.count(watched)) not answered"
    }
}
