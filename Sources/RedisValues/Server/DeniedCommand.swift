/// A command that this connection may not use.
public struct DeniedCommand: Codable, Equatable, Sendable {
    /// Upper case, such as `SLOWLOG GET`.
    public var command: String
    /// What `ACL SETUSER` would need, such as `+slowlog|get`; nil where no rule would help.
    public var needs: String?
    /// The server's own, escaped, where they say more than that it has no such command; nil where they do not.
    public var words: String?

    public init(command: String, needs: String?, words: String? = nil) {
        self.command = command
        self.needs = needs
        self.words = words
    }

    /// Why, in a few words: `needs +slowlog|get`.
    public var reason: String {
        if let needs { return "needs \(needs)" }
        return words.map { "refused: \($0)" } ?? "the server has no such command"
    }
}

/// A question that has no answer, and why: nothing that would follow from it is known.
public struct Unanswered: Codable, Equatable, Sendable {
    public enum Reason: String, Codable, CaseIterable, Sendable {
        /// The server refuses it, and will again.
        case refused
        /// It failed this time.
        case failed
        /// The answer is none that this question has.
        case notUnderstood = "not-understood"
        /// The answer leaves out what was asked for.
        case untold
    }

    /// As people write it, such as `SLOWLOG GET`.
    public var question: String
    public var reason: Reason
    /// Escaped; fit for the end of a sentence that says that something is not known.
    public var words: String

    public init(_ question: String, _ reason: Reason, _ words: String) {
        self.question = question
        self.reason = reason
        self.words = words
    }

    public init(_ denied: DeniedCommand) { self.init(denied.command, .refused, denied.reason) }

    /// `SLOWLOG GET needs +slowlog|get`, `SLOWLOG GET: the server has no such command`.
    public var sentence: String {
        let goesOn = reason == .refused && ["needs ", "refused: "].contains { words.hasPrefix($0) }
        return goesOn ? "\(question) \(words)" : "\(question): \(words)"
    }
}
