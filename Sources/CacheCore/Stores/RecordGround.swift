internal import CacheWire
internal import NIOConcurrencyHelpers
internal import RedisValues

/// Where records stand that are strings, and the sets that list them: a server, or this process.
protocol RecordGround: Sendable {
    /// One a key, all asked for at once.
    func values(of keys: [[UInt8]]) async throws(CacheError) -> [StoredRecord]
    func put(_ value: [UInt8], at key: [UInt8], life: Duration) async throws(CacheError)
    /// Puts a value in the place of what was read; its life is only made longer.
    func swap(_ old: [UInt8], for new: [UInt8], at key: [UInt8], life: Duration) async throws(CacheError) -> RecordSwap
    /// Removes keys, and members from sets; says whether one of the keys was there.
    func remove(_ keys: [[UInt8]], members: [[UInt8]], from sets: [[UInt8]]) async throws(CacheError) -> Bool
    func members(of set: [UInt8]) async throws(CacheError) -> [[UInt8]]
    /// Lists a member; the life of the sets is only made longer. Says what went wrong with one.
    func list(_ member: [UInt8], in sets: [[UInt8]], life: Duration) async throws(CacheError) -> CacheError?
    func revoke(_ records: [RevocationRecord], life: Duration) async throws(CacheError) -> [RevocationScript.Reply]
    func cutOff(_ cutOff: CutOff, at key: [UInt8], life: Duration) async throws(CacheError) -> CutOffScript.Reply
}

/// What a key holds.
enum StoredRecord: Equatable, Sendable {
    case gone
    case value([UInt8])
    /// Another type than a string.
    case alien

    var bytes: [UInt8]? {
        if case .value(let bytes) = self { bytes } else { nil }
    }
}

/// A token's record in one layout.
struct RevocationRecord: Sendable {
    var key: [UInt8]
    var value: [UInt8]
}

/// What has become of a record that was to be replaced.
enum RecordSwap: Int64, Sendable {
    case gone = 0
    case done = 1
    /// Somebody has written meanwhile.
    case differs = 2
}

/// Records on a server.
struct ServerRecords: RecordGround {
    let desk: StoreDesk
    /// Keys of several slots are asked for one by one; known from the first refusal on.
    private let isClustered = NIOLockedValueBox(false)

    init(desk: StoreDesk) { self.desk = desk }

    private static let indexScript = StoreScript(IndexScript.source)
    private static let revocationScript = StoreScript(RevocationScript.source)
    private static let cutOffScript = StoreScript(CutOffScript.source)
    /// ARGV: what was read, what is to stand there, the life in milliseconds.
    private static let swapScript = StoreScript(
        """
        local there = redis.pcall('GET', KEYS[1])
        if type(there) == 'table' or not there then return 0 end
        if there ~= ARGV[1] then return 2 end
        local left = math.max(redis.call('PTTL', KEYS[1]), tonumber(ARGV[3]))
        redis.call('SET', KEYS[1], ARGV[2], 'PX', string.format('%.0f', left))
        return 1
        """)

    func values(of keys: [[UInt8]]) async throws(CacheError) -> [StoredRecord] {
        if keys.count > 1, !isClustered.withLockedValue({ $0 }) {
            let reply: RESPValue
            do throws(CacheError) { reply = try await desk.calls.send(.mget(keys)) } catch {
                throw desk.notes.failed(error)
            }
            if !reply.isCrossSlot {
                let values = try desk.accepted(reply).reading { reply throws(RESPShapeError) in try reply.array }
                guard values.count == keys.count else { throw .protocolError("\(values.count) values of MGET") }
                return try values.map { value throws(CacheError) in try record(value) }
            }
            isClustered.withLockedValue { $0 = true }
        }
        let replies = try await desk.pipeline(keys.map { .get($0) })
        return try replies.map { reply throws(CacheError) in try record(try desk.accepted(reply)) }
    }

    private func record(_ reply: RESPValue) throws(CacheError) -> StoredRecord {
        if reply.isWrongType { return .alien }
        if case .null = reply { return .gone }
        return .value(try reply.reading { reply throws(RESPShapeError) in try reply.bytes })
    }

    func put(_ value: [UInt8], at key: [UInt8], life: Duration) async throws(CacheError) {
        _ = try await desk.send(.set(key, value, for: life))
    }

    func swap(_ old: [UInt8], for new: [UInt8], at key: [UInt8], life: Duration) async throws(CacheError) -> RecordSwap
    {
        let reply = try await desk.run(Self.swapScript, key, [old, new, life.millisecondDigits])
        return try reply.reading { reply throws(RESPShapeError) in RecordSwap(rawValue: try reply.integer) ?? .gone }
    }

    func remove(_ keys: [[UInt8]], members: [[UInt8]], from sets: [[UInt8]]) async throws(CacheError) -> Bool {
        let replies = try await desk.pipeline(keys.map { .unlink($0) } + sets.map { .srem($0, members) })
        return try replies.map { reply throws(CacheError) in try desk.accepted(reply) }
            .prefix(keys.count).contains(.integer(1))
    }

    func members(of set: [UInt8]) async throws(CacheError) -> [[UInt8]] {
        let reply = try await desk.send(.smembers(set))
        if reply.isWrongType {
            desk.notes.wrongType(set)
            return []
        }
        return try reply.reading { reply throws(RESPShapeError) in
            try reply.array.map { member throws(RESPShapeError) in try member.bytes }
        }
    }

