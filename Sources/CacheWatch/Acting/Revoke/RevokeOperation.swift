internal import CacheCore
package import CacheWire
public import CacheModel

extension CacheOperations {
    /// Writes tokens to the blacklist, reads them back, and remembers them in the ledger.
    ///
    /// - Throws: ``CacheError`` where nothing was written: read-only, a replica, no connection, an expired token.
    public func revoke(_ request: RevocationRequest) async throws(CacheError) -> [RevocationResult] {
        let name = "\(request.tokens.count) \(request.tokens.count == 1 ? "token" : "tokens")"
        try self.guard.precheck(.revoke, on: tokens(name))
        let now = WallTime.now
        var orders: [TokenRevocation.Order] = []
        for token in request.tokens {
            do throws(TokenInput.Problem) {
                let (revoked, until) = try request.order(of: token, at: now)
                orders.append(TokenRevocation.Order(token: revoked, until: until))
            } catch { throw .input("\(Printable.escape(token.id, limit: 80)) \(error)") }
        }
        guard !orders.isEmpty else { throw .input("there is no token to revoke") }
        return try await write(orders, .revoke, as: name, layout: try await blacklistLayout().layout)
    }

    /// Writes again what the ledger holds and the server has lost.
    ///
    /// - Throws: ``CacheError`` also where the server does not say what it has: then nobody knows what is lost.
    public func rewriteLost() async throws(CacheError) -> [RevocationResult] {
        let scope = tokens("lost revocations")
        try self.guard.precheck(.revokeAgain, on: scope)
        let entries = ledger.entries(at: .now)
        guard !entries.isEmpty else { return [] }
        let checked = try await self.guard.check(
            .revokeAgain, on: scope, asking: entries.map { KeyedCommand("EXISTS", $0.key) })
        let lost = try RevocationLedger.lost(among: entries, checked.answers)
        var results: [RevocationResult] = []
        for layout in BlacklistLayout.allCases {
            let orders = lost.filter { $0.layout == layout }.map {
                TokenRevocation.Order(token: $0.token, until: $0.until)
            }
            if orders.isEmpty { continue }
            results += try await write(orders, .revokeAgain, as: "\(orders.count) lost", layout: layout)
        }
        return results
    }

    /// - Parameter name: which tokens, in words.
    private nonisolated func tokens(_ name: String, keys: [[UInt8]] = []) -> GuardScope {
        .tokens(name, keys: keys, prefix: BlacklistLayout.documented.key(of: "", keyPrefix: keyPrefix))
    }

