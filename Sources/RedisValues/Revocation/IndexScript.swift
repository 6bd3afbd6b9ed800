/// Lists members in a set that lives as long as the longest of them.
package enum IndexScript {
    /// KEYS: the set. ARGV: for how many milliseconds it is to stay at least, and its new members.
    ///
    /// Nothing can come between its look and its PEXPIRE: who lists something there for longer loses nothing. A set that
    /// never expires was made so by others, and stays so.
    package static let source = """
        local left = redis.call('PTTL', KEYS[1])
        local said = redis.pcall('SADD', KEYS[1], unpack(ARGV, 2))
        if type(said) == 'table' and said.err then return said end
        if left == -2 or (left >= 0 and left < tonumber(ARGV[1])) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
        return said
        """

    /// More arguments than Lua's stack takes would fail.
    package static let mostMembers = 1000
}
