extension RedisServer {
    /// Every key with a digest of its value and the instant at which it expires.
    public func image() throws -> String {
        try cli(
            "EVAL",
            """
            local all = {}
            for _, key in ipairs(redis.call('KEYS', '*')) do
              all[#all + 1] = key .. ' ' .. redis.sha1hex(redis.call('DUMP', key)) .. ' ' .. redis.call('PEXPIRETIME', key)
            end
            table.sort(all)
            return table.concat(all, '\\n')
            """, "0")
    }
}
