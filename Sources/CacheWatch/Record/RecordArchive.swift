internal import Glibc
internal import NIOConcurrencyHelpers
public import Recording

/// A recording that is read: a folder of segments, or one file. What is asked for is read then, and the few segments that
/// were read last are kept at hand.
public final class RecordArchive: Sendable {
    public struct Segment: Equatable, Sendable {
        public var path: String
        /// nil for a single file of another name.
        public var name: SegmentName?
    }

    /// What was read, and is kept at hand.
    private struct Shelf {
        /// Those that were read last, the latest last: of a packed one, what it was before lies on the disk.
        var files: [(segment: Int, file: SegmentFile)] = []
        /// Times are looked for without unpacking anything again.
        var indexes: [(segment: Int, index: RecordIndex)] = []

        /// An hour, the one before, which its charts reach into, one that was looked at before, and the one that grows.
        private static let mostFiles = 4
        /// 16 MB of them, which are four days of one node.
        private static let mostLines = 400_000

        mutating func file(of segment: Int) -> SegmentFile? {
            guard let place = files.firstIndex(where: { $0.segment == segment }) else { return nil }
            files.append(files.remove(at: place))
            return files.last?.file
        }

        mutating func put(_ file: SegmentFile, of segment: Int) {
            files.append((segment, file))
            if files.count > Self.mostFiles { files.removeFirst() }
            indexes.removeAll { $0.segment == segment }
            indexes.append((segment, file.index))
            var lines = indexes.reduce(0) { $0 + $1.index.lines.count }
            while lines > Self.mostLines, indexes.count > 1 { lines -= indexes.removeFirst().index.lines.count }
        }
    }

    public let path: String
    /// The oldest first; those that are added while it is open are not among them, see ``grown()``.
    public let segments: [Segment]
    private let isFolder: Bool
    private let shelf: NIOLockedValueBox<Shelf>
    /// Held by whoever opens a segment, so that nobody does what another one is at.
    private let opening = NIOLock()
    /// Hashes whom the lines name; nil where they are told as they were written.
    private let mask: NIOLockedValueBox<RecordMask>?

    /// Of segments that were asked for them.
    private let ended: NIOLockedValueBox<[Int: [RecordedAlert]]>

    /// As many as are shown of those that are over, and so many segments of them.
    private static let (mostEnded, mostEndings) = (100, 8)

    private init(
        path: String, isFolder: Bool, segments: [Segment], mask: NIOLockedValueBox<RecordMask>? = nil,
        shelf: Shelf = Shelf(), ended: [Int: [RecordedAlert]] = [:]
    ) {
        (self.path, self.isFolder, self.segments, self.mask) = (path, isFolder, segments, mask)
        (self.shelf, self.ended) = (NIOLockedValueBox(shelf), NIOLockedValueBox(ended))
    }

    /// The same recording, of which ids in keys, addresses and names are told as hashes.
    public func anonymised(salt: [UInt8]) -> RecordArchive {
        RecordArchive(
            path: path, isFolder: isFolder, segments: segments, mask: NIOLockedValueBox(RecordMask(salt: salt)))
    }

    /// What was noted beside it by whoever has looked at it.
    public var marks: RecordMarks { RecordMarks(of: path, isFolder: isFolder) }

    /// What somebody has noted, as this archive tells it: names that its lines have had so far are hashed where it hashes.
    ///
    /// - Returns: nil where that cannot be done.
    public func told(_ mark: RecordMarks.Mark) -> RecordMarks.Mark? {
        guard let mask else { return mark }
        guard case .mark(let words) = mask.withLockedValue({ $0.clean(.mark(mark.words)) }) else { return nil }
        return RecordMarks.Mark(time: mark.time, words: words)
    }

