internal import CacheCore
package import CacheWire
public import CacheModel

extension CacheOperations {
    /// Writes tokens to the blacklist, reads them back, and remembers them in the ledger.
    ///
    /// - Throws: ``CacheError`` where nothing was written: read-only, a replica, no connection, an expired token.
    public func revoke(_ request: RevocationRequest) async throws(CacheError) -> [RevocationResult] {
        let scope = "\(request.tokens.count) \(request.tokens.count == 1 ? "token" : "tokens")"
        try demandWriting("revoke", scope)
        let now = WallTime.now
        var orders: [TokenRevocation.Order] = []
        for token in request.tokens {
            do throws(TokenInput.Problem) {
                let (revoked, until) = try request.order(of: token, at: now)
                orders.append(TokenRevocation.Order(token: revoked, until: until))
            } catch { throw .input("\(Printable.escape(token.id, limit: 80)) \(error)") }
        }
        return try await write(orders, action: "revoke", scope: scope)
    }

    /// Writes again what the ledger holds and the server has lost.
    ///
    /// - Throws: ``CacheError`` also where the server does not say what it has: then nobody knows what is lost.
    public func rewriteLost() async throws(CacheError) -> [RevocationResult] {
        try demandWriting("revoke again", "lost revocations")
        let entries = ledger.entries(at: .now)
        guard !entries.isEmpty else { return [] }
        let replies = try await router().ask(entries.map { KeyedCommand("EXISTS", $0.key) }).replies
        let lost = try RevocationLedger.lost(among: entries, replies)
        var results: [RevocationResult] = []
        for layout in BlacklistLayout.allCases {
            let orders = lost.filter { $0.layout == layout }.map {
                TokenRevocation.Order(token: $0.token, until: $0.until)
            }
            if orders.isEmpty { continue }
            results += try await write(
                orders, action: "revoke again", scope: "\(orders.count) lost", layout: layout)
        }
        return results
    }

    private func write(
        _ orders: [TokenRevocation.Order], action: String, scope: String, layout chosen: BlacklistLayout? = nil
    ) async throws(CacheError) -> [RevocationResult] {
        guard !orders.isEmpty else { throw .input("there is no token to revoke") }
        let layout: BlacklistLayout
        if let chosen { layout = chosen } else { layout = try await blacklistLayout().layout }
        let id = try audit.begin(
            action, scope: scope,
            details: [
                ("layout", .string(layout.rawValue)),
                ("token_ids", JSONValue(orders.prefix(100).map { Printable.escape($0.token.id) })),
            ])
        do throws(CacheError) {
            // Remembered first: one that is written and not watched would be a revocation that nobody misses.
            try ledger.record(orders.map { ($0.token, layout, $0.until) })
            let results = try await TokenRevocation(router: await router(), layout: layout, keyPrefix: keyPrefix)
                .run(orders)
            let failed = results.filter { !$0.holds }
            // One that stands there is watched, even if its index sets do not list it.
            try? ledger.forget(failed.filter { !$0.isThere }.map(\.token.id))
            audit.end(
                id, action, scope: scope, outcome: failed.isEmpty ? "done" : "not done",
                details: [
                    ("written", .integer(results.count { $0.state == .written })),
                    ("already", .integer(results.count { $0.state == .alreadyRevoked })),
                    ("failed", .integer(failed.count)),
                    ("replicas_acknowledged", JSONValue(results.first?.acknowledged)),
                ])
            return results
        } catch {
            // Nobody knows whether it arrived: what is watched for nothing is better than the reverse, unless the
            // server has said no.
            if case .forbidden = error { try? ledger.forget(orders.map(\.token.id)) }
            audit.end(id, action, scope: scope, outcome: "not done", details: reason(error))
            throw error
        }
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
        for node in targets.map(\.node) {
            var course = OperationCourse(pace: pace, control: control, link: node.line)
            try await course.calibrate(on: node)
            var scan = MatchingScan(.pattern(KeyFilter.escaped(keyPrefix) + Array("*blacklist:*".utf8)))
            while !scan.isDone, !control.isCancelled, tokens.count < limit {
                var flight = FlightBuffer()
                scan.append(to: &flight, count: course.governor.count)
                var position = 0
                let keys = try scan.receive(try await course.fly(flight, on: node), at: &position)
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
        _ keys: [(key: [UInt8], layout: BlacklistLayout, id: String)], _ router: KeyRouter
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
        do throws(TokenInput.Problem) { checked = try TokenInput(parsing: id).id } catch {
            throw .input(error.description)
        }
        try demandWriting("unrevoke", Printable.escape(checked, limit: 80))
        guard typed == checked || typed == id else {
            throw .forbidden("unrevoke is refused, nothing was sent: the confirmation must be the id")
        }
        let key = BlacklistLayout.documented.key(of: "", keyPrefix: keyPrefix)
        let targets = try await targets()
        for target in targets { try await demand(.keys("unrevoke", ["UNLINK"], key), scope: checked, of: target) }
        let audited = try audit.begin(
            "unrevoke", scope: checked, details: [("run_id", .string(targets.map(\.opened.identity).runIDs))])
        do throws(CacheError) {
            let removed = try await remove(checked, await router())
            try ledger.forget([checked])
            audit.end(
                audited, "unrevoke", scope: checked, outcome: removed.isEmpty ? "not done" : "done",
                details: [("keys", JSONValue(removed))])
            return removed
        } catch {
            audit.end(audited, "unrevoke", scope: checked, outcome: "not done", details: reason(error))
            throw error
        }
    }

    private func remove(_ id: String, _ router: KeyRouter) async throws(CacheError) -> [String] {
        var removed: [String] = []
        for layout in BlacklistLayout.allCases {
            let key = layout.key(of: id, keyPrefix: keyPrefix)
            let sets = try await indexKeys(of: id, key, layout, router)
            let commands =
                [KeyedCommand("UNLINK", key)]
                + sets.map { KeyedCommand($0, Command([Array("SREM".utf8), $0, Array(id.utf8)])) }
            let replies = try await router.ask(commands).replies
            if let error = replies[0].cacheError { throw error }
            if replies[0] == .integer(1) { removed.append(Printable.escape(key)) }
        }
        return removed
    }

    /// The sets that list a token, as its value names them.
    ///
    /// - Throws: ``CacheError`` where the value may not be read: the sets would go on listing the token.
    private func indexKeys(
        of id: String, _ key: [UInt8], _ layout: BlacklistLayout, _ router: KeyRouter
    ) async throws(CacheError) -> [[UInt8]] {
        guard layout.hasIndexKeys else { return [] }
        let value = try await router.ask(KeyedCommand("GET", key))
        if let error = value.cacheError, error.refusal.kind == .noPermission { throw error }
        let token = RevokedToken(value: (try? value.bytes) ?? [], id: id)
        return layout.indexKeys(of: token, keyPrefix: keyPrefix)
    }
}
