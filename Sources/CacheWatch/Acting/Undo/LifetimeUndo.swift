internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Gives a key its old time to live again, where it still has the one that a repair gave it.
enum LifetimeUndo {
    /// What became of a key.
    enum Verdict: Int64, Sendable {
        case gone = -2
        /// It has been given another time to live since.
        case changed = 0
        case restored = 1
    }

    /// How far the server's two clocks may be apart when a script looks at both, in milliseconds.
    static let tolerance: Int64 = 50

    /// KEYS: one key. ARGV: when it is to expire by the repair, in Unix ms, and what it is to have left, in ms, or
    /// nothing for a key that never expires.
    ///
    /// The users that `cachewatch acl` prints may not ask for the `TIME`; INFO has it, too. It is asked before the key is
    /// looked at: so a look at one that nobody has finds out whether it may be.
    private static let script = Array(
        """
        local now
        if ARGV[1] ~= '' then
          local info = redis.pcall('INFO', 'server')
          local time = type(info) == 'string' and string.match(info, 'server_time_usec:(%d+)')
          if time then now = math.floor(tonumber(time) / 1000)
          else
            local clock = redis.pcall('TIME')
            if clock.err then return clock end
            now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
          end
        end
        local ttl = redis.call('PTTL', KEYS[1])
        if ttl == -2 then return -2 end
        if now and (ttl == -1 or math.abs(now + ttl - tonumber(ARGV[1])) > \(tolerance)) then return 0 end
        if ARGV[2] == '' then redis.call('PERSIST', KEYS[1])
        else redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        return 1
        """.utf8)

    /// - Parameters:
    ///   - given: Unix ms; nil restores whatever the key has now.
    ///   - left: milliseconds; nil for never.
    static func command(_ key: [UInt8], given: Int64?, left: Int64?) -> Command {
        Command([
            Array("EVAL".utf8), script, Array("1".utf8), key, Array((given.map(String.init) ?? "").utf8),
            Array((left.map(String.init) ?? "").utf8),
        ])
    }

    /// The same look from outside, where nothing is to be changed.
    ///
    /// - Parameter serverTime: Unix ms, by the server.
    static func look(_ lifetime: Int64, given: Int64, serverTime: Int64) -> Verdict {
        if lifetime == -2 { return .gone }
        guard lifetime >= 0 else { return .changed }
        let distance = (serverTime +| lifetime -| given).magnitude
        return distance <= UInt64(tolerance * 10) ? .restored : .changed
    }
}
