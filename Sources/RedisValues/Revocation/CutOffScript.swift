/// Moves a user's cut-off to a later instant and its key to a longer life, never back: nothing can come between its
/// look and its SET.
package enum CutOffScript {
    /// KEYS: the user's. ARGV: ``arguments(since:lifetime:)``.
    ///
    /// Digits are compared as numbers and written as they came: what is not a number that ``CutOff`` reads is no cut-off, and
    /// is overwritten.
    package static let source = """
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
        """

    /// Unix seconds, and for how many milliseconds the key is to stay at least.
    package static func arguments(since: WallTime, lifetime: Duration) -> [[UInt8]] {
        [String(since.seconds), String(max(1, lifetime.wholeMilliseconds))].map { Array($0.utf8) }
    }

    /// What stands there after the script; read back, not supposed.
    package struct Reply {
        /// It stood there before, up to that instant or a later one.
        package var isUnchanged: Bool
        package var cutOff: CutOff?
        /// Milliseconds; as `PTTL`.
        package var lifetime: Int64

        package init(isUnchanged: Bool, cutOff: CutOff?, lifetime: Int64) {
            (self.isUnchanged, self.cutOff, self.lifetime) = (isUnchanged, cutOff, lifetime)
        }

        package init(_ reply: RESPValue, user: String) throws(RESPShapeError) {
            let parts = try reply.array
            guard parts.count == 3 else {
                throw RESPShapeError(expected: "three parts", found: "an array of \(parts.count)")
            }
            isUnchanged = try parts[0].integer == 1
            cutOff = CutOff(user: user, value: (try? parts[1].bytes) ?? [])
            lifetime = try parts[2].integer
        }
    }
}
