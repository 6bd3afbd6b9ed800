public import RedisValues

/// What is to be revoked, and how.
public struct RevocationRequest: Equatable, Sendable {
    public var tokens: [TokenInput]
    public var reason: String?
    /// In the place of what a token says of itself.
    public var user: String?
    /// In the place of what is left until the token's `exp`.
    public var lifetime: Duration?

    public init(tokens: [TokenInput], reason: String? = nil, user: String? = nil, lifetime: Duration? = nil) {
        self.tokens = tokens
        self.reason = reason
        self.user = user
        self.lifetime = lifetime
    }

    /// For a token that does not say when it expires.
    public static let defaultLifetime = Duration.seconds(86_400)
    /// Longer than any token should live.
    public static let longest = Duration.seconds(10 * 365 * 86_400)

    /// What the blacklist is to hold of one of the tokens, and until when.
    ///
    /// - Throws: ``TokenInput/Problem`` for one that has expired where no lifetime is given.
    public func order(of input: TokenInput, at now: WallTime) throws(TokenInput.Problem) -> (
        token: RevokedToken, until: WallTime
    ) {
        try KeptWords.check(reason, "the reason")
        try KeptWords.check(user, "the user")
        let until: WallTime
        if let lifetime {
            until = WallTime(milliseconds: now.milliseconds +| lifetime.wholeMilliseconds)
        } else if let expiry = input.expiresAt {
            guard expiry > now else {
                throw TokenInput.Problem(
                    "expired \(Format.age(now - expiry)) ago: there is nothing to revoke; a TTL of its own revokes it anyway"
                )
            }
            until = expiry
        } else {
            until = WallTime(milliseconds: now.milliseconds +| Self.defaultLifetime.wholeMilliseconds)
        }
        guard until - now <= Self.longest else {
            throw TokenInput.Problem("would be remembered for more than ten years; give it a shorter TTL")
        }
        let token = RevokedToken(
            id: input.id, user: user ?? input.user, type: input.type, reason: reason, blacklistedAt: now,
            expiresAt: WallTime(seconds: until.secondsRoundedUp))
        return (token, until)
    }
}
