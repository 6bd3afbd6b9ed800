internal import CacheCore
internal import CacheWire
internal import CacheModel
internal import Glibc

/// Reads a journal block by block; memory is bounded by the largest block.
final class JournalReader {
    /// Some keys as they were.
    struct Block {
        /// A key as it was when it was copied.
        struct Copy {
            var entry: JournalEntry
            var place: JournalPlace
            /// True where the key was not removed after all.
            var isWithdrawn = false
        }

        var takenAt: JournalTime
        var copies: [Copy] = []
        /// Up to which block it was known what became of the entries when these were written; nil where the journal does
        /// not tell.
        fileprivate(set) var settled: UInt32?

        /// What is to be brought back.
        var entries: [JournalEntry] { copies.filter { !$0.isWithdrawn }.map(\.entry) }
    }

    let header: JournalHeader
    /// Keys that its end promises; nil before that was read.
    private var promised: Int?
    /// True once its end was read, and all keys that it promises were there.
    var isWhole: Bool { promised != nil && damaged == 0 }
    /// Up to which block it is known what became of the entries; nil where the journal does not tell.
    private var settled: UInt32?
    /// Whether the server has marks of the others.
    private var isMarked = false
    /// Damaged blocks that were passed over.
    private(set) var damaged = 0
    private let path: String
    private let file: UnsafeMutablePointer<FILE>
    private let salvage: Bool
    private var sequence = 1
    private var keys = 0
    /// Entries that are known to be withdrawn before they are read.
    private let leftOut: Set<JournalPlace>
    /// Blocks that are still to be read, the next one last; nil for all from the beginning.
    private var order: [BlockPlace]?
    /// Entries whose keys were not removed after all, as far as it was read.
    private var withdrawn: Set<JournalPlace> = []
    /// Where the block begins that is being read.
    private var start = 0

    /// - Parameter salvage: pass over blocks that are damaged instead of refusing the journal.
    /// - Throws: ``CacheError/file(path:_:)`` for what is no journal, or one of another version.
    init(path: String, salvage: Bool = false) throws(CacheError) {
        self.path = path
        self.salvage = salvage
        leftOut = []
        order = nil
        let file = try Self.opened(path)
        self.file = file
        do throws(JournalProblem) {
            try JournalFormat.check(magic: Self.read(JournalFormat.magic.count, from: file))
            do throws(JournalProblem) {
                guard let (frame, payload) = try Self.block(0, from: file) else { throw .cutShort(block: 0) }
                header = try JournalFormat.header(frame, payload)
            } catch {
                guard salvage, let found = Self.headless(file) else { throw error }
                header = found
                damaged = 1
            }
        } catch {
            fclose(file)
            throw .file(path: path, error.description)
        }
    }

    /// Reads the entries of a journal that was checked.
    ///
    /// - Parameter newestFirst: begins with the last block: where a key was removed twice, its last life counts.
    init(_ checked: Checked, newestFirst: Bool) throws(CacheError) {
        path = checked.path
        salvage = false
        leftOut = checked.withdrawn
        header = checked.header
        order = newestFirst ? checked.blocks : checked.blocks.reversed()
        file = try Self.opened(path)
    }

    deinit { fclose(file) }

    /// A pipe in its place holds nothing up.
    private static func opened(_ path: String) throws(CacheError) -> UnsafeMutablePointer<FILE> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .file(path: path, "cannot be read: \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let file = fdopen(descriptor, "r")
        else {
            close(descriptor)
            throw .file(
                path: path, "cannot be read: it is not a file, and a journal is read more than once; copy it first")
        }
        return file
    }

    /// Of the file, in bytes.
    private var length: Int {
        var status = stat()
        return fstat(fileno(file), &status) == 0 ? Int(status.st_size) : 0
    }

    /// The next keys; nil at the end, also at one that comes too early.
    ///
    /// - Throws: ``CacheError/file(path:_:)`` for a block that is damaged.
    func next() throws(CacheError) -> Block? {
        if let order { return try next(of: order) }
        while true {
            do throws(JournalProblem) { return try step() } catch {
                // Its length may be what is wrong: another block is looked for right behind its beginning.
                switch (error, findBlockBehind()) {
                case (.cutShort, false): return nil
                case (.cutShort(let block), true) where !salvage:
                    throw .file(path: path, JournalProblem.damaged(block: block).description)
                case (.cutShort, true),
                    (.damaged, true) where salvage:
                    damaged += 1
                    sequence += 1
                case (.damaged, false) where salvage:
                    damaged += 1
                    return nil
                default: throw .file(path: path, error.description)
                }
            }
        }
    }