    func list(_ member: [UInt8], in sets: [[UInt8]], life: Duration) async throws(CacheError) -> CacheError? {
        let orders = sets.map {
            StoreDesk.Order(script: Self.indexScript, key: $0, arguments: [life.millisecondDigits, member])
        }
        let replies = try await desk.run(orders)
        var first: CacheError?
        for (set, reply) in zip(sets, replies) {
            if reply.isWrongType { desk.notes.wrongType(set) }
            do throws(CacheError) {
                if let error = try desk.accepted(reply).cacheError { throw error }
            } catch { first = first ?? error }
        }
        return first
    }

    func revoke(_ records: [RevocationRecord], life: Duration) async throws(CacheError) -> [RevocationScript.Reply] {
        let orders = records.map {
            StoreDesk.Order(
                script: Self.revocationScript, key: $0.key, arguments: [$0.value, life.millisecondDigits])
        }
        return try await desk.run(orders).map { reply throws(CacheError) in
            try desk.accepted(reply).reading { reply throws(RESPShapeError) in try RevocationScript.Reply(reply) }
        }
    }

    func cutOff(_ cutOff: CutOff, at key: [UInt8], life: Duration) async throws(CacheError) -> CutOffScript.Reply {
        let arguments = CutOffScript.arguments(since: cutOff.since, lifetime: life)
        let reply = try await desk.run(Self.cutOffScript, key, arguments, isRepeatable: true)
        if reply.isWrongType {
            desk.notes.wrongType(key)
            throw desk.notes.failed(.refused(Refusal(.wrongType)))
        }
        return try reply.reading { reply throws(RESPShapeError) in try CutOffScript.Reply(reply, user: cutOff.user) }
    }
}

extension RESPValue {
    /// A cluster's: the keys of one command lie in several slots.
    fileprivate var isCrossSlot: Bool {
        guard case .error(let words) = self else { return false }
        return words.starts(with: "CROSSSLOT".utf8)
    }
}

/// Records in this process.
struct MemoryRecords: RecordGround {
    let memory: StoreMemory
    let notes: StoreNotes

    func values(of keys: [[UInt8]]) -> [StoredRecord] {
        memory.step { keyspace, now in
            keys.map { key in
                switch keyspace.value(of: key, at: now) {
                case .string(let bytes): .value(bytes)
                case nil: .gone
                default: .alien
                }
            }
        }
    }

    func put(_ value: [UInt8], at key: [UInt8], life: Duration) {
        memory.step { $0.set(.string(value), of: key, until: $1.adding(life)) }
    }

    func swap(_ old: [UInt8], for new: [UInt8], at key: [UInt8], life: Duration) -> RecordSwap {
        memory.step { keyspace, now in
            guard case .string(let there) = keyspace.value(of: key, at: now) else { return .gone }
            guard there == old else { return .differs }
            let left = keyspace.rest(of: key, at: now) ?? nil
            keyspace.set(.string(new), of: key, until: now.adding(max(left ?? life, life)))
            return .done
        }
    }

    func remove(_ keys: [[UInt8]], members: [[UInt8]], from sets: [[UInt8]]) -> Bool {
        memory.step { keyspace, now in
            var isRemoved = false
            for key in keys where keyspace.remove(key, at: now) { isRemoved = true }
            for set in sets { for member in members { keyspace.unlist(member, from: set, at: now) } }
            return isRemoved
        }
    }

    func members(of set: [UInt8]) -> [[UInt8]] {
        let value = memory.step { $0.value(of: set, at: $1) }
        switch value {
        case .set(let members): return Array(members)
        case nil: return []
        default:
            notes.wrongType(set)
            return []
        }
    }

    func list(_ member: [UInt8], in sets: [[UInt8]], life: Duration) -> CacheError? {
        memory.step { keyspace, now in
            let isListed = sets.map { keyspace.list(member, in: $0, life: life, at: now) }
            guard let alien = isListed.firstIndex(of: false) else { return nil }
            notes.wrongType(sets[alien])
            return .refused(Refusal(.wrongType))
        }
    }

    /// - Throws: ``CacheError/refused(_:)`` where there is no room: others are not let in again for it.
    func revoke(_ records: [RevocationRecord], life: Duration) throws(CacheError) -> [RevocationScript.Reply] {
        let replies = memory.step { keyspace, now in
            records.map { keyspace.revoke($0.key, $0.value, life: life, at: now) }
        }
        return try replies.map { reply throws(CacheError) in try room(reply) }
    }

    func cutOff(_ cutOff: CutOff, at key: [UInt8], life: Duration) throws(CacheError) -> CutOffScript.Reply {
        let reply = memory.step { keyspace, now in
            keyspace.isAlien(key, at: now) ? nil : Optional(keyspace.cutOff(cutOff, key: key, life: life, at: now))
        }
        guard let reply else {
            notes.wrongType(key)
            throw notes.failed(.refused(Refusal(.wrongType)))
        }
        return try room(reply)
    }

    private func room<Reply>(_ reply: Reply?) throws(CacheError) -> Reply {
        guard let reply else {
            throw notes.failed(.refused(Refusal(.outOfMemory, detail: "the store's memory is full")))
        }
        return reply
    }
}
