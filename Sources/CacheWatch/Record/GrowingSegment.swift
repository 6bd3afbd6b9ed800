internal import CacheModel
internal import Glibc
internal import Recording

/// The file that lines are appended to: each whole, or not at all.
final class GrowingSegment {
    /// As `write(2)`; tests have disks that are full.
    typealias Write = @Sendable (Int32, UnsafeRawBufferPointer) -> Int

    let path: String
    /// nil for a single file.
    let name: SegmentName?
    /// By the clock that never jumps.
    let began: Duration
    /// In bytes.
    private(set) var size: Int
    private let descriptor: Int32
    private let write: Write
    /// A part of a line stands at the end, and could not be cut off.
    private var isTorn = false

    /// Opens or makes it, for the user alone. A tail of zeros, as a power cut leaves it, is cut off, and a torn line gets
    /// its end, so that it does not swallow the next one.
    ///
    /// - Parameter isAlone: a file that somebody has named: nobody else may write there, and it may hold nothing but a
    ///   recording.
    /// - Throws: ``RecordError``.
    init(
        path: String, name: SegmentName?, began: Duration, isAlone: Bool, write: @escaping Write
    ) throws(RecordError) {
        (self.path, self.name, self.began, self.write) = (path, name, began, write)
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        size = 0
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .file(
                path: path, "cannot be recorded to: it is no file; name a folder, or a file that is not there yet")
        }
        guard !OutputFile.isForeign(S_IFREG, owner: status.st_uid, user: geteuid()) else {
            throw .file(path: path, "cannot be recorded to: it belongs to another user; move it away")
        }
        if isAlone {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { throw .taken(path: path) }
        }
        size = Int(status.st_size)
        if size > 0, isAlone, !holdsRecording() {
            throw .foreign(path: path, "holds something else than a recording; name another file")
        }
        fchmod(descriptor, 0o600)
        guard size > 0 else { return }
        cutZeros()
        if size > 0, byte(at: size - 1) != 0x0a { try append([0x0a]) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// - Throws: ``RecordError``; then nothing of it is there, or a part that no next line is behind.
    func append(_ line: [UInt8]) throws(RecordError) {
        let bytes = isTorn ? [0x0a] + line : line
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes { write(descriptor, UnsafeRawBufferPointer(rebasing: $0[done...])) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                let reason = written == 0 ? ENOSPC : errno
                // Else the next line would begin in this one.
                if done > 0, ftruncate(descriptor, off_t(size)) != 0 { (isTorn, size) = (true, size + done) }
                throw Self.failure(path, reason)
            }
            done += written
        }
        (isTorn, size) = (false, size + bytes.count)
    }

    /// Waits until the disk has it.
    func synchronize() throws(RecordError) {
        guard fdatasync(descriptor) == 0 || errno == EINVAL || errno == EROFS else { throw Self.failure(path, errno) }
    }

    /// Whether somebody has removed it: what is written there is lost.
    var isGone: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_nlink == 0
    }

    private func byte(at offset: Int) -> UInt8? {
        var byte: UInt8 = 0
        return pread(descriptor, &byte, 1, off_t(offset)) == 1 ? byte : nil
    }

    private func cutZeros() {
        var end = size
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while end > 0 {
            let length = min(chunk.count, end)
            guard pread(descriptor, &chunk, length, off_t(end - length)) == length else { return }
            let zeros = chunk.prefix(length).reversed().prefix { $0 == 0 }.count
            end -= zeros
            if zeros < length { break }
        }
        if end < size, ftruncate(descriptor, off_t(end)) == 0 { size = end }
    }

    /// Whether any line of its beginning is one of a recording; what has no bytes but zeros may become one.
    private func holdsRecording() -> Bool {
        var start = [UInt8](repeating: 0, count: min(size, 1 << 20))
        let count = pread(descriptor, &start, start.count, 0)
        guard count > 0 else { return false }
        let index = RecordIndex(of: Array(start.prefix(count)))
        return index.isRecording || start.prefix(count).allSatisfy { $0 == 0 || $0 == 0x0a }
    }

    static func failure(_ path: String, _ reason: Int32) -> RecordError {
        let hint =
            switch reason {
            case ENOSPC, EDQUOT, EFBIG: "; free some space"
            case EACCES, EPERM: "; check who owns it, and its folder"
            case EROFS: "; its file system is mounted for reading alone"
            case ENOENT: "; make its folder first"
            case ELOOP: "; it is a link, which is not followed"
            default: ""
            }
        return .file(path: path, "cannot be recorded to: \(String(cString: strerror(reason)))\(hint)")
    }
}
