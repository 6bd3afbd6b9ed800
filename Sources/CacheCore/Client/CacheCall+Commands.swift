internal import CacheWire
public import RedisValues

/// Commands as a server spells them: `pool.send(.get("product:1"))`.
extension CacheCall {
    /// A command whose first argument is the key.
    private init(_ name: String, _ key: some BulkString, _ arguments: [[UInt8]] = [], isRepeatable: Bool) {
        let key = key.bulk
        self.init(key, Command([Array(name.utf8), key] + arguments), isRepeatable: isRepeatable)
    }

    /// `GET`: the value, null where there is none.
    public static func get(_ key: some BulkString) -> CacheCall { CacheCall("GET", key, isRepeatable: true) }

    /// `MGET`: a value or null for each key; in a cluster all have to lie in one slot.
    public static func mget(_ keys: [some BulkString]) -> CacheCall {
        let names = keys.map(\.bulk)
        return CacheCall(names.first ?? [], Command([Array("MGET".utf8)] + names), isRepeatable: true)
    }

    /// `EXISTS`: 1 or 0.
    public static func exists(_ key: some BulkString) -> CacheCall { CacheCall("EXISTS", key, isRepeatable: true) }

    /// `PTTL`: milliseconds that the key has left; -1 without an expiry, -2 where it is not there.
    public static func pttl(_ key: some BulkString) -> CacheCall { CacheCall("PTTL", key, isRepeatable: true) }

    /// `SET` with `PXAT`, since Redis 6.2: twice is once, however late the second comes.
    public static func set(_ key: some BulkString, _ value: some BulkString, until end: WallTime) -> CacheCall {
        CacheCall(
            "SET", key, [value.bulk, Array("PXAT".utf8), Array(String(end.milliseconds).utf8)], isRepeatable: true)
    }

    /// `SET` with `PX`: never sent twice, for the second would begin its life anew.
    ///
    /// - Parameters:
    ///   - lifetime: in milliseconds on the server, 1 or more; nil keeps it for ever.
    ///   - isNew: with `NX`: only where there is no such key; null where there is one.
    public static func set(
        _ key: some BulkString, _ value: some BulkString, for lifetime: Duration?, isNew: Bool = false
    ) -> CacheCall {
        var arguments = [value.bulk]
        if isNew { arguments.append(Array("NX".utf8)) }
        if let lifetime { arguments += [Array("PX".utf8), lifetime.millisecondDigits] }
        return CacheCall("SET", key, arguments, isRepeatable: false)
    }

    /// `UNLINK`: how many there were; the server frees their memory beside its work.
    public static func unlink(_ key: some BulkString) -> CacheCall { CacheCall("UNLINK", key, isRepeatable: true) }

    /// `EXPIRE`: 1 where there is such a key. In whole seconds, 1 or more.
    public static func expire(_ key: some BulkString, for lifetime: Duration) -> CacheCall {
        CacheCall("EXPIRE", key, [Array(String(max(1, lifetime.wholeSeconds)).utf8)], isRepeatable: true)
    }

    /// `INCR`: never sent twice.
    public static func incr(_ key: some BulkString) -> CacheCall { CacheCall("INCR", key, isRepeatable: false) }

    /// `HSET` of one field: 1 where it is new, 0 where it had another value.
    public static func hset(_ key: some BulkString, _ field: some BulkString, _ value: some BulkString) -> CacheCall {
        CacheCall("HSET", key, [field.bulk, value.bulk], isRepeatable: true)
    }

    /// `HINCRBY`: the sum; never sent twice.
    public static func hincrby(_ key: some BulkString, _ field: some BulkString, _ amount: Int) -> CacheCall {
        CacheCall("HINCRBY", key, [field.bulk, Array(String(amount).utf8)], isRepeatable: false)
    }

    /// `SADD`: how many of the members are new.
    public static func sadd(_ key: some BulkString, _ members: [some BulkString]) -> CacheCall {
        CacheCall("SADD", key, members.map(\.bulk), isRepeatable: true)
    }

    /// `SREM`: how many of the members there were.
    public static func srem(_ key: some BulkString, _ members: [some BulkString]) -> CacheCall {
        CacheCall("SREM", key, members.map(\.bulk), isRepeatable: true)
    }

    /// `SMEMBERS`: all of them, in no order.
    public static func smembers(_ key: some BulkString) -> CacheCall {
        CacheCall("SMEMBERS", key, isRepeatable: true)
    }
}

extension Duration {
    /// Digits, 1 or more, as commands and scripts take it.
    var millisecondDigits: [UInt8] { Array(String(max(1, wholeMilliseconds)).utf8) }
}
