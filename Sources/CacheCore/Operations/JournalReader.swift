internal import CacheModel
internal import Glibc

/// Reads a journal block by block; memory is bounded by the largest block.
final class JournalReader {
    /// Some keys as they were.
    struct Block {
        var takenAt: WallTime
        var entries: [JournalEntry]
    }

    let header: JournalHeader
    /// True once its end was read, and all keys that it promises were there.
    private(set) var isWhole = false
    /// Damaged blocks that were passed over.
    private(set) var damaged = 0
    private let path: String
    private let file: UnsafeMutablePointer<FILE>
    private let salvage: Bool
    private var sequence = 1
    private var keys = 0
    /// Where the block begins that is being read.
    private var start = 0

    /// - Parameter salvage: pass over blocks that are damaged instead of refusing the journal.
    /// - Throws: ``CacheError/file(path:_:)`` for what is no journal, or one of another version.
    init(path: String, salvage: Bool = false) throws(CacheError) {
        self.path = path
        self.salvage = salvage
        guard let file = fopen(path, "re") else {
            throw .file(path: path, "cannot be read: \(String(cString: strerror(errno)))")
        }
        self.file = file
        do throws(JournalProblem) {
            try JournalFormat.check(magic: Self.read(JournalFormat.magic.count, from: file))
            guard let (frame, payload) = try Self.block(0, from: file) else { throw .cutShort(block: 0) }
            header = try JournalFormat.header(frame, payload)
        } catch {
            fclose(file)
            throw .file(path: path, error.description)
        }
    }

    deinit { fclose(file) }

    /// The next keys; nil at the end, also at one that comes too early.
    ///
    /// - Throws: ``CacheError/file(path:_:)`` for a block that is damaged.
    func next() throws(CacheError) -> Block? {
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

    /// Reads all of it once, to know before anything is done whether it can be trusted.
    ///
    /// - Returns: how many keys it holds.
    static func check(path: String, salvage: Bool = false) throws(CacheError) -> (header: JournalHeader, keys: Int) {
        let reader = try JournalReader(path: path, salvage: salvage)
        var keys = 0
        while let block = try reader.next() { keys += block.entries.count }
        return (reader.header, keys)
    }

    private func step() throws(JournalProblem) -> Block? {
        start = ftell(file)
        guard !isWhole, let (frame, payload) = try Self.block(sequence, orLater: damaged > 0, from: file)
        else { return nil }
        sequence = Int(frame.sequence)
        guard frame.id == header.id else { throw .damaged(block: sequence) }
        switch frame.kind {
        case .header: throw .damaged(block: sequence)
        case .end:
            guard let promised = JournalFormat.endKeys(payload), promised == keys || damaged > 0 else {
                throw .damaged(block: sequence)
            }
            isWhole = damaged == 0
            return nil
        case .entries:
            let (takenAt, entries) = try JournalFormat.entries(payload, block: sequence)
            sequence += 1
            keys += entries.count
            return Block(takenAt: takenAt, entries: entries)
        }
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
        while skipToMarker() {
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
    private func skipToMarker() -> Bool {
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
