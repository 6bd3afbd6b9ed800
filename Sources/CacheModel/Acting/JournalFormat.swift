public import RedisValues

/// The bytes of a journal: a line of text, then blocks, each with its place, its length and a checksum.
///
/// ```
/// CACHEWATCH JOURNAL 1\n
/// block: "CWJB" kind:1 sequence:4 id:8 length:4 crc:4 payload    integers little-endian; the CRC covers all but itself
///   kind 0  header    JSON
///   kind 1  entries   time:8 count:4, then for each key  lifetime:8 (-1 never) length:4 key, and
///                     length:4 dump  or  -1:4 expiry:8, what it was given in the place of its lifetime
///   kind 2  end       JSON: how many keys there are
///   kind 3  withdrawn count:4, then for each  block:4 index:4  of an entry whose key was not removed after all
///   kind 4  settled   block:4  up to which it is known what became of the entries; of later ones the server has marks,
///                     unless it is the largest number
///   kind 5  as kind 1, its time by the server's clock
///   kind 6  as kind 4, where the server has no marks
/// ```
public enum JournalFormat {
    public enum BlockKind: UInt8, Sendable { case header, entries, end, withdrawn, settled, entriesByServer, answered }

    /// What stands in front of a payload.
    public struct Frame: Equatable, Sendable {
        public var kind: BlockKind
        public var sequence: UInt32
        public var id: UInt64
        /// Of the payload, bytes.
        public var length: Int
        public var checksum: UInt32
    }

    public static let magic = Array("CACHEWATCH JOURNAL \(JournalHeader.format)\n".utf8)
    static let anyMagic = Array("CACHEWATCH JOURNAL ".utf8)
    public static let marker = Array("CWJB".utf8)
    public static let frameLength = 25
    /// More than a block ever has.
    static let longest = 1 << 30
    /// The year 9999, in milliseconds.
    static let latest: UInt64 = 253_402_300_800_000

    /// - Throws: ``JournalProblem``.
    public static func check(magic bytes: some Collection<UInt8>) throws(JournalProblem) {
        if bytes.elementsEqual(magic) { return }
        if !bytes.isEmpty, magic.starts(with: bytes) { throw .cutShort(block: 0) }
        guard bytes.starts(with: anyMagic) else { throw .notAJournal }
        throw .otherVersion(String(decoding: bytes.dropFirst(anyMagic.count).prefix { $0 != 0x0a }, as: UTF8.self))
    }

    public static func block(_ kind: BlockKind, sequence: Int, id: UInt64, payload: [UInt8]) -> [UInt8] {
        var bytes = marker
        bytes.reserveCapacity(frameLength + payload.count)
        bytes.append(kind.rawValue)
        append(UInt32(truncatingIfNeeded: sequence), to: &bytes)
        append(id, to: &bytes)
        append(UInt32(truncatingIfNeeded: payload.count), to: &bytes)
        append(checksum(bytes[marker.count...], payload), to: &bytes)
        bytes.append(contentsOf: payload)
        return bytes
    }

    /// - Parameters:
    ///   - block: its number.
    ///   - later: a block with a larger number will do.
    /// - Throws: ``JournalProblem`` for what is no frame.
    public static func frame(_ bytes: [UInt8], block: Int, orLater later: Bool = false) throws(JournalProblem) -> Frame
    {
        guard bytes.count == frameLength, bytes.starts(with: marker), let kind = BlockKind(rawValue: bytes[4]) else {
            throw .damaged(block: block)
        }
        var position = 5
        let sequence: UInt32 = integer(bytes, &position)
        let id: UInt64 = integer(bytes, &position)
        let length: UInt32 = integer(bytes, &position)
        let checksum: UInt32 = integer(bytes, &position)
        guard Int(sequence) == block || (later && Int(sequence) > block), Int(length) <= longest else {
            throw .damaged(block: block)
        }
        return Frame(kind: kind, sequence: sequence, id: id, length: Int(length), checksum: checksum)
    }

    /// - Throws: ``JournalProblem`` where frame and payload do not belong together.
    public static func verify(_ frame: Frame, _ payload: [UInt8]) throws(JournalProblem) {
        var bytes: [UInt8] = [frame.kind.rawValue]
        append(frame.sequence, to: &bytes)
        append(frame.id, to: &bytes)
        append(UInt32(frame.length), to: &bytes)
        guard payload.count == frame.length, checksum(bytes[...], payload) == frame.checksum else {
            throw .damaged(block: Int(frame.sequence))
        }
    }

    private static func checksum(_ head: ArraySlice<UInt8>, _ payload: [UInt8]) -> UInt32 {
        var checksum = Checksum()
        checksum.add(Array(head).span)
        checksum.add(payload.span)
        return checksum.value
    }

    // MARK: payloads

    public static func payload(_ header: JournalHeader) -> [UInt8] { header.payload }

    public static func header(_ frame: Frame, _ payload: [UInt8]) throws(JournalProblem) -> JournalHeader {
        guard frame.kind == .header else { throw .damaged(block: Int(frame.sequence)) }
        return try JournalHeader(id: frame.id, payload: payload)
    }

