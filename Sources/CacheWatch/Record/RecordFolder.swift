internal import CacheModel
internal import Glibc
internal import Recording

/// The folder that segments lie in.
enum RecordFolder {
    /// The names of segments, the oldest first; one that is there both plain and packed counts once, as it is plain. What a
    /// clock wrote that was a day ahead of now is older than all that was written since.
    ///
    /// - Throws: ``RecordError`` where the folder cannot be read.
    static func segments(in folder: String, now: WallTime = .now) throws(RecordError) -> [SegmentName] {
        let names = Set(try Self.names(in: folder).compactMap { SegmentName($0) })
        let sorted = names.filter { !$0.isPacked || !names.contains($0.plain) }.sorted()
        let first = sorted.firstIndex { $0.hour - now > Rotation.farAhead } ?? sorted.endIndex
        return Array(sorted[first...] + sorted[..<first])
    }

    static func names(in folder: String) throws(RecordError) -> [String] {
        guard let stream = opendir(folder) else { throw SegmentFile.failure(folder, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            if let name { names.append(name) }
        }
        return names
    }
}