    /// The same recording with what was written since; nil where nothing was. Segments keep their places, also those that
    /// are gone.
    ///
    /// - Throws: ``RecordError`` where it cannot be read any more.
    public func grown() throws(RecordError) -> RecordArchive? {
        let last = segments.count - 1
        var later: [Segment] = []
        if isFolder, let name = segments[last].name {
            let known = Set(segments.compactMap { $0.name?.plain })
            // A clock that was wrong has named the last one, or all that is new comes behind it.
            let isAhead = name.hour - .now > Rotation.farAhead
            later = try RecordFolder.segments(in: path)
                .filter { !known.contains($0.plain) && (isAhead || $0.plain > name.plain) }
                .map { Segment(path: "\(path)/\($0.text)", name: $0) }
        }
        // With a later one, it does not matter what has become of the one before.
        let more = later.isEmpty ? try file(last).grown(isGrowing: true) : try? file(last).grown(isGrowing: false)
        guard more != nil || !later.isEmpty else { return nil }
        var shelf = shelf.withLockedValue { $0 }
        if let more {
            shelf.files.removeAll { $0.segment == last }
            shelf.put(more, of: last)
        }
        return RecordArchive(
            path: path, isFolder: isFolder, segments: segments + later, mask: mask, shelf: shelf,
            ended: ended.withLockedValue { $0 }.filter { $0.key != last })
    }

    /// Lists the segments, and looks whether the latest one is of a recording.
    ///
    /// - Throws: ``RecordError`` for what is not there, cannot be read, or is no recording.
    public static func open(_ path: String) throws(RecordError) -> RecordArchive {
        var status = stat()
        guard stat(path, &status) == 0 else { throw SegmentFile.failure(path, errno) }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        let segments =
            try isFolder
            ? RecordFolder.segments(in: path).map { Segment(path: "\(path)/\($0.text)", name: $0) }
            : [Segment(path: path, name: SegmentName(fileName(of: path)))]
        guard !segments.isEmpty else {
            throw .foreign(path: path, "is not a recording: no file in it is named like 2026-11-25T09.jsonl")
        }
        let archive = RecordArchive(path: path, isFolder: isFolder, segments: segments)
        // The latest may have been begun just now, or be damaged, and those before it tell as well.
        var problem = RecordError.foreign(path: path, "is not a recording: no line of it is one")
        for segment in segments.indices.reversed().prefix(3) {
            do throws(RecordError) {
                if try archive.index(of: segment).isRecording { return archive }
            } catch { problem = error }
        }
        throw problem
    }

    private static func fileName(of path: String) -> String {
        String(path[path.lastIndex(of: "/").map { path.index(after: $0) }.map { $0... } ?? path.startIndex...])
    }

    /// Reads a segment from its beginning to its end, the first time; waits for the disk.
    ///
    /// - Parameter segment: index into ``segments``.
    /// - Throws: ``RecordError`` where it is gone or cannot be unpacked.
    public func index(of segment: Int) throws(RecordError) -> RecordIndex {
        let known = shelf.withLockedValue { shelf in shelf.indexes.first { $0.segment == segment }?.index }
        if let known { return known }
        return try file(segment).index
    }

    /// Opens or unpacks a segment on a thread of its own; whoever asks for it meanwhile waits for that one.
    public func prepare(_ segment: Int) {
        _ = DetachedThread.start { [self] in _ = try? file(segment) }
    }

    /// Whether lines of a segment are read without opening or unpacking it first.
    public func isAtHand(_ segment: Int) -> Bool {
        shelf.withLockedValue { shelf in shelf.files.contains { $0.segment == segment } }
    }

    /// A line as it was written; see ``assembly(before:of:)`` for what it leaves out.
    ///
    /// - Parameters:
    ///   - line: index into the lines of ``index(of:)``.
    ///   - segment: index into ``segments``.
    /// - Returns: nil for what cannot be understood.
    /// - Throws: ``RecordError`` where the segment is gone.
    public func entry(_ line: Int, of segment: Int) throws(RecordError) -> RecordEntry? {
        try file(segment).bytes(of: line).flatMap(decode)
    }

    /// A line as it stands in the file, without its end.
    ///
    /// - Returns: nil for one that is not there any more.
    /// - Throws: ``RecordError`` where the segment is gone.
    public func bytes(_ line: Int, of segment: Int) throws(RecordError) -> [UInt8]? {
        try file(segment).bytes(of: line)
    }

