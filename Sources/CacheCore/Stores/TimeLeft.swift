internal import CacheWire
internal import RedisValues

extension RESPValue {
    /// The answer to PTTL for a key that is there.
    struct TimeLeft: Equatable {
        /// nil for a key that stays.
        let rest: Duration?
    }

    /// - Returns: nil for a key that is not there.
    var timeLeft: TimeLeft? {
        get throws(CacheError) {
            let milliseconds = try reading { reply throws(RESPShapeError) in try reply.integer }
            return milliseconds < -1 ? nil : TimeLeft(rest: milliseconds < 0 ? nil : .milliseconds(milliseconds))
        }
    }
}
