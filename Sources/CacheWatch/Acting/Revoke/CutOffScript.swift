internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Moves a user's cut-off to a later instant and its key to a longer life, never back: nothing can come between its
/// look and its SET.
enum CutOffScript {
    /// KEYS: the user's. ARGV: Unix seconds, and for how many milliseconds the key is to stay at least.
    ///
    /// Digits are compared as numbers and written as they came: what is not a number that ``CutOff`` reads is no cut-off, and
    /// is overwritten.
    private static let script = Array(
        """
        local old = redis.call('GET', KEYS[1])
        local left = redis.call('PTTL', KEYS[1])
        local least = tonumber(ARGV[2])
        local holds = old and #old <= 15 and string.match(old, '^%d+$') and tonumber(old) >= tonumber(ARGV[1])
        if not holds then
          redis.call('SET', KEYS[1], ARGV[1])
          if left ~= -1 then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(left, least))) end
        elseif left >= 0 and left < least then
          redis.call('PEXPIRE', KEYS[1], ARGV[2])
        end
        return {holds and 1 or 0, redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}
        """.utf8)

    static func command(_ key: [UInt8], since: WallTime, lifetime: Duration) -> Command {
        let milliseconds = max(1, lifetime.wholeMilliseconds)
        return Command([
            Array("EVAL".utf8), script, Array("1".utf8), key, Array(String(since.seconds).utf8),
            Array(String(milliseconds).utf8),
        ])
    }

    /// A command that tells whether scripts may run, and does nothing.
    static func probe(_ key: [UInt8]) -> Command {
        Command([Array("EVAL".utf8), Array("return 1".utf8), Array("1".utf8), key])
    }

    /// What stands there after the script; read back, not supposed.
    struct Reply {
        /// It stood there before, up to that instant or a later one.
        var isUnchanged: Bool
        var cutOff: CutOff?
        /// Milliseconds; as `PTTL`.
        var lifetime: Int64

        init(_ reply: RESPValue, user: String) throws(CacheError) {
            let parts = try reply.reading { reply throws(RESPShapeError) in try reply.array }
            guard parts.count == 3 else {
                throw .refused(Refusal(.commandFailed, detail: "the script's answer is not understood"))
            }
            isUnchanged = try parts[0].reading { reply throws(RESPShapeError) in try reply.integer } == 1
            cutOff = CutOff(user: user, value: (try? parts[1].bytes) ?? [])
            lifetime = try parts[2].reading { reply throws(RESPShapeError) in try reply.integer }
        }
    }
}
