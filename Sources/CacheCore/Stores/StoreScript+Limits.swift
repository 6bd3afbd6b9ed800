extension StoreScript {
    /// KEYS: a counter. ARGV: the window in milliseconds. Answers the count and the milliseconds until the window ends.
    ///
    /// A counter without an end, which INCR leaves where the EXPIRE behind it was lost, gets one.
    static let window = StoreScript(
        """
        local count = redis.call('INCR', KEYS[1])
        local rest = redis.call('PTTL', KEYS[1])
        if count == 1 or rest < 0 then
            redis.call('PEXPIRE', KEYS[1], ARGV[1])
            rest = tonumber(ARGV[1])
        end
        return {count, rest}
        """)

    /// ``GCRA`` on the server's own time. KEYS: an instant. ARGV: interval in microseconds, burst. Answers 1 or 0, how
    /// many would still be allowed, and ``GCRA/Decision/rest``.
    static let rate = StoreScript(
        """
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
        local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
        local span = interval * burst
        local due = tonumber(redis.call('GET', KEYS[1]) or '') or now
        local next = math.min(math.max(due, now), now + span) + interval
        local earliest = next - span
        if earliest > now then
            return {0, 0, math.ceil((earliest - now) / 1000)}
        end
        local rest = math.ceil((next - now) / 1000)
        redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', rest)
        return {1, math.floor((now - earliest) / interval), rest}
        """)
}
