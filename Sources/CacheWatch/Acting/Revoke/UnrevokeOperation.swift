internal import CacheCore
package import CacheWire
internal import CacheModel

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
    /// - Returns: the keys that were removed, escaped; none where the token was not revoked.
    public func unrevoke(_ id: String, typed: String) async throws(CacheError) -> [String] {
        let checked: String
        // A JWT is read for its id: the token itself is a secret, and is neither noted nor repeated.
        do throws(TokenInput.Problem) { checked = try TokenInput(naming: id).id } catch {
            throw .input(error.description)
        }
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
        return removed
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
            if let error = value.cacheError, error.refusal.kind == .noPermission { throw error }
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
