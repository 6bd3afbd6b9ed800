internal import RedisValues

/// What commands do, as far as alerts ask for it.
enum CommandClass: Sendable {
    case any, reads, writes, blocking, removals

    func contains(_ name: String) -> Bool {
        let isMeant =
            switch self {
            case .any: true
            case .reads: Self.readNames.contains(name)
            case .writes: Self.writeNames.contains(name)
            case .blocking: Self.blockingNames.contains(name)
            case .removals: Self.removalNames.contains(name)
            }
        return isMeant
            || self != .blocking && Self.scriptNames.contains(name) && !(self == .writes && name.hasSuffix("_ro"))
    }

    private static func names(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }

    /// They count what they call once more.
    static let scriptNames = names("eval evalsha eval_ro fcall fcall_ro exec")

    /// This program asks them, or watchers like it, and no application has a reason to.
    static let ownNames = names(
        "info dbsize slowlog|get slowlog|len client|list client|id client|setname client|no-touch client|no-evict "
            + "config|get acl|whoami randomkey scan type pttl memory|usage object|idletime object|encoding object|freq "
            + "script|load evalsha_ro ping auth hello select slowlog client config acl memory object script command")

    private static let readNames = names(
        "get mget getrange strlen getex getbit bitcount hget hmget hgetall hexists hlen hkeys hvals hstrlen lrange "
            + "llen lindex smembers sismember smismember scard srandmember sinter sunion sdiff zrange zrangebyscore "
            + "zrevrange zscore zmscore zcard zcount zrank exists ttl xrange xrevrange xread xlen touch keys sort_ro "
            + "json.get json.mget pfcount geosearch georadius_ro dump")
    private static let writeNames = names(
        "set setex psetex setnx mset msetnx append setrange getset incr incrby incrbyfloat decr decrby setbit bitop "
            + "bitfield hset hmset hsetnx hincrby hincrbyfloat hsetex lpush rpush lpushx rpushx linsert lset lmove "
            + "rpoplpush sadd smove sinterstore sunionstore sdiffstore zadd zincrby zunionstore zinterstore "
            + "zdiffstore zrangestore xadd xautoclaim xclaim xgroup|create pfadd pfmerge geoadd geosearchstore copy "
            + "restore rename renamenx sort json.set json.mset json.arrappend json.merge migrate persist")
    private static let blockingNames = names(
        "blpop brpop blmove blmpop brpoplpush bzpopmin bzpopmax bzmpop xread xreadgroup wait waitaof")
    private static let removalNames = names(
        "del unlink flushdb flushall getdel hdel lpop rpop ltrim spop srem zrem zremrangebyscore zremrangebyrank xdel "
            + "xtrim rename expire pexpire")
}

/// Which commands take more of the server's time than is usual, by `INFO commandstats`.
struct CommandExcess: Equatable, Sendable {
    private struct Answer: Equatable, Sendable {
        var at: Duration
        var stats: [String: CommandStats]
    }

    /// Microseconds a second.
    private var bins = RateBins()
    private var before: Answer?

    /// - Parameter stats: of a poll that has asked for them.
    mutating func note(_ stats: [String: CommandStats], at now: Duration) {
        guard let last = before else { return before = Answer(at: now, stats: stats) }
        guard now - last.at >= RateBins.shortest else { return }
        before = Answer(at: now, stats: stats)
        let seconds = (now - last.at) / .seconds(1)
        var rates: [String: Double] = [:]
        for (name, now) in stats where !CommandClass.ownNames.contains(name) {
            let then = last.stats[name] ?? CommandStats(calls: 0, time: .zero)
            // Counters that fell were reset: nothing is known of this stretch.
            guard now.calls >= then.calls, now.time >= then.time else { return }
            if now.calls > then.calls { rates[name] = (now.time - then.time) / .microseconds(1) / seconds }
        }
        bins.append(rates, from: last.at, to: now)
    }

    /// - Returns: by name as `INFO` has it; nil where nothing is known of what is usual.
    func rises(_ meant: CommandClass, at now: Duration) -> Rises? {
        bins.rises(at: now, of: meant.contains).map { Rises(Self.once($0)) }
    }

    /// What has taken most of the server's time in the last minute, and which part of it; nil where nobody knows.
    func busiest(at now: Duration) -> (name: String, part: Double)? {
        bins.highest(at: now).map { (Self.shown($0.name), $0.part) }
    }

    /// A script, and what it calls most, as one: both have counted the same time.
    private static func once(_ all: [Rise]) -> [Rise] {
        let scripts = all.filter { CommandClass.scriptNames.contains($0.name) && $0.isSure }
        let called = all.filter { !CommandClass.scriptNames.contains($0.name) }
        guard let script = scripts.max(by: { $0.amount.value < $1.amount.value }) else { return called }
        guard let most = Rises(called).leader else { return [script] }
        // What takes longer than all scripts is not called by them alone.
        guard script.amount.value >= most.amount.value * nearly else { return called }
        return [Rise(name: "\(script.name) \(most.name)", amount: script.amount)]
            + called.filter { $0.name != most.name }
    }

    private static let nearly = 0.9

    /// As people write it: `CONFIG GET`, `EVALSHA with HSET`.
    static func shown(_ name: String) -> String {
        name.uppercased().split(separator: " ").map { $0.split(separator: "|").joined(separator: " ") }
            .joined(separator: " with ")
    }
}
