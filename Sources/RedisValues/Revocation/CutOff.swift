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
