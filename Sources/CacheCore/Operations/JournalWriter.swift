internal import CacheModel

/// Writes a journal: nothing may be removed before ``append(_:takenAt:)`` has returned for it.
final class JournalWriter {
    let path: String
    private let file: OutputFile
    private let header: JournalHeader
    private var sequence = 0
    private(set) var keys = 0
    private(set) var bytes = 0

    /// How much must be free beyond what the journal itself needs.
    static let reserve = 64 << 20

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
        try put(JournalFormat.magic)
        try put(block(.header, JournalFormat.payload(header)))
    }

    /// - Throws: ``CacheError/file(path:_:)``; the keys are then not safe.
    func append(_ entries: [JournalEntry], takenAt: WallTime) throws(CacheError) {
        guard !entries.isEmpty else { return }
        try put(block(.entries, JournalFormat.payload(entries, takenAt: takenAt)))
        try file.synchronize()
        keys += entries.count
    }

    /// Marks that nothing is missing.
    func end() throws(CacheError) {
        try put(block(.end, JournalFormat.endPayload(keys: keys)))
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
