internal import CacheCore
package import CacheWire
public import CacheModel

extension CacheOperations {
    /// Refuses what can be refused without asking the server.
    ///
    /// - Parameter name: an id or a user, which is taken for typed.
    public nonisolated func precheck(unrevoke name: String) throws(CacheError) {
        try self.guard.precheck(
            .unrevoke(typed: name, due: [name]), on: tokens(Printable.escape(name, limit: 80)))
    }

    /// Takes a token off the blacklist, in whichever layout it stands: it is let in again.
    ///
    /// - Parameters:
    ///   - id: an id, or the JWT itself.
    ///   - typed: the id once more, as a confirmation.
    ///   - claims: what the token says of itself, where it was read before.
    /// - Returns: the keys that were removed, and whether the token stays refused all the same.
    public func unrevoke(
        _ id: String, typed: String, claims: TokenInput? = nil
    ) async throws(CacheError) -> Readmission {
        let read: TokenInput
        // A JWT is read for its id: the token itself is a secret, and is neither noted nor repeated.
        do throws(TokenInput.Problem) { read = try TokenInput(naming: id) } catch {
            throw .input(error.description)
        }
        let (checked, token) = (read.id, claims?.id == read.id ? claims : read)
        let confirmation = GuardedAction.unrevoke(typed: typed, due: [checked, id])
        let name = Printable.escape(checked, limit: 80)
        try self.guard.precheck(confirmation, on: tokens(name))
        let named = try await named(checked)
        let places = BlacklistLayout.keys(of: named, keyPrefix: keyPrefix)
        let looked = try await self.guard.check(
            confirmation, on: tokens(name, keys: places.map(\.key)),
            asking: places.map { KeyedCommand("GET", $0.key) })
        let removal = try removal(of: named, places, looked.answers)
        let here = await place(of: looked.identities)
        // What the ledger knows of it is forgotten with it.
        let known = records(of: named, places.map(\.key), looked.answers, on: here)
        let (removed, failure) = try await looked.perform {
            permit throws(CacheError) -> Ended<([String], CacheError?)> in
            // Forgotten first: what cannot be noted is not done, for it would be called lost and written again.
            let forgotten = try ledger.forget(keys: removal.keys, on: here)
            let replies: [RESPValue]
            do throws(CacheError) {
                replies = try await permit.router.ask(removal.commands, under: permit.token).replies
            } catch {
                try? ledger.remember(forgotten)
                throw error
            }
            let removed = zip(removal.keys, replies).filter { $0.1 == .integer(1) }.map { Printable.escape($0.0) }
            let failure = replies.prefix(removal.keys.count).lazy.compactMap(\.cacheError).first
            if failure != nil { try? ledger.remember(forgotten) }
            let outcome: PermitOutcome = removed.isEmpty ? .notDone : failure == nil ? .done : .stopped
            return Ended(
                (removed, failure), outcome, [("keys", JSONValue(removed))] + (failure?.auditReason ?? []))
        }
        if let failure { throw removed.isEmpty ? failure : failure.after("removed \(removed.joined(separator: ", "))") }
        return Readmission(keys: removed, barrier: await barrier(to: token, known))
    }

    /// What the server and the ledger have of a token.
    private func records(
        of id: String, _ keys: [[UInt8]], _ values: [RESPValue], on here: DeploymentIdentity
    ) -> [RevokedToken] {
        let there = values.compactMap { value in (try? value.bytes).map { RevokedToken(value: $0, id: id) } }
        let noted = ledger.entries(at: .now, on: here).filter { !Set(keys).isDisjoint(with: $0.keys) }
        return there + noted.map(\.token)
    }