    /// What charts take of a snapshot's line.
    ///
    /// - Returns: nil for what cannot be understood.
    /// - Throws: ``RecordError`` where the segment is gone.
    public func charted(_ line: Int, of segment: Int) throws(RecordError) -> [ChartedNode]? {
        guard let bytes = try file(segment).bytes(of: line) else { return nil }
        guard mask != nil else { return RecordLine.charted(bytes) }
        // Addresses are told as hashes.
        guard case .snapshot(let snapshot) = decode(bytes) else { return nil }
        return (snapshot.nodes + [snapshot.sum].compactMap { $0 }).map { ChartedNode($0) }
    }

    private func decode(_ bytes: [UInt8]) -> RecordEntry? {
        let entry = RecordLine.decode(bytes, escapes: true)
        guard let mask, let entry else { return entry }
        return mask.withLockedValue { $0.clean(entry) }
    }

    /// What was known when a line was written: it takes that line and its next ones, one after the other.
    ///
    /// - Throws: ``RecordError`` where the segment is gone.
    public func assembly(before line: Int, of segment: Int) throws(RecordError) -> RecordAssembly {
        let file = try file(segment)
        var assembly = RecordAssembly()
        for one in RecordAssembly.needed(before: line, in: file.index, read: { file.bytes(of: $0) ?? [] }) {
            _ = file.bytes(of: one).flatMap(decode).flatMap { assembly.take($0) }
        }
        return assembly
    }

    /// The lines of a segment that have to stand in front of one for it to be understood, in their order: few of many.
    ///
    /// - Throws: ``RecordError`` where the segment is gone.
    public func needed(before line: Int, of segment: Int) throws(RecordError) -> [Int] {
        let file = try file(segment)
        return RecordAssembly.needed(before: line, in: file.index, read: { file.bytes(of: $0) ?? [] })
    }

    /// The alerts that ended in a segment, the latest last and a hundred at most; they are looked for once.
    ///
    /// - Throws: ``RecordError`` where the segment is gone.
    public func endedAlerts(of segment: Int) throws(RecordError) -> [RecordedAlert] {
        if let known = ended.withLockedValue({ $0[segment] }) { return known }
        let file = try file(segment)
        var found: [RecordedAlert] = []
        for line in file.index.lines(of: .alert).reversed() where found.count < Self.mostEnded {
            // Most lines are of figures that have changed.
            guard let bytes = file.bytes(of: line), Self.mayBeAnEnd(bytes), case .alert(let alert) = decode(bytes),
                [.cleared, .withdrawn].contains(alert.change)
            else { continue }
            found.append(alert)
        }
        found.reverse()
        ended.withLockedValue { ended in
            if ended.count >= Self.mostEndings { ended = [:] }
            ended[segment] = found
        }
        return found
    }

    /// By what stands behind the head of a line.
    private static func mayBeAnEnd(_ line: [UInt8]) -> Bool {
        let start = String(decoding: line.prefix(128), as: UTF8.self)
        return start.contains(#""change":"cleared""#) || start.contains(#""change":"withdrawn""#)
    }

    private func file(_ segment: Int) throws(RecordError) -> SegmentFile {
        if let known = shelf.withLockedValue({ $0.file(of: segment) }) { return known }
        guard segments.indices.contains(segment) else { throw .file(path: path, "has no segment \(segment)") }
        opening.lock()
        defer { opening.unlock() }
        if let known = shelf.withLockedValue({ $0.file(of: segment) }) { return known }
        let file: SegmentFile
        do throws(RecordError) {
            file = try read(segments[segment], isGrowing: segment == segments.count - 1)
        } catch {
            // What is gone is a gap from now on.
            shelf.withLockedValue { shelf in shelf.indexes.removeAll { $0.segment == segment } }
            throw error
        }
        shelf.withLockedValue { $0.put(file, of: segment) }
        return file
    }

    /// It may have been packed since it was listed.
    private func read(_ segment: Segment, isGrowing: Bool) throws(RecordError) -> SegmentFile {
        do throws(RecordError) { return try SegmentFile(path: segment.path, isGrowing: isGrowing) } catch {
            let packed = segment.path + ".gz"
            guard segment.name?.isPacked == false, access(packed, F_OK) == 0 else { throw error }
            return try SegmentFile(path: packed)
        }
    }
}