    public static func payload(_ entries: [JournalEntry], takenAt: WallTime) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.reduce(12) { $0 + 16 + $1.key.count + ($1.dump?.count ?? 0) })
        append(UInt64(bitPattern: takenAt.milliseconds), to: &bytes)
        append(UInt32(entries.count), to: &bytes)
        for entry in entries {
            append(UInt64(bitPattern: entry.lifetime ?? -1), to: &bytes)
            append(UInt32(entry.key.count), to: &bytes)
            bytes.append(contentsOf: entry.key)
            switch entry.change {
            case .removed(let dump):
                append(UInt32(dump.count), to: &bytes)
                bytes.append(contentsOf: dump)
            case .expires(let time):
                append(UInt32.max, to: &bytes)
                append(UInt64(bitPattern: time), to: &bytes)
            }
        }
        return bytes
    }

    /// - Throws: ``JournalProblem`` for a payload that does not add up, whatever its checksum says.
    public static func entries(
        _ payload: [UInt8], block: Int
    ) throws(JournalProblem) -> (takenAt: WallTime, entries: [JournalEntry]) {
        guard payload.count >= 12 else { throw .damaged(block: block) }
        var position = 0
        let time: UInt64 = integer(payload, &position)
        let count: UInt32 = integer(payload, &position)
        guard Int(count) <= payload.count / 16 else { throw .damaged(block: block) }
        var entries: [JournalEntry] = []
        entries.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard position + 12 <= payload.count else { throw .damaged(block: block) }
            let lifetime: UInt64 = integer(payload, &position)
            let keyLength: UInt32 = integer(payload, &position)
            guard let key = slice(payload, &position, Int(keyLength)), position + 4 <= payload.count else {
                throw .damaged(block: block)
            }
            let dumpLength: UInt32 = integer(payload, &position)
            let change: JournalEntry.Change
            if dumpLength == .max {
                guard position + 8 <= payload.count else { throw .damaged(block: block) }
                let time: UInt64 = integer(payload, &position)
                guard time < latest else { throw .damaged(block: block) }
                change = .expires(at: Int64(time))
            } else {
                guard let dump = slice(payload, &position, Int(dumpLength)) else { throw .damaged(block: block) }
                change = .removed(dump: dump)
            }
            let milliseconds = Int64(bitPattern: lifetime)
            entries.append(JournalEntry(key: key, lifetime: milliseconds < 0 ? nil : milliseconds, change: change))
        }
        // Between 1970 and 9999, whatever the checksum says.
        guard position == payload.count, time < latest else { throw .damaged(block: block) }
        return (WallTime(milliseconds: Int64(bitPattern: time)), entries)
    }

    public static func payload(withdrawn places: [JournalPlace]) -> [UInt8] {
        var bytes: [UInt8] = []
        append(UInt32(places.count), to: &bytes)
        for place in places {
            append(place.sequence, to: &bytes)
            append(place.index, to: &bytes)
        }
        return bytes
    }

    /// - Throws: ``JournalProblem`` for a payload that does not add up.
    public static func withdrawn(_ payload: [UInt8], block: Int) throws(JournalProblem) -> [JournalPlace] {
        guard payload.count >= 4 else { throw .damaged(block: block) }
        var position = 0
        let count: UInt32 = integer(payload, &position)
        guard payload.count == 4 + 8 * Int(count) else { throw .damaged(block: block) }
        return (0..<count).map { _ in
            let sequence: UInt32 = integer(payload, &position)
            return JournalPlace(sequence: sequence, index: integer(payload, &position))
        }
    }

    public static func payload(settledUpTo block: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        append(block, to: &bytes)
        return bytes
    }

    /// - Throws: ``JournalProblem`` for a payload that does not add up.
    public static func settled(_ payload: [UInt8], block: Int) throws(JournalProblem) -> UInt32 {
        guard payload.count == 4 else { throw .damaged(block: block) }
        var position = 0
        return integer(payload, &position)
    }

    /// - Parameters:
    ///   - keys: entries in all.
    ///   - brought: those of them that are not withdrawn.
    public static func endPayload(keys: Int, brought: Int) -> [UInt8] {
        Array(JSONValue.object([("keys", .integer(keys)), ("brought", .integer(brought))]).line.utf8)
    }

    /// How many keys come back, as an end tells; journals of before tell how many entries there are.
    public static func endBrought(_ payload: [UInt8]) -> Int? {
        (try? JSONParser.parse(payload))?["brought"]?.wholeNumber ?? endKeys(payload)
    }

    public static func endKeys(_ payload: [UInt8]) -> Int? { (try? JSONParser.parse(payload))?["keys"]?.wholeNumber }

    private static func slice(_ bytes: [UInt8], _ position: inout Int, _ length: Int) -> [UInt8]? {
        guard length <= bytes.count - position else { return nil }
        defer { position += length }
        return Array(bytes[position..<position + length])
    }

    private static func append(_ integer: some FixedWidthInteger, to bytes: inout [UInt8]) {
        var rest = integer
        for _ in 0..<integer.bitWidth / 8 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    private static func integer<Integer: FixedWidthInteger>(_ bytes: [UInt8], _ position: inout Int) -> Integer {
        var value: Integer = 0
        for index in (0..<Integer.bitWidth / 8).reversed() { value = value << 8 | Integer(bytes[position + index]) }
        position += Integer.bitWidth / 8
        return value
    }
}
