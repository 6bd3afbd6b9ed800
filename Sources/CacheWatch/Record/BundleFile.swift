internal import CacheCore
internal import CacheWire
internal import CacheModel
@preconcurrency internal import Dispatch
internal import Glibc
internal import NIOConcurrencyHelpers
internal import Recording

/// A tar archive that is written, packed by the system's gzip unless its name ends with `.tar`.
///
/// Nobody finds half of one: it has no name before it is whole, or another one where the file system knows nothing without
/// a name.
public enum BundleFile {
    /// Refuses a name that is taken, before anything is read for it.
    ///
    /// - Throws: ``CacheError/file(path:_:)``.
    public static func requireRoom(at path: String, replaces: Bool) throws(CacheError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            // A link that leads nowhere is taken, too.
            if lstat(path, &status) == 0, !replaces { throw taken(path) }
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: throw OutputFile.failure(path, EISDIR)
        case S_IFBLK: throw .file(path: path, "cannot be written: it is a disk; name a file")
        case S_IFREG where !isStream(path) && !replaces: throw taken(path)
        // One that may not be written to is not replaced either.
        case S_IFREG where access(path, W_OK) != 0: throw OutputFile.failure(path, errno)
        default: break
        }
    }

    private static func taken(_ path: String) -> CacheError {
        .file(path: path, "is there already; choose another name, or --force")
    }

    /// `/dev/stdout` is whatever the shell has put there.
    private static func isStream(_ path: String) -> Bool {
        (path.hasPrefix("/dev/") || path.hasPrefix("/proc/")) && !path.hasPrefix("/dev/shm/")
    }

    /// Writes it, for the user alone.
    ///
    /// - Parameters:
    ///   - replaces: a file that is there.
    ///   - fill: gives the archive its files.
    /// - Throws: ``CacheError/file(path:_:)`` for what cannot be written, and what `fill` throws.
    public static func write(to path: String, replaces: Bool, _ fill: (TarWriter) throws -> Void) throws {
        try write(to: path, replaces: replaces, gzip: "gzip", fill)
    }

    /// - Parameter hasNameless: false for a file system that knows no files without a name.
    static func write(
        to path: String, replaces: Bool, gzip: String, hasNameless: Bool = true, _ fill: (TarWriter) throws -> Void
    ) throws {
        try requireRoom(at: path, replaces: replaces)
        var status = stat()
        let isThere = stat(path, &status) == 0
        if isThere, isStream(path) || status.st_mode & S_IFMT != S_IFREG {
            let descriptor = open(
                path, O_WRONLY | O_CLOEXEC | O_NOCTTY | (status.st_mode & S_IFMT == S_IFREG ? O_APPEND : 0))
            guard descriptor >= 0 else { throw OutputFile.failure(path, errno) }
            let file = OutputFile(path: path, taking: descriptor)
            try write(into: descriptor, path, gzip, fill)
            return try file.synchronize()
        }
        // A link leads where it led.
        let target = isThere ? resolved(path) ?? path : path
        let new = try NewFile(for: target, named: path, isNameless: hasNameless)
        try write(into: new.descriptor, path, gzip, fill)
        try new.file.synchronize()
        try new.takePlace(replaces: replaces)
    }

    private static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(validatingCString: found)
    }

    /// The same, packed, for standard output.
    public static func pack(_ fill: (TarWriter) throws -> Void) throws -> Spool {
        let spool = try Spool()
        try write(into: spool.descriptor, Spool.place, "gzip", fill)
        try spool.measure()
        return spool
    }

    private static func write(
        into descriptor: Int32, _ path: String, _ gzip: String, _ fill: (TarWriter) throws -> Void
    ) throws {
        guard !path.hasSuffix(".tar") else {
            let writer = TarWriter(path: path, descriptor: descriptor)
            try fill(writer)
            return try writer.finish()
        }
        let packing = try Packing(into: descriptor, path: path, program: gzip)
        let writer = TarWriter(path: path, descriptor: packing.input)
        let filled = Result {
            try fill(writer)
            try writer.finish()
        }
        // What gzip says comes first: nothing can be written to one that has ended.
        if let problem = packing.finish() { throw problem }
        try filled.get()
    }
}

/// A gzip that runs, from a pipe to a file.
private final class Packing {
    /// What is written there is packed.
    let input: Int32
    private let output: Int32
    private let path: String
    private let words: NIOLockedValueBox<String?>
    private let end = DispatchSemaphore(value: 0)
    private var isOpen = true