    /// Whether a token that is let in again is refused with all tokens of its user: asked when it is done, whatever becomes
    /// of the question.
    private func barrier(to token: TokenInput?, _ records: [RevokedToken]) async -> CutOffBarrier {
        let named = [token?.user].compactMap { $0 } + records.compactMap(\.user)
        guard let user = named.first(where: { (try? TokenInput.checked(user: $0)) != nil }) else {
            return .userUnknown
        }
        let key = CutOff.key(of: user, keyPrefix: keyPrefix)
        do throws(CacheError) {
            let reply = try await router().ask(KeyedCommand("GET", key))
            if let error = reply.cacheError { throw error }
            // What nobody can read cuts nobody off.
            let cutOff = (try? reply.bytes).flatMap { CutOff(user: user, value: $0) }
            // Whoever wrote a record did not say when, where it has no time.
            let revokedAt = records.map(\.blacklistedAt).filter { $0.milliseconds > 0 }.min()
            return CutOffBarrier(cutOff, token: token, revokedAt: revokedAt)
        } catch { return .unanswered(user: user, words: error.description) }
    }

    /// The id of a token that is called by the UUID which the deployed layout has derived from it.
    private func named(_ id: String) async throws(CacheError) -> String {
        guard TokenID.isDerived(id) else { return id }
        let key = BlacklistLayout.deployed.key(of: id, keyPrefix: keyPrefix)
        let value = try await router().ask(RevokedListing.value(of: key))
        return RevokedToken(value: (try? value.bytes) ?? [], id: TokenID.uuid(for: id)).id
    }

    /// What takes a token off: its keys, in front, and its place in their index sets.
    ///
    /// - Throws: ``CacheError`` where a value may not be read that names index sets: they would go on listing the token.
    private func removal(
        of id: String, _ places: [(layout: BlacklistLayout, key: [UInt8])], _ values: [RESPValue]
    ) throws(CacheError) -> (keys: [[UInt8]], commands: [KeyedCommand]) {
        var members: [KeyedCommand] = []
        for (place, value) in zip(places, values) where place.layout.hasIndexKeys {
            if let error = value.cacheError, error.refusal.kind.deniesCommand { throw error }
            let token = RevokedToken(value: (try? value.bytes) ?? [], id: id)
            let name = Array(place.key.dropFirst(place.layout.front(keyPrefix).count))
            members += place.layout.indexKeys(of: token, keyPrefix: keyPrefix).map { set in
                KeyedCommand(set, Command([Array("SREM".utf8), set, name]))
            }
        }
        return (places.map(\.key), places.map { KeyedCommand("UNLINK", $0.key) } + members)
    }

    /// Lets a user in again who was cut off.
    ///
    /// - Parameter typed: the user once more, as a confirmation.
    /// - Returns: the key that was removed, escaped; nil where the user was not cut off.
    public func unrevoke(user: String, typed: String) async throws(CacheError) -> String? {
        let checked: String
        do throws(TokenInput.Problem) { checked = try TokenInput.checked(user: user) } catch {
            throw .input(error.description)
        }
        let key = CutOff.key(of: checked, keyPrefix: keyPrefix)
        let looked = try await self.guard.check(.unrevoke(typed: typed, due: [checked]), on: cutOffScope(checked))
        let here = await place(of: looked.identities)
        let isRemoved = try await looked.perform { permit throws(CacheError) -> Ended<Bool> in
            let forgotten = try ledger.forget(users: [checked], on: here)
            let reply: RESPValue
            do throws(CacheError) {
                reply = try await permit.router.ask(KeyedCommand("UNLINK", key), under: permit.token)
                if let error = reply.cacheError { throw error }
            } catch {
                try? ledger.remember(forgotten)
                throw error
            }
            let isRemoved = reply == .integer(1)
            return Ended(
                isRemoved, isRemoved ? .done : .notDone,
                [("keys", JSONValue(isRemoved ? [Printable.escape(key)] : []))])
        }
        return isRemoved ? Printable.escape(key) : nil
    }
}

extension CacheError {
    /// The same, where part of what was asked for was done.
    fileprivate func after(_ words: String) -> CacheError {
        var refusal = refusal
        refusal.detail = refusal.detail.isEmpty ? words : "\(refusal.detail); \(words)"
        return .unknown(refusal)
    }
}
