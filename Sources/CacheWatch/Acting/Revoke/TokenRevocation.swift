internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Writes tokens to the blacklist, and says what is true afterwards: two round trips to each node that is concerned.
struct TokenRevocation {
    let keyPrefix: [UInt8]
    /// Of the server that is written to.
    var risk = EvictionRisk.none
    /// Milliseconds by which a key is to be kept longer than until its token expires.
    private(set) var reserve: Int64 = 0
    /// How long replicas may take to acknowledge.
    var patience = Duration.seconds(1)

    /// A token in one layout, and when the server may forget it.
    struct Order: Sendable {
        var token: RevokedToken
        var layout: BlacklistLayout
        var until: WallTime

        fileprivate var value: [UInt8] { Array(token.value(in: layout, until: until).line.utf8) }
        fileprivate var name: [UInt8] { Array(layout.name(of: token.id).utf8) }
    }

    /// What the first round trip brings of a token.
    struct Before: Sendable {
        fileprivate var exists: Bool
        fileprivate var lifetime: Int64
        fileprivate var indexLifetimes: [Int64]
    }

    init(keyPrefix: [UInt8]) { self.keyPrefix = keyPrefix }

    /// Servers forget keys by their own clocks: one that is ahead of ours would let a token in again before it has expired.
    ///
    /// - Parameter clocks: of the servers that are written to, nil where one does not say.
    mutating func regard(clocks: [WallTime?], at here: WallTime) {
        let ahead = clocks.compactMap { $0.map { $0.milliseconds -| here.milliseconds } }.max() ?? 0
        reserve = ahead > Self.clockTolerance ? min(ahead, Self.longestReserve) : 0
    }

    /// What passes between the question and the answer.
    private static let clockTolerance: Int64 = 5000
    private static let longestReserve: Int64 = 366 * 86_400_000

    /// When the server is to forget a key, by its clock, in milliseconds.
    func expiry(until: WallTime) -> Int64 { until.milliseconds +| reserve }

    func key(_ order: Order) -> [UInt8] { order.layout.key(of: order.token.id, keyPrefix: keyPrefix) }
    private func indexes(_ order: Order) -> [[UInt8]] { order.layout.indexKeys(of: order.token, keyPrefix: keyPrefix) }

    /// What has to be known before anything is written.
    func questions(_ orders: [Order]) -> [KeyedCommand] {
        orders.flatMap { ([key($0)] + indexes($0)).map { KeyedCommand("PTTL", $0) } }
    }

    /// - Parameter replies: to ``questions(_:)``.
    func before(_ orders: [Order], _ replies: [RESPValue]) throws(CacheError) -> [Before] {
        var rest = replies[...]
        var before: [Before] = []
        for order in orders {
            let lifetime = try Self.lifetime(rest.removeFirst())
            let sets = try indexes(order).map { _ throws(CacheError) in try Self.lifetime(rest.removeFirst()) }
            before.append(Before(exists: lifetime != -2, lifetime: lifetime, indexLifetimes: sets))
        }
        return before
    }

    private static func lifetime(_ reply: RESPValue) throws(CacheError) -> Int64 {
        try reply.reading { reply throws(RESPShapeError) in try reply.integer }
    }