    init(into output: Int32, path: String, program: String) throws(CacheError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw OutputFile.failure(path, errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let reading = ends[0]
        (input, self.output, self.path) = (ends[1], output, path)
        let (words, end) = (NIOLockedValueBox<String?>(nil), end)
        self.words = words
        let hasBegun = DetachedThread.start {
            let problem = GzipProgram.run(.pack, from: reading, to: output, program: program)
            words.withLockedValue { $0 = problem }
            // Whoever writes on hears that nobody reads.
            close(reading)
            end.signal()
        }
        guard hasBegun else {
            close(reading)
            close(input)
            isOpen = false
            throw .file(path: path, "cannot be written: no thread can be started")
        }
    }

    /// - Returns: what has gone wrong; nil where all is packed.
    func finish() -> CacheError? {
        if isOpen { close(input) }
        isOpen = false
        end.wait()
        guard let words = words.withLockedValue({ $0 }) else { return nil }
        if words.contains("cannot be started") {
            return .file(path: path, "cannot be packed: \(words); a name that ends with .tar is written unpacked")
        }
        return complaint ?? .file(path: path, "cannot be packed: \(words)")
    }

    /// gzip does not tell why: what it could not write, we cannot either. Whoever reads a pipe gets none of it.
    private var complaint: CacheError? {
        var status = stat()
        guard fstat(output, &status) == 0, [S_IFREG, S_IFCHR].contains(status.st_mode & S_IFMT), isatty(output) == 0
        else { return nil }
        var block = [UInt8](repeating: 0, count: 256 << 10)
        while !block.isEmpty {
            let written = Glibc.write(output, block, block.count)
            if written < 0, errno == EINTR { continue }
            if written <= 0 { return OutputFile.failure(path, written == 0 ? ENOSPC : errno) }
            block.removeFirst(written)
        }
        return nil
    }

    deinit {
        if isOpen {
            close(input)
            end.wait()
        }
    }
}

/// A file that gets its name when it is whole.
private final class NewFile {
    let file: OutputFile
    let descriptor: Int32
    private let path: String
    private let shown: String
    /// nil for one that has no name yet.
    private var beside: String?

    /// - Parameters:
    ///   - path: what it is to be.
    ///   - shown: the same as it was typed.
    ///   - isNameless: whether it can be without a name.
    init(for path: String, named shown: String, isNameless: Bool) throws(CacheError) {
        (self.path, self.shown) = (path, shown)
        var opened: Int32 = -1
        // Its name comes by way of that folder.
        if isNameless, access("/proc/self/fd", X_OK) == 0 {
            opened = open(Folder.parent(of: path), Self.nameless | O_WRONLY | O_CLOEXEC, 0o600)
        } else {
            errno = EOPNOTSUPP
        }
        if opened < 0, [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(errno) {
            let beside = Self.name(beside: path)
            opened = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            self.beside = beside
        }
        guard opened >= 0 else { throw OutputFile.failure(shown, errno) }
        descriptor = opened
        file = OutputFile(path: shown, taking: opened)
    }

    /// `O_TMPFILE`.
    private static let nameless = 0o20_000_000 | O_DIRECTORY

    private static func name(beside path: String) -> String {
        "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36)).part"
    }

    deinit { if let beside { unlink(beside) } }

    func takePlace(replaces: Bool) throws(CacheError) {
        if !replaces {
            guard name(path) else { throw OutputFile.failure(shown, errno) }
        } else {
            if beside == nil {
                let name = Self.name(beside: path)
                guard self.name(name) else { throw OutputFile.failure(shown, errno) }
                beside = name
            }
            guard let beside, rename(beside, path) == 0 else { throw OutputFile.failure(shown, errno) }
            self.beside = nil
        }
        try Folder.synchronize(Folder.parent(of: path))
    }

    /// - Returns: false where it is taken, and `errno` says so.
    private func name(_ path: String) -> Bool {
        guard let beside else {
            return linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
        }
        if link(beside, path) == 0 {
            unlink(beside)
            self.beside = nil
            return true
        }
        // A file system without links.
        guard errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS, access(path, F_OK) != 0,
            rename(beside, path) == 0
        else { return false }
        self.beside = nil
        return true
    }
}
