public import CacheWire
public import RedisValues

/// Tokens that are refused before they expire: one by one, and all of a user at once.
///
/// What a revocation holds, and what it does not: it is a barrier where every request asks ``check(_:inOutage:)``, and a
/// mere record elsewhere. An access token that is revoked alone comes back: whoever holds the refresh token gets the next
/// one. Revoke both, or cut the user off.
public protocol RevocationStore: Sendable {
    /// Refuses a token from now on, until it would have expired.
    ///
    /// A token that is revoked already for as long or longer stays so; twice is once, so a call that has thrown may be made
    /// again.
    ///
    /// - Parameters:
    ///   - reason: for people; kept with the token, so no secrets, 1,000 bytes at most.
    ///   - address: of who has asked for it.
    /// - Returns: what was read back; nil for a token that has expired, of which there is nothing to revoke.
    /// - Throws: ``CacheError/input(_:)`` for an id, a reason or an address that cannot be kept, and where it would be kept
    ///   for more than ten years; ``CacheError`` where it is not known to be revoked.
    func revoke(
        _ token: BearerToken, reason: String?, address: String?
    ) async throws(CacheError) -> StandingRevocation?

    /// Refuses all tokens of a user that were issued until an instant, refresh tokens among them, and those that do not say
    /// when they were issued.
    ///
    /// A later instant that stands there stays. It is kept for seven days, for as long as any token lives.
    ///
    /// - Parameter since: nil for now.
    /// - Throws: ``CacheError/input(_:)`` for a user that cannot be part of a key, and for an instant to come.
    func cutOff(user: String, since: WallTime?) async throws(CacheError) -> StandingCutOff

    /// Whether a token is refused: in one round trip.
    ///
    /// Whatever string stands under one of its keys revokes it, in either layout and whatever the record says; a value of
    /// another type, which nobody writes there, does not for certain, since `MGET` says of it that nothing is there. The
    /// signature and the expiry are not looked at: see ``BearerToken``.
    ///
    /// - Parameter choice: what is answered where the cache is away.
    /// - Throws: ``CacheError/input(_:)`` for an id that cannot be part of a key, ``CacheError/forbidden(_:)`` where the user
    ///   of the connection may not ask, and ``CacheError/cancelled``. Whatever is thrown, the token is not known to be good.
    func check(_ token: BearerToken, inOutage choice: OutageChoice) async throws(CacheError) -> RevocationVerdict
}

extension RevocationStore {
    public func revoke(_ token: BearerToken, reason: String? = nil) async throws(CacheError) -> StandingRevocation? {
        try await revoke(token, reason: reason, address: nil)
    }

    public func cutOff(user: String) async throws(CacheError) -> StandingCutOff {
        try await cutOff(user: user, since: nil)
    }

    /// The same for a JWT as it came with a request, with or without `Bearer`; its signature is not verified.
    ///
    /// - Throws: ``CacheError/input(_:)`` also for what is no JWT; it never repeats the token.
    public func check(
        bearer text: String, inOutage choice: OutageChoice
    ) async throws(CacheError) -> RevocationVerdict {
        let token: BearerToken
        do throws(BearerToken.Problem) { token = try BearerToken(parsing: text) } catch {
            throw .input(error.description)
        }
        return try await check(token, inOutage: choice)
    }
}

/// Whether a token is refused.
public enum RevocationVerdict: Equatable, Sendable {
    case allowed
    case revoked(RevocationReason)
    /// The cache is away, and the caller lets tokens in meanwhile.
    case open
    /// The cache is away, and the caller refuses meanwhile.
    case closed

    /// True where the request is not to be served.
    public var isRefused: Bool {
        switch self {
        case .allowed, .open: false
        case .revoked, .closed: true
        }
    }
}

/// Why a token is refused.
public enum RevocationReason: Equatable, Sendable {
    /// It is on the blacklist; the words of its record, nil where that has none.
    case token(String?)
    /// Its user is cut off up to this instant, and it was not issued later.
    case user(since: WallTime)
}

/// A revocation as it stands there.
public struct StandingRevocation: Equatable, Sendable {
    /// False where it stood there before, for as long or longer.
    public var isNew: Bool
    /// Of the key that goes first; nil where all stay for good.
    public var lifetime: Duration?
    /// Why sets do not list the token by user and type, as the deployed layout does; it is revoked all the same.
    public var unlisted: CacheError?
}

