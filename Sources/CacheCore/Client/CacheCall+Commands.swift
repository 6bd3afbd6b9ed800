internal import CacheWire
public import RedisValues

/// Commands as a server spells them: `pool.send(.get("product:1"))`.
extension CacheCall {
    /// A command whose only argument is the key.
    private init(_ name: String, _ key: String, isRepeatable: Bool) {
        self.init(Array(key.utf8), Command(name, key), isRepeatable: isRepeatable)
    }

    /// `GET`: the value, null where there is none.
    public static func get(_ key: String) -> CacheCall { CacheCall("GET", key, isRepeatable: true) }

    /// `MGET`: a value or null for each key; in a cluster all have to lie in one slot.
    public static func mget(_ keys: [String]) -> CacheCall {
        let names = keys.map { Array($0.utf8) }
        return CacheCall(names.first ?? [], Command([Array("MGET".utf8)] + names), isRepeatable: true)
    }

    /// `EXISTS`: 1 or 0.
    public static func exists(_ key: String) -> CacheCall { CacheCall("EXISTS", key, isRepeatable: true) }

    /// `PTTL`: milliseconds that the key has left; -1 without an expiry, -2 where it is not there.
    public static func pttl(_ key: String) -> CacheCall { CacheCall("PTTL", key, isRepeatable: true) }

    /// `SET` with `PXAT`, since Redis 6.2: twice is once, however late the second comes.
    public static func set(_ key: String, _ value: [UInt8], until end: WallTime) -> CacheCall {
        let name = Array(key.utf8)
        let words = ["PXAT", String(end.milliseconds)].map { Array($0.utf8) }
        return CacheCall(name, Command([Array("SET".utf8), name, value] + words), isRepeatable: true)
    }

    /// `SET` with `PX`.
    ///
    /// - Parameter lifetime: in milliseconds on the server, 1 or more; nil keeps it for ever.
    public static func set(_ key: String, _ value: [UInt8], for lifetime: Duration?) -> CacheCall {
        let name = Array(key.utf8)
        let words = lifetime.map { ["PX", String(max(1, Int64(($0 / .milliseconds(1)).whole)))] } ?? []
        return CacheCall(name, Command([Array("SET".utf8), name, value] + words.map { Array($0.utf8) }))
    }

    /// `UNLINK`: how many there were; the server frees their memory beside its work.
    public static func unlink(_ key: String) -> CacheCall { CacheCall("UNLINK", key, isRepeatable: true) }

    /// `INCR`: never sent twice.
    public static func incr(_ key: String) -> CacheCall { CacheCall("INCR", key, isRepeatable: false) }
}