    /// Where a block with entries begins, and what it is.
    fileprivate struct BlockPlace {
        var start: Int
        var sequence: Int
        var entries: Int
        /// As ``Block/settled``.
        var settled: UInt32?
    }

    /// Where something can be written behind the last whole block.
    struct Tail: Equatable {
        var start: Int
        /// Of the next block.
        var sequence: Int
        /// Of the file, in bytes: what is behind ``start`` is torn, or its end.
        var length: Int
        /// Keys that its end promises; nil where it has none.
        var promised: Int?
    }

    /// A journal that was read once from beginning to end.
    struct Checked {
        let path: String
        var header: JournalHeader
        /// That are to be brought back.
        var keys: Int
        /// Entries that are not: their keys were not removed after all.
        var withdrawn: Set<JournalPlace>
        /// False where it has no end.
        var isWhole: Bool
        var hasEnd: Bool
        /// Damaged blocks that were passed over.
        var damaged: Int
        /// Keys that were in them; nil where nobody knows.
        var lost: Int?
        /// Whether the server has marks of what it removed.
        var isMarked: Bool
        /// Whether they may be there still: it was not noted that all is known, or the end is missing behind that.
        var mayHaveMarks: Bool
        /// Whether it tells of entries whether it is known what became of them.
        var isSettled: Bool
        /// Entries of which at most the server knows whether their keys were removed.
        var inDoubt: Set<JournalPlace>
        /// Keys of several entries.
        var repeated: Set<[UInt8]>
        let tail: Tail
        fileprivate var blocks: [BlockPlace]
    }

    /// Reads all of it once, to know before anything is done whether it can be trusted.
    static func check(path: String, salvage: Bool = false) throws(CacheError) -> Checked {
        let reader = try JournalReader(path: path, salvage: salvage)
        var (keys, repeated) = (0, RepeatedKeys(bytes: reader.length))
        var blocks: [BlockPlace] = []
        var latest: [JournalPlace] = []
        while let block = try reader.next() {
            keys += block.copies.count
            for copy in block.copies { repeated.note(copy.entry.key) }
            if !block.copies.isEmpty {
                blocks.append(
                    BlockPlace(
                        start: reader.start, sequence: reader.sequence - 1, entries: block.copies.count,
                        settled: reader.settled))
            }
            let settled = reader.settled ?? .max
            latest = (latest + block.copies.map(\.place)).filter { $0.sequence > settled }
        }
        // Of a block that is damaged nothing can be withdrawn.
        let there = Dictionary(blocks.map { ($0.sequence, $0.entries) }) { first, _ in first }
        let withdrawn = reader.withdrawn.filter { place in
            there[Int(place.sequence)].map { Int(place.index) < $0 } ?? false
        }
        return Checked(
            path: path, header: reader.header, keys: keys - withdrawn.count, withdrawn: withdrawn,
            isWhole: reader.isWhole, hasEnd: reader.promised != nil, damaged: reader.damaged,
            lost: reader.promised.map { max(0, $0 - keys) }, isMarked: reader.isMarked,
            mayHaveMarks: reader.isMarked && (reader.settled != .max || reader.promised == nil),
            isSettled: reader.settled != nil, inDoubt: Set(latest).subtracting(withdrawn), repeated: repeated.keys,
            tail: Tail(
                start: reader.start, sequence: reader.sequence, length: reader.length, promised: reader.promised),
            blocks: blocks)
    }

    private func next(of order: [BlockPlace]) throws(CacheError) -> Block? {
        guard let place = order.last else { return nil }
        self.order?.removeLast()
        fseek(file, place.start, SEEK_SET)
        sequence = place.sequence
        // Whoever changes it behind our back has damaged it.
        do throws(JournalProblem) {
            if var block = try step() {
                block.settled = place.settled
                return block
            }
            throw .cutShort(block: place.sequence)
        } catch { throw .file(path: path, error.description) }
    }

