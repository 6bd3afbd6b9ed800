internal import CacheModel

/// Writes tokens to the blacklist of one node, and says what is true afterwards: two round trips.
struct TokenRevocation {
    let node: OperationNode
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
        let (opened, before) = try await look(orders)
        guard opened.isPrimary else {
            throw .forbidden("\(opened.address) is a replica: a revocation has to be written to the primary")
        }
        return try await write(orders, before, replicas: opened.replicas)
    }

    private func key(_ order: Order) -> [UInt8] { layout.key(of: order.token.id, keyPrefix: keyPrefix) }
    private func indexes(_ order: Order) -> [[UInt8]] { layout.indexKeys(of: order.token, keyPrefix: keyPrefix) }

    private func look(_ orders: [Order]) async throws(CacheError) -> (NodeIdentity, [Before]) {
        var flight = FlightBuffer()
        flight.append(Question.info.command, as: "info")
        // Says before anything is written whether this user may write; on a key that nobody has, it does nothing.
        let probe = WriteAccess.probeKey(in: layout.key(of: "", keyPrefix: keyPrefix))
        flight.append(Command([Array("SET".utf8), probe, Array("x".utf8), Array("XX".utf8)]), as: "set")
        for order in orders {
            for key in [key(order)] + indexes(order) { flight.append(Command([Array("PTTL".utf8), key]), as: "pttl") }
        }
        let replies = try await node.fly(flight)
        var position = 0
        let text = try replies.value(at: &position).reading { reply throws(RESPShapeError) in try reply.bytes }
        let identity = try NodeGuard.identity(InfoParser.parse(text), address: node.link.name)
        if case .forbidden(let words)? = WriteDemand.objection(in: replies.value(at: &position)) {
            throw .forbidden("revoke is refused, nothing was written: \(words)")
        }
        var before: [Before] = []
        for order in orders {
            let lifetime = try replies.integer(at: &position) ?? -2
            var sets: [Int64] = []
            for _ in indexes(order) { sets.append(try replies.integer(at: &position) ?? -2) }
            before.append(Before(exists: lifetime != -2, lifetime: lifetime, indexLifetimes: sets))
        }
        return (identity, before)
    }

    private func write(
        _ orders: [Order], _ before: [Before], replicas: Int
    ) async throws(CacheError) -> [RevocationResult] {
        let now = WallTime.now.milliseconds
        let holds = zip(orders, before).map { order, before in
            before.exists && (before.lifetime == -1 || before.lifetime + 1000 >= order.until.milliseconds - now)
        }
        var flight = FlightBuffer()
        for (index, order) in orders.enumerated() where !holds[index] { append(order, before[index], now, &flight) }
        let waits = replicas > 0 && holds.contains(false)
        if waits {
            flight.append(
                Command("WAIT", String(replicas), String(Int(patience / .milliseconds(1)))), as: "wait")
        }
        for order in orders {
            flight.append(Command([Array("GET".utf8), key(order)]), as: "get")
            flight.append(Command([Array("PTTL".utf8), key(order)]), as: "pttl")
        }
        let replies = try await node.fly(flight)
        var position = 0
        var complaints: [String?] = []
        for (index, order) in orders.enumerated() {
            let commands = holds[index] ? 0 : self.commands(order, before[index], now).count
            var complaint: String?
            for _ in 0..<commands {
                let reply = replies.value(at: &position)
                if let error = reply.cacheError { complaint = complaint ?? error.description }
            }
            complaints.append(complaint)
        }
        let acknowledged = waits ? try? replies.value(at: &position).integer : nil
        return try orders.enumerated().map { index, order throws(CacheError) in
            let value = replies.value(at: &position)
            let lifetime = try replies.integer(at: &position) ?? -2
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

    private func append(_ order: Order, _ before: Before, _ now: Int64, _ flight: inout FlightBuffer) {
        for command in commands(order, before, now) { flight.append(command, as: "set") }
    }

    private func commands(_ order: Order, _ before: Before, _ now: Int64) -> [Command] {
        let until = order.until.milliseconds
        var commands = [
            Command([
                Array("SET".utf8), key(order), Array(order.token.json.line.utf8), Array("PXAT".utf8),
                Array(String(until).utf8),
            ])
        ]
        for (set, lifetime) in zip(indexes(order), before.indexLifetimes) {
            commands.append(Command([Array("SADD".utf8), set, Array(order.token.id.utf8)]))
            // A set that outlives its longest member is the server's own business; one that does not is a hole.
            if lifetime == -2 || (lifetime >= 0 && lifetime < until - now) {
                commands.append(Command([Array("PEXPIRE".utf8), set, Array(String(max(1, until - now)).utf8)]))
            }
        }
        return commands
    }
}
