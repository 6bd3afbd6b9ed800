internal import CacheWire
internal import RedisValues

/// What both twins of ``RevocationStore`` do.
struct Revocations: Sendable {
    static let namespace = "token:blacklist"
    /// Longer than any token should live.
    private static let longest = Duration.seconds(10 * 365 * 86_400)
    private static let longestReason = 1000

    let ground: any RecordGround
    let notes: StoreNotes
    let clock: any StoreClock
    let layouts: [BlacklistLayout]
    let life: Duration
    let keyPrefix: [UInt8]

    init(
        _ ground: any RecordGround, _ notes: StoreNotes, _ clock: any StoreClock, _ layout: RevocationLayout,
        life: Duration, keyPrefix: String
    ) throws(CacheError) {
        (self.ground, self.notes, self.clock) = (ground, notes, clock)
        self.life = try StoreInput.life(life)
        (layouts, self.keyPrefix) = (layout.layouts, Array(keyPrefix.utf8))
    }

    // MARK: checking

    func check(_ token: BearerToken, inOutage choice: OutageChoice) async throws(CacheError) -> RevocationVerdict {
        _ = try StoreInput.id(token.id)
        let user = token.user.flatMap { TokenID.problem(of: $0) == nil ? $0 : nil }
        let keys = BlacklistLayout.keys(of: token.id, keyPrefix: keyPrefix).map(\.key)
        let since = user.map { CutOff.key(of: $0, keyPrefix: keyPrefix) }
        let asked = keys + [since].compactMap { $0 }
        let records: [StoredRecord]
        do throws(CacheError) { records = try await ground.values(of: asked) } catch {
            guard error.isOutage else { throw error }
            return choice == .open ? .open : .closed
        }
        // As the server counts them: a miss for each key that is not there.
        let misses = records.count { $0 == .gone }
        if misses > 0 { notes.count(.misses, by: misses) }
        if misses < records.count { notes.count(.hits, by: records.count - misses) }
        if let alien = records.firstIndex(of: .alien) { notes.wrongType(asked[alien]) }
        if let found = records.prefix(keys.count).first(where: { $0 != .gone }) {
            return .revoked(.token(found.bytes.flatMap { RevokedToken(value: $0, id: token.id).reason }))
        }
        guard let user, let value = records.dropFirst(keys.count).first?.bytes,
            let cutOff = CutOff(user: user, value: value), token.issuedAt.map({ $0 <= cutOff.since }) ?? true
        else { return .allowed }
        return .revoked(.user(since: cutOff.since))
    }

    // MARK: writing

    func revoke(
        _ token: BearerToken, reason: String?, address: String?
    ) async throws(CacheError) -> StandingRevocation? {
        if let problem = TokenID.problem(of: token.id) { throw .input("the id \(problem)") }
        try Self.checkKept(reason)
        if let address { _ = try StoreInput.id(address) }
        let now = clock.now
        let until = token.expiresAt ?? now.adding(life)
        let lifetime = until - now
        guard lifetime > .zero else { return nil }
        guard lifetime <= Self.longest else { throw .input("the token would be remembered for more than ten years") }
        let revoked = RevokedToken(
            id: token.id, user: Self.usable(token.user), type: Self.usable(token.type), reason: reason,
            blacklistedAt: now, expiresAt: WallTime(seconds: until.secondsRoundedUp), address: address)
        let records = layouts.map { layout in
            RevocationRecord(
                key: layout.key(of: token.id, keyPrefix: keyPrefix),
                value: Array(revoked.value(in: layout, until: until).line.utf8))
        }
        let replies = try await ground.revoke(records, life: lifetime)
        guard replies.count == records.count, replies.allSatisfy({ $0.isThere && $0.lifetime != -2 }) else {
            throw .refused(Refusal(.commandFailed, detail: "not there when it was read back: the token is not revoked"))
        }
        let lifetimes = replies.filter { $0.lifetime >= 0 }.map { Duration.milliseconds($0.lifetime) }
        var standing = StandingRevocation(
            isNew: replies.contains { !$0.isUnchanged }, lifetime: lifetimes.min(), unlisted: nil)
        for (layout, reply) in zip(layouts, replies) where layout.hasIndexKeys && !reply.isUnchanged {
            standing.unlisted = await list(revoked, in: layout, for: lifetime)
        }
        return standing
    }

    /// A token that is revoked stays so, whatever becomes of its sets.
    private func list(_ token: RevokedToken, in layout: BlacklistLayout, for life: Duration) async -> CacheError? {
        let sets = layout.indexKeys(of: token, keyPrefix: keyPrefix)
        let name = Array(layout.name(of: token.id).utf8)
        do throws(CacheError) { return try await ground.list(name, in: sets, life: life) } catch { return error }
    }

    func cutOff(user: String, since: WallTime?) async throws(CacheError) -> StandingCutOff {
        if let problem = TokenID.problem(of: user) { throw .input("the user \(problem)") }
        guard Self.usable(user) != nil else { throw .input("the user is a token or a password: it would be kept") }
        let now = clock.now
        if let since, since > now {
            throw .input("\(CutOff.words(since)) is still to come: tokens would be refused that are not issued yet")
        }
        let asked = CutOff(user: user, since: since ?? now)
        let key = CutOff.key(of: user, keyPrefix: keyPrefix)
        let reply = try await ground.cutOff(asked, at: key, life: CutOff.lifetime)
        guard let standing = reply.cutOff, standing.since >= asked.since, reply.lifetime != -2 else {
            throw .refused(Refusal(.commandFailed, detail: "not there when it was read back: the user is not cut off"))
        }
        return StandingCutOff(
            cutOff: standing, isNew: !reply.isUnchanged,
            lifetime: reply.lifetime < 0 ? nil : .milliseconds(reply.lifetime))
    }

    /// What cannot be part of a key is nobody's name: nobody can be cut off under it.
    private static func usable(_ text: String?) -> String? {
        text.flatMap { TokenID.problem(of: $0) == nil && SecretFilter.redact($0) == $0 ? $0 : nil }
    }

    private static func checkKept(_ reason: String?) throws(CacheError) {
        guard let reason else { return }
        guard reason.utf8.count <= longestReason else {
            throw .input("the reason has \(reason.utf8.count) bytes: \(longestReason) are allowed")
        }
        guard SecretFilter.redact(reason) == reason else {
            throw .input("the reason holds a token or a password: it would be kept with the revocation")
        }
    }
}