    private func write(
        _ orders: [TokenRevocation.Order], _ action: GuardedAction, as name: String, layout: BlacklistLayout
    ) async throws(CacheError) -> [RevocationResult] {
        let revocation = TokenRevocation(layout: layout, keyPrefix: keyPrefix)
        let scope = GuardScope.tokens(
            name, keys: orders.map(revocation.key), prefix: layout.key(of: "", keyPrefix: keyPrefix))
        let checked = try await self.guard.check(action, on: scope, asking: revocation.questions(orders))
        let before = try revocation.before(orders, checked.answers)
        let replicas = checked.identities.map(\.replicas).min() ?? 0
        return try await checked.perform([
            ("layout", .string(layout.rawValue)),
            ("token_ids", JSONValue(orders.prefix(100).map { Printable.escape($0.token.id) })),
        ]) { permit throws(CacheError) -> Ended<[RevocationResult]> in
            // Remembered first: one that is written and not watched would be a revocation that nobody misses.
            let added = try ledger.record(orders.map { ($0.token, layout, $0.until) })
            let results: [RevocationResult]
            do throws(CacheError) {
                results = try await revocation.write(orders, before, replicas: replicas, permit)
            } catch {
                // What may have arrived is watched: for nothing is better than not at all.
                if permit.token.account.isUnused { try? ledger.takeBack(added) }
                throw error
            }
            // One that stands there is watched, even if its index sets do not list it.
            try? ledger.takeBack(added, of: results.filter { !$0.holds && !$0.isThere }.map(\.token.id))
            return ended(results)
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

    /// The tokens of the blacklist, those that expire first in front.
    ///
    /// - Parameter limit: as many at most; `isWhole` is false where there are more.
    public func revoked(
        limit: Int, pace: SweepPace, control: SweepControl,
        tell: @escaping @Sendable (OperationProgress) -> Void = { _ in }
    ) async throws(CacheError) -> (tokens: [ListedToken], isWhole: Bool) {
        let targets = try await targets()
        let router = await router()
        let expected = targets.reduce(0) { $0 +| $1.opened.keys }
        var tokens: [ListedToken] = []
        var (examined, isWhole) = (0, true)
        // A token that moves from node to node is met twice.
        var seen: Set<[UInt8]> = []
        for session in targets.map(\.session) {
            var course = OperationCourse(pace: pace, control: control, line: session.line)
            try await course.calibrate(on: session)
            var scan = MatchingScan(.pattern(KeyFilter.escaped(keyPrefix) + Array("*blacklist:*".utf8)))
            while !scan.isDone, !control.isCancelled, tokens.count < limit {
                var flight = FlightBuffer()
                scan.append(to: &flight, count: course.governor.count)
                var position = 0
                let keys = try scan.receive(try await course.fly(flight, on: session), at: &position)
                let found = keys.compactMap { key in
                    BlacklistLayout.allCases.lazy.compactMap { layout in
                        layout.id(in: key, keyPrefix: self.keyPrefix).map { (key, layout, $0) }
                    }.first
                }.filter { seen.insert($0.0).inserted }
                for part in found.parts(of: 500) { tokens += try await read(Array(part), router) }
                if course.isTimeToTell() {
                    var progress = OperationProgress()
                    (progress.examined, progress.expected) = (examined + scan.examined, expected)
                    (progress.matched, progress.elapsed) = (tokens.count, course.elapsed)
                    tell(progress)
                }
                await course.rest()
            }
            examined += scan.examined
            isWhole = isWhole && scan.isDone
        }
        let sorted = tokens.sorted {
            ($0.lifetime ?? .seconds(1 << 40), $0.token.id) < ($1.lifetime ?? .seconds(1 << 40), $1.token.id)
        }
        return (Array(sorted.prefix(limit)), isWhole && sorted.count <= limit)
    }

    private func read(
        _ keys: [(key: [UInt8], layout: BlacklistLayout, id: String)], _ router: Router
    ) async throws(CacheError) -> [ListedToken] {
        let replies = try await router.ask(
            keys.flatMap { item in
                // A value of the blacklist is short; whatever else stands there is not fetched whole.
                let range = Command([Array("GETRANGE".utf8), item.key, Array("0".utf8), Array("4095".utf8)])
                return [KeyedCommand(item.key, range), KeyedCommand("PTTL", item.key)]
            }
        ).replies
        var tokens: [ListedToken] = []
        for (index, item) in keys.enumerated() {
            let lifetime = try replies[2 * index + 1].reading { reply throws(RESPShapeError) in try reply.integer }
            guard lifetime != -2 else { continue }
            tokens.append(
                ListedToken(
                    token: RevokedToken(value: (try? replies[2 * index].bytes) ?? [], id: item.id),
                    layout: item.layout, lifetime: lifetime < 0 ? nil : .milliseconds(lifetime)))
        }
        return tokens
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
        let scope = tokens(
            Printable.escape(checked, limit: 80),
            keys: BlacklistLayout.allCases.map { $0.key(of: checked, keyPrefix: keyPrefix) })
        let looked = try await self.guard.check(
            .unrevoke(typed: typed, due: [checked, id]), on: scope,
            asking: (scope.keys ?? []).map { KeyedCommand("GET", $0) })
        let removal = try removal(of: checked, looked.answers)
        let (removed, failure) = try await looked.perform {
            permit throws(CacheError) -> Ended<([String], CacheError?)> in
            let replies = try await permit.router.ask(removal.commands, under: permit.token).replies
            let removed = zip(removal.keys, replies).filter { $0.1 == .integer(1) }.map { Printable.escape($0.0) }
            var failure = replies.prefix(removal.keys.count).lazy.compactMap(\.cacheError).first
            if failure == nil {
                do throws(CacheError) { try ledger.forget([checked]) } catch { failure = error }
            }
            let outcome: PermitOutcome = removed.isEmpty ? .notDone : failure == nil ? .done : .stopped
            return Ended(
                (removed, failure), outcome, [("keys", JSONValue(removed))] + (failure?.auditReason ?? []))
        }
        if let failure { throw failure }
        return removed
    }

    /// What takes a token off: its keys, in front, and its place in their index sets.
    ///
    /// - Throws: ``CacheError`` where a value may not be read that names index sets: they would go on listing the token.
    private func removal(
        of id: String, _ values: [RESPValue]
    ) throws(CacheError) -> (keys: [[UInt8]], commands: [KeyedCommand]) {
        let layouts = BlacklistLayout.allCases
        let keys = layouts.map { $0.key(of: id, keyPrefix: keyPrefix) }
        var sets: [[UInt8]] = []
        for (layout, value) in zip(layouts, values) where layout.hasIndexKeys {
            if let error = value.cacheError, error.refusal.kind == .noPermission { throw error }
            sets += layout.indexKeys(
                of: RevokedToken(value: (try? value.bytes) ?? [], id: id), keyPrefix: keyPrefix)
        }
        let members = sets.map { KeyedCommand($0, Command([Array("SREM".utf8), $0, Array(id.utf8)])) }
        return (keys, keys.map { KeyedCommand("UNLINK", $0) } + members)
    }
}
