/// Whether a node that was out of memory takes writes again: one is let through now and then, and decides for all.
package struct MemoryGate: Equatable, Sendable {
    package typealias Instant = PoolState.Instant

    /// nil while writes pass.
    package private(set) var outage: Outage?
    private var opensAt = Instant.zero
    private var rest = Backoff(initial: .milliseconds(100), maximum: .seconds(5))

    package struct Outage: Equatable, Sendable {
        package let since: Instant
        package let reason: Refusal
    }

    package init() {}

    /// - Parameter jitter: of the time until the next one, from 0 to 1.
    /// - Returns: false for a write that is not to be sent.
    package mutating func admits(now: Instant, jitter: Double) -> Bool {
        guard outage != nil else { return true }
        guard now >= opensAt else { return false }
        opensAt = now + rest.next(jitter: jitter)
        return true
    }

    /// A write was refused for want of memory.
    package mutating func refused(_ words: [UInt8], now: Instant, jitter: Double) {
        guard outage == nil else { return }
        outage = Outage(since: now, reason: Refusal(.outOfMemory, detail: Printable.escape(words, limit: 200)))
        opensAt = now + rest.next(jitter: jitter)
    }

    /// A write that needs memory was done.
    package mutating func passed() { if outage != nil { self = MemoryGate() } }

    /// Whether an error reply says that the server is out of memory.
    package static func isRefusal(_ words: [UInt8]) -> Bool { words.starts(with: "OOM ".utf8) }

    /// Commands that may need memory, which a server that has none refuses; what it does all the same is sent.
    ///
    /// Source: the flag `denyoom` in `commands/*.json` of Redis 7.0; scripts are refused unless they say otherwise.
    package static let hungry: Set = [
        "SET", "SETEX", "PSETEX", "SETNX", "GETSET", "APPEND", "SETRANGE", "MSET", "MSETNX", "INCR", "INCRBY",
        "INCRBYFLOAT", "DECR", "DECRBY", "HSET", "HMSET", "HSETNX", "HINCRBY", "HINCRBYFLOAT", "LPUSH", "RPUSH",
        "LPUSHX", "RPUSHX", "LINSERT", "LSET", "LMOVE", "BLMOVE", "RPOPLPUSH", "BRPOPLPUSH", "SADD", "SMOVE",
        "SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE", "ZADD", "ZINCRBY", "ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE",
        "ZRANGESTORE", "XADD", "XCLAIM", "XAUTOCLAIM", "PFADD", "PFMERGE", "SETBIT", "BITFIELD", "BITOP", "COPY",
        "RESTORE", "SORT", "GEOADD", "GEOSEARCHSTORE", "EVAL", "EVALSHA", "FCALL",
    ]
}
