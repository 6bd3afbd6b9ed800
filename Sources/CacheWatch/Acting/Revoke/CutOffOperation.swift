internal import CacheCore
package import CacheWire
public import CacheModel

extension CacheOperations {
    /// Revokes every token of a user that was issued up to an instant; one that lies later already stays.
    ///
    /// - Parameter typed: the user once more, as a confirmation.
    /// - Throws: ``CacheError`` where nothing was written: read-only, a replica, no connection, a time to come.
    public func cutOff(_ request: CutOffRequest, typed: String) async throws(CacheError) -> CutOffResult {
        let action = GuardedAction.cutOff(typed: typed, due: request.user)
        let cutOff: CutOff
        // Before anything is noted: what is no user is not written into the audit.
        do throws(TokenInput.Problem) { cutOff = try request.cutOff(at: .now) } catch {
            throw .input(error.description)
        }
        try self.guard.precheck(action, on: cutOffScope(request.user))
        return try await write(cutOff, action, isNow: request.since == .now, reason: request.reason)
    }

    /// Cuts off again who was cut off, and is so no longer in the server.
    ///
    /// - Throws: ``CacheError`` also where the server does not say what it has: then nobody knows what is lost.
    public func rewriteLostCutOffs() async throws(CacheError) -> [CutOffResult] {
        let scope = tokens("lost cut-offs")
        try self.guard.precheck(.cutOffAgain, on: scope)
        try ledger.requireReadable()
        let entries = ledger.cutOffs(at: .now)
        guard !entries.isEmpty else { return [] }
        let checked = try await self.guard.check(
            .cutOffAgain, on: scope, asking: RevocationLedger.questions(about: entries))
        let lost = try RevocationLedger.lost(among: entries, checked.answers)
        let here = await place(of: checked.identities)
        var results: [CutOffResult] = []
        for entry in entries where lost.contains(entry.key) && here.isMeant(by: entry.place) == .same {
            do throws(CacheError) {
                results.append(try await write(entry.cutOff, .cutOffAgain, until: entry.until))
            } catch {
                // What was done is told, whatever becomes of the others.
                guard results.contains(where: \.holds) else { throw error }
                results.append(
                    CutOffResult(
                        cutOff: entry.cutOff, key: Printable.escape(entry.key), state: .failed(error.description)))
            }
        }
        return results
    }

    nonisolated func cutOffScope(_ user: String) -> GuardScope {
        .tokens(
            "user \(Printable.escape(user, limit: 80))", keys: [CutOff.key(of: user, keyPrefix: keyPrefix)],
            prefix: keyPrefix + Array(CutOff.prefix.utf8))
    }

    /// - Parameters:
    ///   - due: when the key may go; nil for as long as a token can live from now on.
    ///   - isNow: up to the instant at which it is sent.
    private func write(
        _ asked: CutOff, _ action: GuardedAction, until due: WallTime? = nil, isNow: Bool = false, reason: String? = nil
    ) async throws(CacheError) -> CutOffResult {
        let key = CutOff.key(of: asked.user, keyPrefix: keyPrefix)
        let checked = try await self.guard.check(
            action, on: cutOffScope(asked.user), asking: [KeyedCommand("PTTL", key)])
        let node = checked.nodes[0]
        let now = WallTime.now
        let cutOff =
            isNow ? CutOff(user: asked.user, since: CutOff.now(now, server: node.info.server.time)) : asked
        let lifetime = due.map { $0 - now } ?? CutOff.lifetime
        let until = WallTime(milliseconds: now.milliseconds +| lifetime.wholeMilliseconds)
        let here = await place(of: checked.identities)
        let command = CutOffScript.command(key, since: cutOff.since, lifetime: lifetime)
        return try await checked.perform([("since", .string(cutOff.value)), ("words", JSONValue(reason))]) {
            permit throws(CacheError) -> Ended<CutOffResult> in
            let added = try ledger.record(cutOff, until: until, on: here)
            let waits = node.identity.replicas > 0
            let wait = Command("WAIT", String(node.identity.replicas), "1000")
            let answer = await permit.router.ask(
                [KeyedCommand(key, command)], last: waits ? [wait] : [], under: permit.token)
            let reply: RESPValue
            do throws(CacheError) { reply = try answer.reply(to: 0) } catch {
                // What may have arrived is watched: for nothing is better than not at all.
                if permit.token.account.isUnused { try? ledger.takeBack(added) }
                throw error
            }
            var result = CutOffResult(cutOff: cutOff, key: Printable.escape(key), state: .written)
            if let error = reply.cacheError {
                try? ledger.takeBack(added)
                result.state = .failed(error.description)
                return Ended(result, .notDone, error.auditReason)
            }
            let there = try reply.reading { reply throws(RESPShapeError) in
                try CutOffScript.Reply(reply, user: cutOff.user)
            }
            guard let found = there.cutOff, found.since >= cutOff.since, there.lifetime != -2 else {
                result.state = .failed("not there when it was read back")
                return Ended(result, .unknown)
            }
            (result.cutOff, result.state) = (found, there.isUnchanged ? .unchanged : .written)
            result.doubt = found.doubt(at: now)
            result.lifetime = there.lifetime < 0 ? nil : .milliseconds(there.lifetime)
            result.replicas = node.identity.replicas
            result.acknowledged = answer.besides.values.compactMap { try? $0.last?.integer }.min().map { Int($0) }
            result.risk = EvictionRisk(node.info.memory)
            return Ended(
                result, .done,
                [
                    ("stands", .string(found.value)), ("unchanged", .boolean(there.isUnchanged)),
                    ("replicas_acknowledged", JSONValue(result.acknowledged)),
                ])
        }
    }
}
