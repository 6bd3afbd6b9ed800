internal import CacheWire
internal import RedisValues

/// Where values are kept as bytes.
protocol ValueStorage: Sendable {
    /// - Returns: for each key what it holds.
    func read(_ keys: [[UInt8]]) async throws(CacheError) -> [StoredValue]
    func write(_ value: [UInt8], at key: [UInt8], for life: Duration) async throws(CacheError)
    /// Puts a token there if there is nothing.
    ///
    /// - Returns: whether it stands there now.
    func claim(_ key: [UInt8], _ token: [UInt8], for life: Duration) async throws(CacheError) -> Bool
    /// Removes a key that still holds the token.
    func release(_ key: [UInt8], _ token: [UInt8]) async throws(CacheError)
    func remove(_ keys: [[UInt8]]) async throws(CacheError)
}

enum StoredValue: Equatable, Sendable {
    case missing
    case bytes([UInt8])
    /// Something that no value is.
    case wrongType
}

extension StoreScript {
    /// KEYS: a lease. ARGV: its token. Answers how many keys it has removed.
    static let release = StoreScript(
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then
            return redis.call('DEL', KEYS[1])
        end
        return 0
        """)
}

struct RedisStorage: ValueStorage {
    let calls: any CacheCalls

    func read(_ keys: [[UInt8]]) async throws(CacheError) -> [StoredValue] {
        let asked = keys.map { CacheCall.get($0) }
        let replies = asked.count == 1 ? [try await calls.send(asked[0])] : try await calls.pipeline(asked)
        guard replies.count == asked.count else { throw .protocolError("\(replies.count) replies") }
        var values: [StoredValue] = []
        for reply in replies {
            if reply == .null {
                values.append(.missing)
            } else if reply.isWrongType {
                values.append(.wrongType)
            } else {
                values.append(.bytes(try reply.reading { reply throws(RESPShapeError) in try reply.bytes }))
            }
        }
        return values
    }

    func write(_ value: [UInt8], at key: [UInt8], for life: Duration) async throws(CacheError) {
        if let error = try await calls.send(.set(key, value, for: life)).cacheError { throw error }
    }

    func claim(_ key: [UInt8], _ token: [UInt8], for life: Duration) async throws(CacheError) -> Bool {
        let reply = try await calls.send(.set(key, token, for: life, isNew: true))
        if let error = reply.cacheError { throw error }
        return reply != .null
    }

    func release(_ key: [UInt8], _ token: [UInt8]) async throws(CacheError) {
        if let error = try await calls.run(.release, key, [token]).cacheError { throw error }
    }

    func remove(_ keys: [[UInt8]]) async throws(CacheError) {
        for reply in try await calls.pipeline(keys.map { .unlink($0) }) {
            if let error = reply.cacheError { throw error }
        }
    }
}

struct MemoryStorage: ValueStorage {
    let memory: StoreMemory

    func read(_ keys: [[UInt8]]) async throws(CacheError) -> [StoredValue] {
        memory.step { keyspace, now in
            keys.map { key in
                switch keyspace.value(of: key, at: now) {
                case nil: .missing
                case .string(let bytes): .bytes(bytes)
                case .hash, .set: .wrongType
                }
            }
        }
    }

    func write(_ value: [UInt8], at key: [UInt8], for life: Duration) async throws(CacheError) {
        memory.step { $0.set(.string(value), of: key, until: $1.adding(life)) }
    }

    func claim(_ key: [UInt8], _ token: [UInt8], for life: Duration) async throws(CacheError) -> Bool {
        memory.step { keyspace, now in
            guard keyspace.rest(of: key, at: now) == nil else { return false }
            keyspace.set(.string(token), of: key, until: now.adding(life))
            return true
        }
    }

    func release(_ key: [UInt8], _ token: [UInt8]) async throws(CacheError) {
        memory.step { keyspace, now in
            if keyspace.value(of: key, at: now) == .string(token) { keyspace.remove(key, at: now) }
        }
    }

    func remove(_ keys: [[UInt8]]) async throws(CacheError) {
        memory.step { keyspace, now in for key in keys { keyspace.remove(key, at: now) } }
    }
}
