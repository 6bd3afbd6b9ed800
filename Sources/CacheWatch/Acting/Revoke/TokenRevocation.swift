internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Writes tokens to the blacklist, and says what is true afterwards: two round trips to each node that is concerned.
struct TokenRevocation {
    let router: KeyRouter
    let layout: BlacklistLayout
    let keyPrefix: [UInt8]
    /// How long replicas may take to acknowledge.
    var patience = Duration.seconds(1)

    /// A token, and when the server may forget it.
    struct Order: Sendable {
        var token: RevokedToken
        var until: WallTime
    }

    /// What the first round trip brings of a token.
    private struct Before {
        var exists: Bool
        var lifetime: Int64
        var indexLifetimes: [Int64]
    }

    /// - Throws: ``CacheError`` where nothing was written, or nobody knows.
    func run(_ orders: [Order]) async throws(CacheError) -> [RevocationResult] {
        let (identities, before) = try await look(orders)
        for identity in identities where !identity.isPrimary {
            throw .forbidden("\(identity.address) is a replica: a revocation has to be written to the primary")
        }
        return try await write(orders, before, replicas: identities.map(\.replicas).min() ?? 0)
    }

    private func key(_ order: Order) -> [UInt8] { layout.key(of: order.token.id, keyPrefix: keyPrefix) }
    private func indexes(_ order: Order) -> [[UInt8]] { layout.indexKeys(of: order.token, keyPrefix: keyPrefix) }

    private func look(_ orders: [Order]) async throws(CacheError) -> ([NodeIdentity], [Before]) {
        // Says before anything is written whether this user may write; on a key that nobody has, it does nothing.
        let probe = WriteAccess.probeKey(in: layout.key(of: "", keyPrefix: keyPrefix))
        var questions = [KeyedCommand(probe, Command([Array("SET".utf8), probe, Array("x".utf8), Array("XX".utf8)]))]
        for order in orders {
            questions += ([key(order)] + indexes(order)).map { KeyedCommand("PTTL", $0) }
        }
        let answer = try await router.ask(questions, first: [Question.info.command])
        var identities: [NodeIdentity] = []
        for (name, replies) in answer.besides {
            let text = try (replies.first ?? .null).reading { reply throws(RESPShapeError) in try reply.bytes }
            identities.append(try NodeGuard.identity(InfoParser.parse(text), address: name))
        }
        if case .forbidden(let words)? = WriteDemand.objection(in: answer.replies[0]) {
            throw .forbidden("revoke is refused, nothing was written: \(words)")
        }
        var rest = answer.replies.dropFirst()
        var before: [Before] = []
        for order in orders {
            let lifetime = try Self.lifetime(rest.removeFirst())
            let sets = try indexes(order).map { _ throws(CacheError) in try Self.lifetime(rest.removeFirst()) }
            before.append(Before(exists: lifetime != -2, lifetime: lifetime, indexLifetimes: sets))
        }
        return (identities, before)
    }

    private static func lifetime(_ reply: RESPValue) throws(CacheError) -> Int64 {
        try reply.reading { reply throws(RESPShapeError) in try reply.integer }
    }

    private func write(
        _ orders: [Order], _ before: [Before], replicas: Int
    ) async throws(CacheError) -> [RevocationResult] {
        let now = WallTime.now.milliseconds
        let holds = zip(orders, before).map { order, before in
            before.exists && (before.lifetime == -1 || before.lifetime +| 1000 >= order.until.milliseconds -| now)
        }
        let writes = zip(orders, before).enumerated().map { index, pair in
            holds[index] ? [] : commands(pair.0, pair.1, now)
        }
        let waits = replicas > 0 && holds.contains(false)
        let wait = Command("WAIT", String(replicas), String(Int(patience / .milliseconds(1))))
        let answer = try await router.ask(
            writes.joined() + orders.flatMap { [KeyedCommand("GET", key($0)), KeyedCommand("PTTL", key($0))] },
            last: waits ? [wait] : [])
        // Of several nodes the one counts that fewest replicas follow.
        let acknowledged = answer.besides.values.compactMap { try? $0.last?.integer }.min()
        var rest = answer.replies[...]
        let complaints = writes.map { commands in
            let complaint = rest.prefix(commands.count).compactMap(\.cacheError).first
            rest = rest.dropFirst(commands.count)
            return complaint?.description
        }
        return try orders.enumerated().map { index, order throws(CacheError) in
            let value = rest.removeFirst()
            let lifetime = try Self.lifetime(rest.removeFirst())
            var result = self.result(order, complaints[index], holds: holds[index], value, lifetime)
            result.replicas = replicas
            result.acknowledged = holds[index] ? nil : acknowledged.map { Int($0) }
            return result
        }
    }

    private func result(
        _ order: Order, _ complaint: String?, holds: Bool, _ value: RESPValue, _ lifetime: Int64
    ) -> RevocationResult {
        var result = RevocationResult(
            token: order.token, layout: layout, key: Printable.escape(key(order)),
            state: holds ? .alreadyRevoked : .written)
        result.lifetime = lifetime < 0 ? nil : .milliseconds(lifetime)
        result.isThere = lifetime != -2
        result.indexes = indexes(order).map { Printable.escape($0) }
        if !result.isThere {
            result.state = .failed(complaint ?? "not there when it was read back: the token is not revoked")
        } else if !holds, (try? value.bytes) != Array(order.token.json.line.utf8) {
            result.state = .failed(complaint ?? "something else stood there when it was read back")
        } else if let complaint {
            result.state = .failed("the token is revoked, but not listed in its index sets: \(complaint)")
        }
        return result
    }

    private func commands(_ order: Order, _ before: Before, _ now: Int64) -> [KeyedCommand] {
        let until = order.until.milliseconds
        var commands = [
            KeyedCommand(
                key(order),
                Command([
                    Array("SET".utf8), key(order), Array(order.token.json.line.utf8), Array("PXAT".utf8),
                    Array(String(until).utf8),
                ]))
        ]
        for (set, lifetime) in zip(indexes(order), before.indexLifetimes) {
            commands.append(KeyedCommand(set, Command([Array("SADD".utf8), set, Array(order.token.id.utf8)])))
            // A set that outlives its longest member is the server's own business; one that does not is a hole.
            if lifetime == -2 || (lifetime >= 0 && lifetime < until - now) {
                let left = Array(String(max(1, until - now)).utf8)
                commands.append(KeyedCommand(set, Command([Array("PEXPIRE".utf8), set, left])))
            }
        }
        return commands
    }
}
