public import RedisValues

/// Tokens of a user that were issued up to an instant, or do not say when: all of them are revoked.
public struct CutOff: Equatable, Sendable {
    public var user: String
    /// Whole seconds, as tokens have them in `iat`.
    public var since: WallTime

    public init(user: String, since: WallTime) {
        self.user = user
        self.since = WallTime(seconds: since.seconds)
    }

    public static let prefix = "blacklist:since:"
    /// What lives longest is a refresh token: no token that is cut off is valid beyond it.
    public static let lifetime = Duration.seconds(7 * 86_400)

    public static func key(of user: String, keyPrefix: [UInt8]) -> [UInt8] {
        keyPrefix + Array((prefix + (TokenID.canonicalUUID(user) ?? user)).utf8)
    }

    /// The user in a key.
    public static func user(in key: [UInt8], keyPrefix: [UInt8]) -> String? {
        let front = keyPrefix + Array(prefix.utf8)
        guard key.starts(with: front), key.count > front.count else { return nil }
        return String(validating: key[front.count...], as: UTF8.self)
    }

    /// What "now" is where a token is issued: the later of two clocks, as they cannot be told apart.
    ///
    /// - Parameter server: a clock that is ahead by more than a few minutes is wrong, and would keep out who logs in
    ///   next.
    public static func now(_ here: WallTime, server: WallTime?) -> WallTime {
        guard let server, server > here, server - here <= .seconds(300) else { return here }
        return server
    }

    /// The value of its key: Unix seconds.
    public var value: String { String(since.seconds) }

    /// Reads such a value; nil for anything else.
    public init?(user: String, value: [UInt8]) {
        guard !value.isEmpty, value.count <= 15, value.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            let seconds = Int64(String(decoding: value, as: UTF8.self))
        else { return nil }
        self.init(user: user, since: WallTime(seconds: seconds))
    }

    /// `user 17, tokens issued until 2026-11-26T04:31:36Z`.
    public var words: String { "user \(Printable.escape(user, limit: 400)), tokens issued until \(Self.words(since))" }

    /// What to say of an instant after which no token of then is valid any more: it is most likely not the one that is
    /// meant. Nil for a later one.
    public func doubt(at now: WallTime) -> String? {
        guard WallTime(seconds: now.seconds) - since > Self.lifetime else { return nil }
        return
            "That was \(Format.age(now - since)) ago. No token is valid for longer than \(Format.duration(Self.lifetime)): "
            + "what was issued until then has expired by now, and only tokens are refused that do not say when they were issued."
    }

    /// `2026-11-26T04:31:36Z`.
    public static func words(_ time: WallTime) -> String { "\(time.date(offset: 0))T\(time.clock(offset: 0))Z" }
}

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
