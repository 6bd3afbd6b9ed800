/// Puts a token on the blacklist, and lets one that stands there for longer stand: nothing can come between its look and
/// its SET.
package enum RevocationScript {
    /// KEYS: the token's. ARGV: its record, and for how many milliseconds it is to stay at least.
    ///
    /// A value of another type revokes as any other does: it stays, and is only given a longer life.
    package static let source = """
        local left = redis.call('PTTL', KEYS[1])
        local holds = left == -1 or left >= tonumber(ARGV[2])
        if not holds then
          local there = redis.pcall('GET', KEYS[1])
          if type(there) == 'table' and string.find(there.err or '', 'WRONGTYPE') then
            redis.call('PEXPIRE', KEYS[1], ARGV[2])
          else
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
          end
        end
        return {holds and 1 or 0, redis.call('EXISTS', KEYS[1]), redis.call('PTTL', KEYS[1])}
        """

    /// What stands there after the script; read back, not supposed.
    package struct Reply {
        /// It stood there before, for as long or longer.
        package var isUnchanged: Bool
        package var isThere: Bool
        /// Milliseconds; as `PTTL`.
        package var lifetime: Int64

        package init(isUnchanged: Bool, isThere: Bool, lifetime: Int64) {
            (self.isUnchanged, self.isThere, self.lifetime) = (isUnchanged, isThere, lifetime)
        }

        package init(_ reply: RESPValue) throws(RESPShapeError) {
            let parts = try reply.array
            guard parts.count == 3 else {
                throw RESPShapeError(expected: "three parts", found: "an array of \(parts.count)")
            }
            isUnchanged = try parts[0].integer == 1
            isThere = try parts[1].integer == 1
            lifetime = try parts[2].integer
        }
    }
}
