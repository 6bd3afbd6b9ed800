import Foundation

/// A keyspace whose content is known: every namespace, aliases, likenesses, and keys that are no text.
public struct KnownKeyspace {
    /// Keys by namespace; `other` for those that belong to none.
    public private(set) var keys: [String: Int] = [:]
    /// By namespace, of those that must expire.
    public private(set) var withoutTTL: [String: Int] = [:]

    private static let groups: [(prefix: String, namespace: String, share: Int)] = [
        ("product:", "product", 300), ("session:", "session", 180), ("session/", "session", 20),
        ("cart:user:", "cart", 80), ("rate:limit:ip:", "rate:limit", 60), ("shop:rate:limit/", "rate:limit", 20),
        ("token:blacklist:", "token:blacklist", 15), ("blacklist:token:", "token:blacklist", 15),
        ("blacklist:user:", "token:blacklist", 5), ("api:cache:/v1/", "api:cache", 60),
        ("ws:session:", "ws:session", 20),
        ("ws:session/", "ws:session", 25), ("session-archive:", "other", 50), ("sessions:", "other", 50),
        ("feature:", "other", 30), ("queue:mail:", "other", 20), ("lonely", "other", 10), ("productive:", "other", 40),
    ]

    /// Globs of Redis' own that take the keys of a namespace, and nothing else.
    public static let globs: [String: [String]] = [
        "product": ["product[:/]*"], "session": ["session[:/]*", "session"], "cart": ["cart[:/]*"],
        "rate:limit": ["rate:limit[:/]*", "shop:rate:limit/*"],
        "token:blacklist": ["token:blacklist[:/]*", "blacklist:token[:/]*", "blacklist:user[:/]*"],
        "api:cache": ["api:cache[:/]*"], "ws:session": ["ws:session[:/]*"],
    ]

    /// Fills a server with about so many keys; a fiftieth of the counters never expires.
    public init(on server: RedisServer, keys count: Int) throws {
        for group in Self.groups {
            let number = count * group.share / 1000
            try server.cli("EVAL", Self.fill, "0", group.prefix, "1", String(number))
            keys[group.namespace, default: 0] += number
            if group.prefix == "rate:limit:ip:" { withoutTTL["rate:limit"] = number / 50 }
        }
        try server.cli("EVAL", Self.oddities, "0")
        keys["session", default: 0] += 3
        keys["product", default: 0] += 2
        keys["other", default: 0] += 4
        withoutTTL["product"] = 2
        withoutTTL["session"] = 3
    }

    public var total: Int { keys.values.reduce(0, +) }

    /// The sum of `MEMORY USAGE` over the keys that globs take, asked of the server key by key.
    public static func bytes(of namespace: String, on server: RedisServer) throws -> Int {
        try (globs[namespace] ?? []).reduce(0) { sum, glob in
            let answer = try server.cli("EVAL", Self.sum, "0", glob)
            return sum + (Int(answer.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1)
        }
    }

    private static let fill = """
        local life = {['product:']=3600, ['session:']=7200, ['session/']=7200, ['api:cache:/v1/']=300}
        for i = tonumber(ARGV[2]), tonumber(ARGV[3]) do
          local key = ARGV[1] .. i
          local kind = i % 16
          if kind == 0 then redis.call('HSET', key, 'a', i, 'b', string.rep('y', i % 90))
          elseif kind == 1 then redis.call('RPUSH', key, i, i + 1)
          elseif kind == 2 then redis.call('SADD', key, i, 'x')
          elseif kind == 3 then redis.call('ZADD', key, i, 'member')
          else redis.call('SET', key, string.rep('x', 20 + i * 7919 % 300)) end
          if ARGV[1] ~= 'rate:limit:ip:' or i % 50 ~= 0 then
            redis.call('PEXPIRE', key, (life[ARGV[1]] or 3600) * 1000 - i % 1000)
          end
        end
        return 'OK'
        """

    private static let oddities = """
        redis.call('SET', 'session', 'x')
        redis.call('SET', 'session:\\n\\r\\27[2J', 'x')
        redis.call('SET', 'session:\\0\\255\\254', 'x')
        redis.call('SET', 'product:\\0', 'x')
        redis.call('SET', 'product:', 'x')
        redis.call('SET', '', 'x')
        redis.call('SET', '\\0\\255:\\254', 'x')
        redis.call('SET', 'session\\0:1', 'x')
        redis.call('SET', '\\27]0;title\\7', 'x')
        return 'OK'
        """

    private static let sum = """
        local sum = 0
        for _, key in ipairs(redis.call('KEYS', ARGV[1])) do sum = sum + redis.call('MEMORY', 'USAGE', key) end
        return sum
        """
}
