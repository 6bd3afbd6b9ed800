internal import CacheWire
internal import RedisValues

/// A store's way to a server: what is refused for good is told as such, and what the cache's absence costs is counted.
struct StoreDesk: Sendable {
    let calls: any CacheCalls
    let notes: StoreNotes
    /// What a user needs so that the store works, as an ACL has it: `~session:* +eval …`.
    let rule: String

    /// A script and what it is about.
    struct Order: Sendable {
        let script: StoreScript
        let key: [UInt8]
        let arguments: [[UInt8]]
    }

    /// - Throws: ``CacheError``, also for an error reply, but for one of another type of key.
    func send(_ call: CacheCall) async throws(CacheError) -> RESPValue {
        let reply: RESPValue
        do throws(CacheError) { reply = try await calls.send(call) } catch { throw notes.failed(error) }
        return try accepted(reply)
    }

    func pipeline(_ calls: [CacheCall]) async throws(CacheError) -> [RESPValue] {
        guard !calls.isEmpty else { return [] }
        do throws(CacheError) { return try await self.calls.pipeline(calls) } catch { throw notes.failed(error) }
    }

    func run(
        _ script: StoreScript, _ key: [UInt8], _ arguments: [[UInt8]], isRepeatable: Bool = false
    ) async throws(CacheError) -> RESPValue {
        let reply: RESPValue
        do throws(CacheError) {
            reply = try await calls.run(script, key, arguments, isRepeatable: isRepeatable)
        } catch { throw notes.failed(error) }
        return try accepted(reply)
    }

    /// Several scripts at once, of which twice is once; those that a server does not know follow in full.
    ///
    /// - Returns: the replies, errors among them.
    func run(_ orders: [Order]) async throws(CacheError) -> [RESPValue] {
        var replies = try await pipeline(
            orders.map { $0.script.call($0.key, $0.arguments, isRepeatable: true) })
        let unknown = replies.indices.filter { replies[$0].isUnknownScript }
        let again = try await pipeline(
            unknown.map { orders[$0].script.fullCall(orders[$0].key, orders[$0].arguments, isRepeatable: true) })
        for (index, reply) in zip(unknown, again) { replies[index] = reply }
        return replies
    }

    /// - Throws: ``CacheError/forbidden(_:)`` where the user lacks the right, and says which; an error reply of any other
    ///   kind, but for one of another type of key.
    func accepted(_ reply: RESPValue) throws(CacheError) -> RESPValue {
        guard let error = reply.cacheError, !reply.isWrongType else { return reply }
        throw self.error(error)
    }

    private func error(_ error: CacheError) -> CacheError {
        guard error.refusal.kind == .noPermission else { return notes.failed(error) }
        return .forbidden("\(error.refusal.detail): the store needs \(rule)")
    }
}

extension StoreNotes {
    /// A call that has failed, which is counted; not one that the caller has given up.
    func failed(_ error: CacheError) -> CacheError {
        if error.isOutage { count(.drops) }
        return error
    }
}

extension CacheError {
    /// What the cache's absence explains: neither the caller's own doing nor a lack of rights.
    var isOutage: Bool {
        switch self {
        case .input, .forbidden: false
        case .cancelled: !Task.isCancelled
        default: true
        }
    }
}

/// What a store checks before anything is sent.
enum StoreInput {
    static func id(_ text: String) throws(CacheError) -> [UInt8] {
        do throws(StoreID.Problem) { return Array(try StoreID(text).description.utf8) } catch {
            throw .input(error.description)
        }
    }

    /// - Throws: ``CacheError/input(_:)`` for a TTL that is not positive, or longer than a year.
    static func life(_ duration: Duration) throws(CacheError) -> Duration {
        try duration.storeLife("the TTL")
        return duration
    }
}
