internal import CacheCore
package import CacheWire
public import CacheModel

extension CacheOperations {
    /// Writes tokens to the blacklist, reads them back, and remembers them in the ledger.
    ///
    /// - Throws: ``CacheError`` where nothing was written: read-only, a replica, no connection, an expired token.
    public func revoke(_ request: RevocationRequest) async throws(CacheError) -> [RevocationResult] {
        let name = Format.count(request.tokens.count, "token")
        try self.guard.precheck(.revoke, on: tokens(name))
        let now = WallTime.now
        var orders: [(token: RevokedToken, until: WallTime)] = []
        for token in request.tokens {
            do throws(TokenInput.Problem) { orders.append(try request.order(of: token, at: now)) } catch {
                throw .input("\(Printable.escape(token.id, limit: 80)) \(error)")
            }
        }
        guard !orders.isEmpty else { throw .input("there is no token to revoke") }
        let layouts = try await supposedLayout().layout.layouts
        var plan = try await prepare(orders.map { ($0.token, layouts, $0.until) }, .revoke, as: name)
        if forgetLayout(unlessOf: plan.place) {
            // Another deployment has answered than the one that was looked at for its layout.
            let layouts = try await supposedLayout().layout.layouts
            plan = try await prepare(orders.map { ($0.token, layouts, $0.until) }, .revoke, as: name)
        }
        return try await write(plan)
    }

    /// Writes again what the ledger holds and the server has lost.
    ///
    /// - Throws: ``CacheError`` also where the server does not say what it has: then nobody knows what is lost.
    public func rewriteLost() async throws(CacheError) -> [RevocationResult] {
        let scope = tokens("lost revocations")
        try self.guard.precheck(.revokeAgain, on: scope)
        try ledger.requireReadable()
        let entries = ledger.entries(at: .now)
        guard !entries.isEmpty else { return [] }
        let keys = entries.flatMap(\.keys)
        let checked = try await self.guard.check(
            .revokeAgain, on: scope, asking: keys.map { KeyedCommand("EXISTS", $0) })
        let lost = try RevocationLedger.lost(among: keys, checked.answers)
        let here = await place(of: checked.identities)
        let orders = entries.filter { here.isMeant(by: $0.place) == .same && !lost.isDisjoint(with: $0.keys) }
            .map { ($0.token, $0.layouts, $0.until) }
        return orders.isEmpty
            ? [] : try await write(try await prepare(orders, .revokeAgain, as: "\(orders.count) lost"))
    }

    /// - Parameter name: which tokens, in words.
    nonisolated func tokens(_ name: String, keys: [[UInt8]] = []) -> GuardScope {
        .tokens(name, keys: keys, prefix: BlacklistLayout.documented.front(keyPrefix))
    }

    /// What is to be written, and what stood there when the guard has looked.
    private struct WritePlan {
        var tokens: [(token: RevokedToken, layouts: [BlacklistLayout], until: WallTime)]
        var revocation: TokenRevocation
        var orders: [TokenRevocation.Order]
        var before: [TokenRevocation.Before]
        var checked: CheckedAction
        var place: DeploymentIdentity
    }

    private func prepare(
        _ tokens: [(token: RevokedToken, layouts: [BlacklistLayout], until: WallTime)], _ action: GuardedAction,
        as name: String
    ) async throws(CacheError) -> WritePlan {
        var revocation = TokenRevocation(keyPrefix: keyPrefix)
        let orders = tokens.flatMap { token, layouts, until in
            layouts.map { TokenRevocation.Order(token: token, layout: $0, until: until) }
        }
        let layouts = BlacklistLayout.allCases.filter { layout in orders.contains { $0.layout == layout } }
        let scope = GuardScope.tokens(
            name, keys: orders.map(revocation.key), prefix: (layouts.first ?? .documented).front(keyPrefix))
        let checked = try await self.guard.check(action, on: scope, asking: revocation.questions(orders))
        let before = try revocation.before(orders, checked.answers)
        revocation.regard(clocks: checked.nodes.map { $0.info.server.time }, at: .now)
        revocation.risk = .worst(of: checked.nodes.map { EvictionRisk($0.info.memory) })
        return WritePlan(
            tokens: tokens, revocation: revocation, orders: orders, before: before, checked: checked,
            place: await place(of: checked.identities))
    }

    private func write(_ plan: WritePlan) async throws(CacheError) -> [RevocationResult] {
        let (tokens, orders, checked) = (plan.tokens, plan.orders, plan.checked)
        let layouts = BlacklistLayout.allCases.filter { layout in orders.contains { $0.layout == layout } }
        let replicas = checked.identities.map(\.replicas).min() ?? 0
        return try await checked.perform([
            ("layout", .string(layouts.map(\.rawValue).joined(separator: ","))),
            ("token_ids", JSONValue(tokens.prefix(100).map { Printable.escape($0.token.id) })),
        ]) { permit throws(CacheError) -> Ended<[RevocationResult]> in
            // Remembered first: one that is written and not watched would be a revocation that nobody misses.
            let added = try ledger.record(tokens, on: plan.place)
            let written: [RevocationResult]
            do throws(CacheError) {
                written = try await plan.revocation.write(orders, plan.before, replicas: replicas, permit)
            } catch {
                // What may have arrived is watched: for nothing is better than not at all.
                if permit.token.account.isUnused { try? ledger.takeBack(added) }
                throw error
            }
            let results = joined(written, counts: tokens.map(\.layouts.count))
            // One that stands there is watched, even if its index sets do not list it.
            try? ledger.takeBack(added, of: results.filter { !$0.holds && !$0.isThere }.map(\.token.id))
            return ended(results)
        }
    }

    /// One a token: what is true of it in all its layouts.
    private func joined(_ results: [RevocationResult], counts: [Int]) -> [RevocationResult] {
        var rest = results[...]
        return counts.compactMap { count in
            let part = rest.prefix(count)
            rest = rest.dropFirst(count)
            return part.first.map { part.dropFirst().reduce($0) { $0.joined($1) } }
        }
    }

    private func ended(_ results: [RevocationResult]) -> Ended<[RevocationResult]> {
        let failed = results.count { !$0.holds }
        let outcome: PermitOutcome = failed == 0 ? .done : results.contains(where: \.isThere) ? .stopped : .notDone
        return Ended(
            results, outcome,
            [
                ("written", .integer(results.count { $0.state == .written })),
                ("already", .integer(results.count { $0.state == .alreadyRevoked })), ("failed", .integer(failed)),
                ("replicas_acknowledged", JSONValue(results.first?.acknowledged)),
            ])
    }
}
