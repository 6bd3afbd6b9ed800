internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Removes keys that are still as they were dumped, by a script: nothing can come between its look and its UNLINK.
enum ComparedRemoval {
    enum Verdict: UInt8, Sendable {
        case vanished = 0x30
        case removed = 0x31
        /// Written to since: it is there still.
        case changed = 0x32
    }

    /// KEYS: the keys. ARGV: the digest of each.
    private static let script = Array(
        """
        local said = {}
        for i, key in ipairs(KEYS) do
          local dump = redis.call('DUMP', key)
          if not dump then said[i] = '0'
          elseif string.sub(dump, -8) == ARGV[i] then
            redis.call('UNLINK', key)
            said[i] = '1'
          else said[i] = '2' end
        end
        return table.concat(said)
        """.utf8)

    /// What tells a value from another: the CRC-64 over value and version that ends every `DUMP`.
    static func digest(_ dump: [UInt8]) -> [UInt8] { Array(dump.suffix(8)) }

    /// Answered with a digit a key.
    static func command(_ keys: [(key: [UInt8], digest: [UInt8])]) -> Command {
        Command(
            [Array("EVAL".utf8), script, Array(String(keys.count).utf8)] + keys.map(\.key) + keys.map(\.digest))
    }

    /// Fewer than there are digits where one of them is none of ours.
    static func verdicts(_ reply: [UInt8]) -> [Verdict] { reply.compactMap(Verdict.init) }
}

/// How large a value is before it is fetched.
enum KeyMeasure {
    /// Every element is looked at: a sample of five misses the one that is too large for a reply.
    static func command(_ key: [UInt8]) -> Command {
        Command([Array("MEMORY".utf8), Array("USAGE".utf8), key, Array("SAMPLES".utf8), Array("0".utf8)])
    }
}
