internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Writes a journal: nothing may be removed before ``append(_:takenAt:)`` has returned for it.
final class JournalWriter {
    let path: String
    private let file: OutputFile
    private let header: JournalHeader
    private var sequence = 0
    /// Whether the server is asked what became of entries that are not settled.
    private var isMarked = false
    private var written = 0
    private var withdrawn = 0
    private(set) var bytes = 0

    /// How much must be free beyond what the journal itself needs.
    static let reserve = 64 << 20

    /// Keys that it brings back.
    var keys: Int { written - withdrawn }
    var id: UInt64 { header.id }

    /// Makes the file, which must not be there yet.
    ///
    /// - Parameter expected: bytes that it may take; nil where nobody knows.
    /// - Throws: ``CacheError/file(path:_:)``, also where the disk has too little room.
    init(path: String, header: JournalHeader, expected: Int?) throws(CacheError) {
        self.path = path
        self.header = header
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try OperationFiles.makeFolder(String(path[..<slash]))
        }
        if let expected, let free = DiskSpace.free(for: path), free - Self.reserve < expected {
            throw .file(
                path: path,
                "may need \(Format.bytes(ByteCount(expected))), but only \(Format.bytes(ByteCount(free))) are free; "
                    + "free some space, put it elsewhere with --journal FILE, or decline it with --no-journal")
        }
        file = try OutputFile(path: path, exclusive: true)
        file.hold()
        try put(JournalFormat.magic)
        try put(block(.header, JournalFormat.payload(header)))
    }

    /// - Returns: the number of the block that holds them.
    /// - Throws: ``CacheError/file(path:_:)``; the keys are then not safe.
    @discardableResult
    func append(_ entries: [JournalEntry], takenAt: WallTime) throws(CacheError) -> UInt32 {
        try append(entries, takenAt: JournalTime(takenAt))
    }

    /// - Returns: the number of the block that holds them.
    /// - Throws: ``CacheError/file(path:_:)``; the keys are then not safe.
    @discardableResult
    func append(_ entries: [JournalEntry], takenAt: JournalTime) throws(CacheError) -> UInt32 {
        guard !entries.isEmpty else { return 0 }
        let number = UInt32(truncatingIfNeeded: sequence)
        try put(
            block(
                takenAt.isOfServer ? .entriesByServer : .entries,
                JournalFormat.payload(entries, takenAt: takenAt.time)))
        try file.synchronize()
        written += entries.count
        return number
    }

    /// Notes that the keys of some entries were not removed after all; it is on the disk with what is appended next.
    func withdraw(_ places: [JournalPlace]) throws(CacheError) {
        guard !places.isEmpty else { return }
        try put(block(.withdrawn, JournalFormat.payload(withdrawn: places)))
        withdrawn += places.count
    }

    /// Notes that the server marks what it removes from now on, see ``RemovalMarks``, and that what was removed before is
    /// known.
    func mark() throws(CacheError) {
        isMarked = true
        try settle(upTo: UInt32(truncatingIfNeeded: sequence - 1))
    }

    /// The same where the server marks nothing.
    func unmark() throws(CacheError) {
        isMarked = false
        try settle(upTo: UInt32(truncatingIfNeeded: sequence - 1))
    }

    /// Notes that it is known what became of all entries up to a block; it is on the disk with what is appended next.
    func settle(upTo block: UInt32) throws(CacheError) {
        try put(self.block(isMarked ? .settled : .answered, JournalFormat.payload(settledUpTo: block)))
    }

    /// The same of all entries: nobody has to ask the server.
    func settle() throws(CacheError) {
        try settle(upTo: .max)
        isMarked = false
    }

    /// Marks that nothing is missing.
    func end() throws(CacheError) {
        try put(block(.end, JournalFormat.endPayload(keys: written, brought: keys)))
        try file.synchronize()
    }

    private func block(_ kind: JournalFormat.BlockKind, _ payload: [UInt8]) -> [UInt8] {
        defer { sequence += 1 }
        return JournalFormat.block(kind, sequence: sequence, id: header.id, payload: payload)
    }

    private func put(_ block: [UInt8]) throws(CacheError) {
        try file.write(block)
        bytes += block.count
    }
}
