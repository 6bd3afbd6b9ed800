internal import CacheModel
internal import Glibc
internal import Recording

/// Where a recorder writes: a folder of segments, or one file. Nobody else writes there as long as this is there.
final class SegmentPlace {
    let path: String
    let isFolder: Bool
    private let rotation: Rotation
    private let retention: Retention
    private let write: GrowingSegment.Write
    private let gzip: String
    private let isEnding: () -> Bool
    /// Of the folder, which holds the lock.
    private var folder: Int32 = -1

    /// - Parameters:
    ///   - order: its path becomes a folder, unless it is a file or ends with `.jsonl`.
    ///   - isEnding: whether packing is to be left for the next time.
    /// - Throws: ``RecordError``.
    init(
        _ order: RecordOrder, write: @escaping GrowingSegment.Write, gzip: String = "gzip",
        isEnding: @escaping () -> Bool = { false }
    ) throws(RecordError) {
        (path, rotation, retention) = (order.path, order.rotation, order.retention)
        (self.write, self.gzip, self.isEnding) = (write, gzip, isEnding)
        isFolder = order.isFolder
        guard isFolder else { return }
        do throws(CacheError) { try OperationFiles.makeFolder(path) } catch {
            throw .file(path: path, "cannot be recorded to: the folder cannot be made; check who owns the one above it")
        }
        folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw GrowingSegment.failure(path, errno) }
        // A file system without locks cannot tell.
        guard flock(folder, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { throw .taken(path: path) }
        guard access(path, W_OK | X_OK) == 0 else { throw GrowingSegment.failure(path, errno) }
        for name in try RecordFolder.names(in: path) where name.hasSuffix(".gz" + Self.unfinished) {
            if SegmentName(String(name.dropLast(Self.unfinished.utf8.count))) != nil { unlink("\(path)/\(name)") }
        }
    }

    deinit { release() }

    /// Others may record there from now on.
    func release() {
        if folder >= 0 { close(folder) }
        folder = -1
    }

    private static let unfinished = ".part"

    /// The segment to go on with: that of this hour where there is one with room, else a new one.
    ///
    /// - Throws: ``RecordError``.
    func segment(at time: WallTime, now: Duration, isNew: Bool) throws(RecordError) -> GrowingSegment {
        guard isFolder else {
            return try GrowingSegment(path: path, name: nil, began: now, isAlone: true, write: write)
        }
        let names = try RecordFolder.segments(in: path, now: time)
        if !isNew, let last = names.last, !last.isPacked, last.hour == SegmentName(at: time).hour {
            let segment = try GrowingSegment(
                path: "\(path)/\(last.text)", name: last, began: now - (time - last.hour), isAlone: false, write: write)
            if segment.size < rotation.largest { return segment }
        }
        let name = Rotation.name(at: time, among: names)
        let segment = try GrowingSegment(
            path: "\(path)/\(name.text)", name: name, began: now, isAlone: false, write: write)
        fsync(folder)
        return segment
    }

    func isFull(_ segment: GrowingSegment, now: Duration, line: Int) -> Bool {
        isFolder && rotation.isDue(began: segment.began, now: now, size: segment.size, line: line)
    }

    /// Packs what is closed, and removes what is too old or too much; what cannot be done stays as it is.
    func tidy(growing: SegmentName?, at time: WallTime) {
        guard isFolder else { return }
        // What is too old may be what fills the disk: it is not packed before.
        remove(Retention(age: retention.age), growing: growing, at: time)
        for name in names(at: time) where !name.isPacked && name != growing && !isEnding() { pack(name) }
        remove(retention, growing: growing, at: time)
    }

    private func names(at time: WallTime) -> [SegmentName] {
        (try? RecordFolder.segments(in: path, now: time)) ?? []
    }

    private func remove(_ retention: Retention, growing: SegmentName?, at time: WallTime) {
        let kept = names(at: time).map { Retention.Segment($0, bytes: size(of: $0)) }
        for name in retention.leaving(kept, growing: growing, at: time) { unlink("\(path)/\(name.text)") }
    }

    private func size(of name: SegmentName) -> Int {
        var status = stat()
        return stat("\(path)/\(name.text)", &status) == 0 ? Int(status.st_size) : 0
    }

    private func pack(_ name: SegmentName) {
        let (plain, packed) = ("\(path)/\(name.text)", "\(path)/\(name.packed.text)")
        let input = open(plain, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard input >= 0 else { return }
        defer { close(input) }
        let part = packed + Self.unfinished
        let output = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard output >= 0 else { return }
        defer { close(output) }
        switch found(packed, of: input, unpackedTo: output) {
        case .nothing, .part: break
        case .whole:
            unlink(part)
            unlink(plain)
            return
        case .others:
            unlink(part)
            return
        }
        guard lseek(input, 0, SEEK_SET) == 0, ftruncate(output, 0) == 0, lseek(output, 0, SEEK_SET) == 0,
            GzipProgram.run(.pack, from: input, to: output, program: gzip, isCancelled: isEnding) == nil,
            fsync(output) == 0,
            rename(part, packed) == 0
        else {
            unlink(part)
            return
        }
        fsync(folder)
        unlink(plain)
    }

    /// What lies under a packed segment's name before it is packed.
    private enum Found { case nothing, whole, part, others }

    /// A packed segment is whole where the plain one was not removed before an end, and a part of it where somebody has
    /// packed a copy while it grew.
    private func found(_ packed: String, of plain: Int32, unpackedTo copy: Int32) -> Found {
        let file = open(packed, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return errno == ENOENT ? .nothing : .others }
        defer { close(file) }
        let problem = GzipProgram.run(.unpack, from: file, to: copy, program: gzip, isCancelled: isEnding)
        var (ours, theirs) = ([UInt8](repeating: 0, count: 65_536), [UInt8](repeating: 0, count: 65_536))
        var offset: off_t = 0
        while true {
            let count = pread(copy, &theirs, theirs.count, offset)
            let length = pread(plain, &ours, max(1, count), offset)
            guard count >= 0, length >= 0 else { return .others }
            // At the end of what is packed: whole where nothing more was written.
            if count == 0 { return length == 0 && problem == nil ? .whole : .part }
            guard length == count, ours.prefix(count) == theirs.prefix(count) else { return .others }
            offset += off_t(count)
        }
    }
}
