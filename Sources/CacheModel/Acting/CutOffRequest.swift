public import RedisValues

/// Whom to cut off, and from when.
public struct CutOffRequest: Equatable, Sendable {
    public enum Since: Equatable, Sendable {
        /// The instant at which it is done.
        case now
        case time(WallTime)
    }

    public var user: String
    public var since: Since
    /// For the audit: the server keeps the instant alone.
    public var reason: String?

    public init(user: String, since: Since = .now, reason: String? = nil) {
        self.user = user
        self.since = since
        self.reason = reason
    }

    /// - Throws: ``TokenInput/Problem`` for what is not a point in time.
    public static func since(parsing text: String) throws(TokenInput.Problem) -> Since {
        if text.lowercased() == "now" { return .now }
        guard let time = TimeText.parse(text) else {
            let shown = SecretFilter.redact(Printable.escape(text, limit: 40))
            throw TokenInput.Problem(
                "\"\(shown)\" is not a time: now, Unix seconds with all ten digits, or such as 2026-11-26T04:31:36Z")
        }
        return .time(time)
    }

    /// - Throws: ``TokenInput/Problem`` for a user that cannot be part of a key, for a token or a password that would be
    ///   kept, and for a time to come: tokens would be refused that are not issued yet.
    public func cutOff(at now: WallTime) throws(TokenInput.Problem) -> CutOff {
        let user = try TokenInput.checked(user: user)
        try KeptWords.check(reason, "the reason")
        switch since {
        case .now: return CutOff(user: user, since: now)
        case .time(let time):
            guard time <= now else {
                throw TokenInput.Problem(
                    "\(CutOff.words(time)) is still to come: tokens would be refused that are not issued yet")
            }
            return CutOff(user: user, since: time)
        }
    }
}

/// What is true of a user after having been cut off.
public struct CutOffResult: Equatable, Sendable {
    public enum State: Equatable, Sendable {
        case written
        /// It was cut off already, up to that instant or a later one.
        case unchanged
        /// The words say why.
        case failed(String)
    }

    /// As it stands in the server; as it was asked for where that failed.
    public var cutOff: CutOff
    /// Escaped.
    public var key: String
    public var state: State
    /// nil where it never expires.
    public var lifetime: Duration?
    /// Replicas that had it when the server answered; nil where there is none.
    public var acknowledged: Int?
    public var replicas = 0
    public var risk = EvictionRisk.none
    /// See ``CutOff/doubt(at:)``.
    public var doubt: String?

    public init(cutOff: CutOff, key: String, state: State) {
        self.cutOff = cutOff
        self.key = key
        self.state = state
    }

    public var holds: Bool {
        if case .failed = state { false } else { true }
    }

    /// `cut off: user 17, tokens issued until 2026-11-26T04:31:36Z; TTL 604,800 s, no replica`.
    public var words: String {
        let head: String
        switch state {
        case .failed(let words): return "not cut off: user \(Printable.escape(cutOff.user, limit: 400)): \(words)"
        case .written: head = "cut off"
        case .unchanged: head = "unchanged, cut off already"
        }
        let time = RevocationResult.words(ofLifetime: lifetime)
        let replicas = RevocationResult.words(ofReplicas: replicas, acknowledged: acknowledged)
        return "\(head): \(cutOff.words); " + ([time] + [replicas].compactMap { $0 }).joined(separator: ", ")
    }
}
