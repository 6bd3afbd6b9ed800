internal import CacheCore
internal import CacheModel
internal import CacheWire

/// Two keys in which the server notes, in the same instant in which it removes them, which entries of a journal it has
/// removed.
///
/// Whoever is killed cannot say what became of the removals that were under way: without a note an application's own
/// deletion looks like one of ours, and undo would revive the key. There are two since two flights may be without an
/// answer in the journal; each holds what the latest flight of its turn has removed. They are part of the dataset: where a
/// restart or a fail-over takes removals back, it takes their marks back, too. They are beside the keys, in the database
/// that is flushed and in no other, and are gone when the flush has ended; after one that was killed they run out.
struct RemovalMarks: Sendable {
    private let names: [[UInt8]]

    /// How long they outlast a flush that was killed, in milliseconds.
    static let lifetime = 7 * 86_400_000
    static let prefix = "cachewatch:flush:"

    /// - Parameter id: the journal's.
    init(journal id: UInt64) {
        names = (0..<2).map { Array("\(Self.prefix)\(String(id, radix: 16)):\($0)".utf8) }
    }

    /// What one removal does with a mark.
    struct Use: Sendable {
        var name: [UInt8]
        /// Of its flight: what stood there is of a flight that is settled.
        var isFirst: Bool
    }

    /// - Parameter flight: the number of a flight that removes something.
    func use(flight: Int, isFirst: Bool) -> Use { Use(name: names[flight % names.count], isFirst: isFirst) }

    /// True where a walk would take them for keys that are to be removed.
    func isFound(by filter: KeyFilter) -> Bool { names.contains { filter.verdict($0.span) != .no } }

    private func script(_ body: String) -> Command {
        let text = "local found = {} for i, mark in ipairs(KEYS) do \(body) end return found"
        return Command(
            ["EVAL", text, String(names.count)].map { Array($0.utf8) } + names + [Array(String(Self.lifetime).utf8)])
    }

    /// Sets both, empty, and answers as ``look`` does.
    ///
    /// What is unlinked first lets a server write that has no memory left.
    var begin: Command {
        script(
            "redis.call('UNLINK', mark) redis.call('SET', mark, '', 'PX', ARGV[1]) "
                + "found[i] = redis.call('GET', mark)")
    }

    var look: Command { script("found[i] = redis.call('GET', mark)") }
    var end: Command { Command([Array("UNLINK".utf8)] + names) }

    /// What was removed, as the marks tell; nil where one of them is gone: then nobody knows.
    ///
    /// - Parameter reply: to ``look``.
    static func removed(_ reply: RESPValue) -> Set<JournalPlace>? {
        guard case .array(let marks) = reply, marks.count == 2 else { return nil }
        var places: Set<JournalPlace> = []
        for mark in marks {
            guard case .string(let bytes) = mark, bytes.count % 8 == 0 else { return nil }
            for start in stride(from: 0, to: bytes.count, by: 8) {
                places.insert(
                    JournalPlace(
                        sequence: number(bytes[start..<start + 4]), index: number(bytes[start + 4..<start + 8])))
            }
        }
        return places
    }

    static func bytes(of place: JournalPlace) -> [UInt8] {
        [place.sequence, place.index].flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
