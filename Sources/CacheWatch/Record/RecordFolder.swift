internal import CacheModel
internal import Glibc
internal import Recording

/// The folder that segments lie in.
enum RecordFolder {
    /// The names of segments, the oldest first; one that is there both plain and packed counts once, as it is plain.
    ///
    /// - Throws: ``RecordError`` where the folder cannot be read.
    static func segments(in folder: String, now: WallTime = .now) throws(RecordError) -> [SegmentName] {
        let names = Set(try Self.names(in: folder).compactMap { SegmentName($0) })
        return names.filter { !$0.isPacked || !names.contains($0.plain) }
            .sorted { Rotation.precedes($0, $1, at: now) }
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