    private func step() throws(JournalProblem) -> Block? {
        start = ftell(file)
        guard promised == nil, let (frame, payload) = try Self.block(sequence, orLater: damaged > 0, from: file)
        else { return nil }
        sequence = Int(frame.sequence)
        guard frame.id == header.id else { throw .damaged(block: sequence) }
        switch frame.kind {
        case .header: throw .damaged(block: sequence)
        case .withdrawn:
            withdrawn.formUnion(try JournalFormat.withdrawn(payload, block: sequence))
            sequence += 1
            return Block(takenAt: JournalTime(header.startedAt))
        case .settled, .answered:
            settled = try JournalFormat.settled(payload, block: sequence)
            isMarked = frame.kind == .settled
            sequence += 1
            return Block(takenAt: JournalTime(header.startedAt))
        case .end:
            guard let promised = JournalFormat.endKeys(payload), promised == keys || damaged > 0 else {
                throw .damaged(block: sequence)
            }
            self.promised = promised
            return nil
        case .entries, .entriesByServer:
            let (time, entries) = try JournalFormat.entries(payload, block: sequence)
            let isOfItsKind = entries.allSatisfy { ($0.dump != nil) == (header.kind == .flush) }
            guard isOfItsKind else { throw .damaged(block: sequence) }
            defer { sequence += 1 }
            keys += entries.count
            let takenAt = (frame.kind == .entriesByServer ? JournalTime(server: time) : nil) ?? JournalTime(time)
            let copies = entries.enumerated().map { index, entry in
                let place = JournalPlace(sequence: frame.sequence, index: UInt32(index))
                return Block.Copy(entry: entry, place: place, isWithdrawn: leftOut.contains(place))
            }
            return Block(takenAt: takenAt, copies: copies)
        }
    }

    /// What can be said of a journal whose head is damaged: its first whole block tells the rest.
    private static func headless(_ file: UnsafeMutablePointer<FILE>) -> JournalHeader? {
        fseek(file, JournalFormat.magic.count + JournalFormat.marker.count, SEEK_SET)
        while skipToMarker(file) {
            let candidate = ftell(file)
            if let (frame, payload) = try? block(1, orLater: true, from: file),
                [.entries, .entriesByServer].contains(frame.kind),
                let (_, entries) = try? JournalFormat.entries(payload, block: 1), let first = entries.first
            {
                fseek(file, candidate, SEEK_SET)
                return .unknown(id: frame.id, kind: first.dump == nil ? .lifetimes : .flush)
            }
            fseek(file, candidate + JournalFormat.marker.count, SEEK_SET)
        }
        return nil
    }

    /// - Returns: nil at the end of the file.
    private static func block(
        _ number: Int, orLater later: Bool = false, from file: UnsafeMutablePointer<FILE>
    ) throws(JournalProblem) -> (JournalFormat.Frame, [UInt8])? {
        let head = read(JournalFormat.frameLength, from: file)
        if head.isEmpty { return nil }
        guard head.count == JournalFormat.frameLength else { throw .cutShort(block: number) }
        let frame = try JournalFormat.frame(head, block: number, orLater: later)
        let payload = read(frame.length, from: file)
        guard payload.count == frame.length else { throw .cutShort(block: number) }
        try JournalFormat.verify(frame, payload)
        return (frame, payload)
    }

    /// Goes on at the next whole block of this journal behind the one that could not be read.
    ///
    /// - Returns: false where there is none.
    private func findBlockBehind() -> Bool {
        fseek(file, start + JournalFormat.marker.count, SEEK_SET)
        while Self.skipToMarker(file) {
            let candidate = ftell(file)
            if let (frame, _) = try? Self.block(sequence, orLater: true, from: file),
                frame.id == header.id
            {
                fseek(file, candidate, SEEK_SET)
                return true
            }
            fseek(file, candidate + JournalFormat.marker.count, SEEK_SET)
        }
        return false
    }

    /// Goes on at the next thing that looks like a block.
    private static func skipToMarker(_ file: UnsafeMutablePointer<FILE>) -> Bool {
        var matched = 0
        while true {
            let byte = getc(file)
            guard byte != EOF else { return false }
            let isNext = UInt8(truncatingIfNeeded: byte) == JournalFormat.marker[matched]
            // No byte of the marker but its first comes again in it.
            matched = isNext ? matched + 1 : UInt8(truncatingIfNeeded: byte) == JournalFormat.marker[0] ? 1 : 0
            if matched == JournalFormat.marker.count {
                fseek(file, -JournalFormat.marker.count, SEEK_CUR)
                return true
            }
        }
    }

    /// Fewer bytes at the end of the file. What is announced but not there costs no memory.
    private static func read(_ count: Int, from file: UnsafeMutablePointer<FILE>) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let part = min(count - bytes.count, 1 << 20)
            let start = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: part))
            let got = bytes.withUnsafeMutableBytes { fread($0.baseAddress! + start, 1, part, file) }
            if got < part {
                bytes.removeLast(part - got)
                break
            }
        }
        return bytes
    }
}
