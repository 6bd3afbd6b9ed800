internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Removes keys that are still as they were copied, value and expiry, by a script: nothing can come between its look and
/// its UNLINK.
enum ComparedRemoval {
    enum Verdict: UInt8, Sendable {
        case vanished = 0x30
        case removed = 0x31
        /// Written to since, or given another time to live: it is there still.
        case changed = 0x32
    }

    /// A key as it was copied.
    struct Copy: Sendable {
        var key: [UInt8]
        /// By ``ComparedRemoval/digest(_:)``.
        var digest: [UInt8]
        /// When it expires by the server's clock; nil where that is not compared.
        var expiry: Expiry?
        /// Where the journal has it.
        var place = JournalPlace(sequence: 0, index: 0)
    }

    /// When a key expires, as far as it can be told from outside.
    ///
    /// `PEXPIRETIME` would tell it in one word; servers before Redis 7.0 do not know it, and the users that `cachewatch acl`
    /// prints may not ask it.
    struct Expiry: Equatable, Sendable {
        /// Unix milliseconds; nil for never.
        var at: Int64?
        /// How much later it may be: what may have passed between the look at the clock and the one at the key.
        var slack: Int64 = 0

        /// What the server's two looks, at its clock and at a key, may be apart in a script, in milliseconds.
        static let tolerance: Int64 = 50

        init(at: Int64?, slack: Int64 = 0) {
            self.at = at
            self.slack = max(0, slack)
        }

        /// - Parameters:
        ///   - lifetime: by `PTTL`.
        ///   - time: from when on it counts; nil by any clock but the server's.
        init?(lifetime: Int64, from time: JournalTime, slack: Int64) {
            guard time.isOfServer else { return nil }
            self.init(at: lifetime < 0 ? nil : time.time.milliseconds +| lifetime, slack: slack)
        }
    }

    /// KEYS: the keys, and the mark where there is one. ARGV: what becomes of the mark, `new`, `more` or nothing; how long
    /// it lasts; then the digest of each key, when each expires (-1 for never, nothing where it is not compared), how much
    /// later it may be, and the place of each.
    ///
    /// The mark is set before the keys go: where that is refused, they stay. What is unlinked first lets a server write
    /// that has no memory left.
    private static let script = Array(
        """
        local mode = ARGV[1]
        local count = mode == '' and #KEYS or #KEYS - 1
        local said, gone, places, now = {}, {}, {}, nil
        local function same(key, was, slack)
          if not was then return true end
          local left = redis.call('PTTL', key)
          if left < 0 or was < 0 then return left == was end
          if not now then
            local time = string.match(redis.call('INFO', 'server'), 'server_time_usec:(%d+)')
            if not time then return true end
            now = math.floor(tonumber(time) / 1000)
          end
          return now + left >= was - \(Expiry.tolerance) and now + left <= was + slack + \(Expiry.tolerance)
        end
        for i = 1, count do
          local key = KEYS[i]
          local dump = redis.call('DUMP', key)
          if not dump then said[i] = '0'
          elseif string.sub(dump, -8) == ARGV[2 + i]
            and same(key, tonumber(ARGV[2 + count + i]), tonumber(ARGV[2 + 2 * count + i])) then
            said[i] = '1'
            gone[#gone + 1] = key
            places[#places + 1] = ARGV[2 + 3 * count + i]
          else said[i] = '2' end
        end
        if mode ~= '' then
          local mark = KEYS[count + 1]
          local before = mode == 'new' and '' or redis.call('GET', mark)
          if before then
            redis.call('UNLINK', mark)
            redis.call('SET', mark, before .. table.concat(places), 'PX', ARGV[2])
          end
        end
        if #gone > 0 then redis.call('UNLINK', unpack(gone)) end
        return table.concat(said)
        """.utf8)

    /// What tells a value from another: the CRC-64 over value and version that ends every `DUMP`.
    static func digest(_ dump: [UInt8]) -> [UInt8] { Array(dump.suffix(8)) }

    /// Answered with a digit a key.
    ///
    /// - Parameter mark: where the server itself notes what was removed; nil for nowhere.
    static func command(_ copies: [Copy], marking mark: RemovalMarks.Use? = nil) -> Command {
        func word(_ number: some BinaryInteger) -> [UInt8] { Array(String(number).utf8) }
        let keys = copies.map(\.key) + (mark.map { [$0.name] } ?? [])
        var words = [Array("EVAL".utf8), script, word(keys.count)] + keys
        words += [Array((mark.map { $0.isFirst ? "new" : "more" } ?? "").utf8), word(RemovalMarks.lifetime)]
        words += copies.map(\.digest)
        words += copies.map { copy in copy.expiry.map { word($0.at ?? -1) } ?? [] }
        words += copies.map { word($0.expiry?.slack ?? 0) }
        if mark != nil { words += copies.map { RemovalMarks.bytes(of: $0.place) } }
        return Command(words)
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
