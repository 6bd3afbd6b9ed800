internal import Glibc
internal import Recording

/// A segment that is read: of a packed one, what it was before lies in a file without a name.
final class SegmentFile: Sendable {
    let path: String
    let index: RecordIndex
    /// Before its last line was looked at, whose end may not have come.
    private let unfinished: RecordIndex
    private let descriptor: Int32
    private let isPacked: Bool

    private static let chunk = 256 << 10
    /// Sixteen times what a recorder lets a segment grow to.
    static let largest = 1 << 30
    private static let magic: [UInt8] = [0x1f, 0x8b]

    /// Reads it from its beginning to its end.
    ///
    /// - Parameter largest: bytes that a packed one may have.
    /// - Throws: ``RecordError``.
    init(path: String, isGrowing: Bool = false, largest: Int = largest) throws(RecordError) {
        self.path = path
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { throw Self.failure(path, errno) }
        let plain: Int32
        var seen = RecordIndex()
        do throws(RecordError) { plain = try Self.plain(opened, path, &seen, largest) } catch {
            close(opened)
            throw error
        }
        (descriptor, isPacked) = (plain, plain != opened)
        do throws(RecordError) {
            unfinished = try Self.read(plain, path, behind: seen)
        } catch {
            close(plain)
            throw error
        }
        index = Self.finished(unfinished, isGrowing: isGrowing)
    }

    private init(path: String, index: RecordIndex, unfinished: RecordIndex, descriptor: Int32) {
        (self.path, self.index, self.unfinished, self.descriptor) = (path, index, unfinished, descriptor)
        isPacked = false
    }

    /// Adds what stands in it behind what was read.
    ///
    /// - Parameter limit: bytes at which it may end early.
    private static func read(
        _ descriptor: Int32, _ path: String, behind index: RecordIndex, upTo limit: Int = .max
    ) throws(RecordError) -> RecordIndex {
        var index = index
        var chunk = [UInt8](repeating: 0, count: Self.chunk)
        while true {
            guard index.size < limit else { return index }
            let count = pread(descriptor, &chunk, chunk.count, index.size)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, errno) }
            guard count > 0 else { return index }
            index.add(chunk.span.extracting(0..<count))
        }
    }

    private static func finished(_ index: RecordIndex, isGrowing: Bool) -> RecordIndex {
        var index = index
        index.finish(isGrowing: isGrowing)
        return index
    }

    /// The same file with what was written since; nil where nothing was. What was packed does not grow.
    ///
    /// - Parameter isGrowing: whether more may come.
    /// - Throws: ``RecordError``.
    func grown(isGrowing: Bool) throws(RecordError) -> SegmentFile? {
        if isPacked { return nil }
        var (status, named) = (stat(), stat())
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, errno) }
        // Somebody has made it anew.
        if stat(path, &named) == 0, (named.st_dev, named.st_ino) != (status.st_dev, status.st_ino) {
            return try SegmentFile(path: path, isGrowing: isGrowing)
        }
        // A tail that a crash has left is cut off by whoever records on.
        if Int(status.st_size) < unfinished.size { return try SegmentFile(path: path, isGrowing: isGrowing) }
        guard Int(status.st_size) > unfinished.size || !isGrowing else { return nil }
        let unfinished = try Self.read(descriptor, path, behind: unfinished)
        let index = Self.finished(unfinished, isGrowing: isGrowing)
        guard index != self.index else { return nil }
        let again = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard again >= 0 else { throw Self.failure(path, errno) }
        return SegmentFile(path: path, index: index, unfinished: unfinished, descriptor: again)
    }

    deinit { close(descriptor) }

    /// nil for a line that is not there any more.
    func bytes(of line: Int) -> [UInt8]? {
        guard index.lines.indices.contains(line) else { return nil }
        let (offset, length) = (index.lines[line].offset, index.lines[line].length)
        var bytes = [UInt8](repeating: 0, count: length)
        var done = 0
        while done < length {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress.map { $0 + done }, length - done, offset + done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            done += count
        }
        return bytes
    }

    /// A descriptor of what is not packed; takes over the one that is given.
    ///
    /// - Parameter index: gets what could be read while it was unpacked.
    private static func plain(
        _ descriptor: Int32, _ path: String, _ index: inout RecordIndex, _ largest: Int
    ) throws(RecordError) -> Int32 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .foreign(path: path, "is not a recording: it is neither a file nor a folder")
        }
        var start: [UInt8] = [0, 0]
        guard pread(descriptor, &start, 2, 0) == 2, start == magic else { return descriptor }
        let unpacked = try namelessFile(for: path)
        // Whoever has packed it may be anybody.
        let isTooLarge = {
            var status = stat()
            return fstat(unpacked, &status) == 0 && status.st_size > largest
        }
        let words = GzipProgram.run(.unpack, from: descriptor, to: unpacked) {
            // Another core unpacks what comes next.
            if isTooLarge() { return true }
            index = (try? read(unpacked, path, behind: index, upTo: index.size + 4 * chunk)) ?? index
            return false
        }
        if let words {
            let isTooLarge = isTooLarge()
            close(unpacked)
            if isTooLarge {
                throw .foreign(path: path, "unpacks to more than \(largest >> 20) MiB, which no recorder writes")
            }
            throw .file(path: path, "cannot be read: \(words)")
        }
        close(descriptor)
        return unpacked
    }

    /// For the user alone, and gone with the program.
    ///
    /// - Parameter purpose: what cannot be done without it.
    static func namelessFile(for path: String, purpose: String = "unpacked") throws(RecordError) -> Int32 {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var name = Array("\(folder)/cachewatch-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else {
            throw .file(
                path: path,
                "cannot be \(purpose): nothing can be written in \(folder) (\(String(cString: strerror(errno)))); set TMPDIR"
            )
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(name)
        return descriptor
    }

    static func failure(_ path: String, _ reason: Int32) -> RecordError {
        let hint =
            switch reason {
            case EACCES, EPERM: "; it belongs to whoever has recorded it"
            default: ""
            }
        return .file(path: path, "cannot be read: \(String(cString: strerror(reason)))\(hint)")
    }
}
