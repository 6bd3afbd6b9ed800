internal import CacheWire
internal import RedisValues

/// The commands that several stores send.
extension CacheCall {
    private static func words(_ words: [UInt8]...) -> Command { Command(words) }

    static func get(_ key: [UInt8]) -> CacheCall {
        CacheCall(key, words(Array("GET".utf8), key), isRepeatable: true)
    }

    static func unlink(_ key: [UInt8]) -> CacheCall {
        CacheCall(key, words(Array("UNLINK".utf8), key), isRepeatable: true)
    }

    static func timeLeft(_ key: [UInt8]) -> CacheCall {
        CacheCall(key, words(Array("PTTL".utf8), key), isRepeatable: true)
    }

    /// - Parameter isNew: only where there is no such key, which is not to be repeated.
    static func set(_ key: [UInt8], _ value: [UInt8], for life: Duration, isNew: Bool = false) -> CacheCall {
        var arguments = [Array("SET".utf8), key, value]
        if isNew { arguments.append(Array("NX".utf8)) }
        arguments += [Array("PX".utf8), Array(String(max(1, life.wholeMilliseconds)).utf8)]
        return CacheCall(key, Command(arguments), isRepeatable: !isNew)
    }
}

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