    /// - Throws: ``CacheError`` where nothing was written, or nobody knows.
    func write(
        _ orders: [Order], _ before: [Before], replicas: Int, _ permit: Permit
    ) async throws(CacheError) -> [RevocationResult] {
        let now = WallTime.now.milliseconds
        let holds = zip(orders, before).map { order, before in
            before.exists && (before.lifetime == -1 || before.lifetime +| 1000 >= order.until.milliseconds -| now)
        }
        let due = orders.indices.filter { !holds[$0] }
        var sets = IndexSets()
        for index in due {
            for (set, lifetime) in zip(indexes(orders[index]), before[index].indexLifetimes) {
                let until = orders[index].until.milliseconds
                sets.add(orders[index].name, to: set, until: until, lifetime: lifetime)
            }
        }
        let listings = sets.commands(at: now)
        let wait = Command("WAIT", String(replicas), String(patience.wholeMilliseconds))
        let answer = await permit.router.ask(
            due.map { set(orders[$0]) } + listings.map(\.command)
                + orders.flatMap { [KeyedCommand("GET", key($0)), KeyedCommand("PTTL", key($0))] },
            last: replicas > 0 && !due.isEmpty ? [wait] : [], under: permit.token)
        var complaints: [Int: String] = [:]
        for (index, result) in zip(due, answer.results) { complaints[index] = Self.complaint(result) }
        let listed = zip(listings.map(\.entry), answer.results.dropFirst(due.count))
        let unlisted = await list(sets, listed.map { ($0, $1) }, at: now, permit)
        let position = due.count + listings.count
        // Of several nodes the one counts that fewest replicas follow. WAIT counts the writes of its own connection:
        // where one was lost, it says nothing.
        let isWhole = answer.results[..<position].allSatisfy { if case .success = $0 { true } else { false } }
        let acknowledged = isWhole ? answer.besides.values.compactMap { try? $0.last?.integer }.min() : nil
        return try orders.enumerated().map { index, order throws(CacheError) in
            let value = try answer.reply(to: position + 2 * index)
            let lifetime = try Self.lifetime(try answer.reply(to: position + 2 * index + 1))
            let complaint = Complaints(
                token: complaints[index], sets: holds[index] ? nil : unlisted.first(of: indexes(order)))
            var result = self.result(order, complaint, holds: holds[index], value, lifetime)
            result.replicas = replicas
            result.acknowledged = holds[index] ? nil : acknowledged.map { Int($0) }
            result.risk = risk
            return result
        }
    }

    /// Lists without a script what a user could not list with one.
    private func list(
        _ sets: IndexSets, _ results: [(Int, Result<RESPValue, CacheError>)], at now: Int64, _ permit: Permit
    ) async -> IndexSets.Complaints {
        var complaints = IndexSets.Complaints()
        for (index, result) in results { complaints.note(result, of: index, sets) }
        guard !complaints.denied.isEmpty else { return complaints }
        var rest = IndexSets.Complaints()
        for (index, result) in results where !complaints.denied.contains(index) { rest.note(result, of: index, sets) }
        let commands = sets.plainCommands(of: complaints.denied, at: now)
        let answer = await permit.router.ask(commands.map(\.command), under: permit.token)
        for (command, result) in zip(commands, answer.results) { rest.note(result, of: command.entry, sets) }
        return rest
    }

    /// What went wrong when a token was written; what is read back says what is true.
    private struct Complaints {
        var token: String?
        /// Of its index sets.
        var sets: String?
        var first: String? { token ?? sets }
    }

    private static func complaint(_ result: Result<RESPValue, CacheError>) -> String? {
        switch result {
        case .success(let reply): reply.cacheError?.description
        case .failure(let error): error.description
        }
    }

    private func result(
        _ order: Order, _ complaints: Complaints, holds: Bool, _ value: RESPValue, _ lifetime: Int64
    ) -> RevocationResult {
        var result = RevocationResult(
            token: order.token, layout: order.layout, key: Printable.escape(key(order)),
            state: holds ? .alreadyRevoked : .written)
        result.lifetime = lifetime < 0 ? nil : .milliseconds(lifetime)
        result.isThere = lifetime != -2
        result.indexes = indexes(order).map { Printable.escape($0) }
        if !result.isThere {
            result.state = .failed(complaints.first ?? "not there when it was read back: the token is not revoked")
        } else if !holds, (try? value.bytes) != order.value {
            result.state = .failed(complaints.first ?? "something else stood there when it was read back")
        } else if let complaint = complaints.sets {
            result.state = .failed("the token is revoked, but not listed in its index sets: \(complaint)")
        }
        return result
    }

    private func set(_ order: Order) -> KeyedCommand {
        let until = Array(String(expiry(until: order.until)).utf8)
        return KeyedCommand(
            key(order), Command([Array("SET".utf8), key(order), order.value, Array("PXAT".utf8), until]))
    }
}