/// A user's cut-off as it stands there.
public struct StandingCutOff: Equatable, Sendable {
    public var cutOff: CutOff
    /// False where it stood there before, up to that instant or a later one.
    public var isNew: Bool
    /// nil where it stays for good.
    public var lifetime: Duration?
}

/// Revocations in Redis: `token:blacklist:<id>`, `blacklist:token:<uuid>` with its sets, and `blacklist:since:<user>`.
///
/// Checking needs `%R~token:blacklist:* %R~blacklist:* +get +mget`, before Redis 7 without `%R`; revoking `~token:blacklist:*
/// ~blacklist:* +eval +evalsha +exists +get +pexpire +pttl +sadd +set`.
public struct RedisRevocations: RevocationStore {
    private let revocations: Revocations

    /// - Parameters:
    ///   - layout: in which revocations are written; they are looked for in both. Both, where it is not known which one
    ///     other servers ask.
    ///   - life: how long a token is remembered that does not say when it expires.
    ///   - keyPrefix: in front of every key.
    /// - Throws: ``CacheError/input(_:)`` for a life that is not positive.
    public init(
        _ calls: any CacheCalls, layout: RevocationLayout = .both, life: Duration = .seconds(86_400),
        keyPrefix: String = "", clock: any StoreClock = SystemClock(), tally: any StoreTally = NoTally()
    ) throws(CacheError) {
        let notes = StoreNotes(tally, Revocations.namespace)
        let rule =
            "~\(keyPrefix)token:blacklist:* ~\(keyPrefix)blacklist:* "
            + "+eval +evalsha +exists +get +mget +pexpire +pttl +sadd +set"
        let ground = ServerRecords(desk: StoreDesk(calls: calls, notes: notes, rule: rule))
        revocations = try Revocations(ground, notes, clock, layout, life: life, keyPrefix: keyPrefix)
    }

    public func revoke(
        _ token: BearerToken, reason: String?, address: String?
    ) async throws(CacheError) -> StandingRevocation? {
        try await revocations.revoke(token, reason: reason, address: address)
    }

    public func cutOff(user: String, since: WallTime?) async throws(CacheError) -> StandingCutOff {
        try await revocations.cutOff(user: user, since: since)
    }

    public func check(_ token: BearerToken, inOutage choice: OutageChoice) async throws(CacheError) -> RevocationVerdict
    {
        try await revocations.check(token, inOutage: choice)
    }
}

/// Revocations in this process: the twin of ``RedisRevocations`` for tests and for one server alone.
///
/// Where the memory is full, ``revoke(_:reason:address:)`` and ``cutOff(user:since:)`` throw: no revocation makes room
/// for another. Another store on the same memory may take that room, so give it one of its own.
public struct MemoryRevocations: RevocationStore {
    private let revocations: Revocations

    /// - Parameters:
    ///   - layout: in which revocations are written; they are looked for in both.
    ///   - life: how long a token is remembered that does not say when it expires.
    /// - Throws: ``CacheError/input(_:)`` for a life that is not positive.
    public init(
        _ memory: StoreMemory = StoreMemory(), layout: RevocationLayout = .documented,
        life: Duration = .seconds(86_400), keyPrefix: String = "", tally: any StoreTally = NoTally()
    ) throws(CacheError) {
        let notes = StoreNotes(tally, Revocations.namespace)
        let ground = MemoryRecords(memory: memory, notes: notes)
        revocations = try Revocations(ground, notes, memory.clock, layout, life: life, keyPrefix: keyPrefix)
    }

    public func revoke(
        _ token: BearerToken, reason: String?, address: String?
    ) async throws(CacheError) -> StandingRevocation? {
        try await revocations.revoke(token, reason: reason, address: address)
    }

    public func cutOff(user: String, since: WallTime?) async throws(CacheError) -> StandingCutOff {
        try await revocations.cutOff(user: user, since: since)
    }

    public func check(_ token: BearerToken, inOutage choice: OutageChoice) async throws(CacheError) -> RevocationVerdict
    {
        try await revocations.check(token, inOutage: choice)
    }
}
