internal import CacheCore
internal import CacheWire
public import CacheModel
internal import FoundationEssentials
internal import Glibc

/// Where the files of operations lie. All of them belong to the user alone.
public struct OperationFiles: Equatable, Sendable {
    /// Such as `~/.local/state/cachewatch`.
    public var directory: String

    public init(directory: String) { self.directory = directory }

    public var audit: String { directory + "/audit.jsonl" }
    public var ledger: String { directory + "/revocations.jsonl" }
    public var journals: String { directory + "/journals" }

    /// Where a line to copy lies, for terminals that take nothing for their clipboard.
    public var remedy: String { directory + "/remedy.txt" }

    /// Writes a line to copy in the place of the last one, for the user alone.
    ///
    /// - Returns: the file's path.
    /// - Throws: ``CacheError/file(path:_:)``.
    public func keep(_ line: String) throws(CacheError) -> String {
        // A new file: whoever has the old one open, or has put a link there, gets nothing.
        guard unlink(remedy) == 0 || errno == ENOENT else { throw OutputFile.failure(remedy, errno) }
        try OutputFile(path: remedy, exclusive: true, isPrivate: true).write(Array((line + "\n").utf8))
        return remedy
    }

    /// A name for a journal that begins now.
    public func journal(for action: String, scope: String, at time: WallTime) -> String {
        let safe = scope.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }.prefix(40)
        let stamp = time.iso8601.filter { $0.isNumber || $0 == "T" || $0 == "Z" }
        return "\(journals)/\(action)-\(String(safe))-\(stamp).journal"
    }

    /// A path that names the same file wherever it is typed.
    public static func absolute(_ path: String) -> String {
        path.isEmpty || path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// Refuses a name for a new file that is taken, by whatever: before anything is counted or asked for it.
    ///
    /// - Throws: ``CacheError/file(path:_:)``.
    public static func requireNew(_ path: String) throws(CacheError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        throw OutputFile.failure(path, EEXIST)
    }

    /// Makes a folder of mode 0700, and those above it; a power cut takes none of them back.
    package static func makeFolder(_ path: String) throws(CacheError) {
        let parents = Self.parents(ofNew: path) { FileManager.default.fileExists(atPath: $0) }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw .file(path: path, "cannot be made; check who owns the folder above it") }
        for folder in parents { try Folder.synchronize(folder) }
    }

    /// Makes a folder that is ours alone, and takes away what others may do in it, if somebody has allowed them.
    package static func makePrivateFolder(_ path: String) throws(CacheError) {
        try makeFolder(path)
        closeToOthers(path)
    }

    /// Takes away what others may do in the folders that are there.
    func closeToOthers() {
        for folder in [directory, journals] { Self.closeToOthers(folder) }
    }

    private static func closeToOthers(_ path: String) {
        var status = stat()
        // What a link leads to is its owner's business.
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_mode & 0o077 != 0 else { return }
        _ = chmod(path, 0o700)
    }

    /// The folders that get a new entry when a folder is made, from the top down: it is on the disk once they are.
    static func parents(ofNew path: String, isThere: (String) -> Bool) -> [String] {
        var parents: [String] = []
        var folder = path
        while !isThere(folder) {
            let parent = Folder.parent(of: folder)
            guard parent != folder else { break }
            parents.append(parent)
            folder = parent
        }
        return parents.reversed()
    }
}

/// The folder that holds the names of files: what is written is only found again once the name is on the disk, too.
enum Folder {
    /// `.` for a name without a folder; the root's is the root.
    static func parent(of path: String) -> String {
        var rest = path[...]
        while rest.count > 1, rest.last == "/" { rest.removeLast() }
        while let last = rest.last, last != "/" { rest.removeLast() }
        while rest.count > 1, rest.last == "/" { rest.removeLast() }
        return rest.isEmpty ? "." : String(rest)
    }

    /// Waits until the disk has the names in a folder.
    ///
    /// - Throws: ``CacheError/file(path:_:)`` where the disk fails; a file system that knows no such thing does not.
    static func synchronize(_ path: String) throws(CacheError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // Whoever may write into a folder and not list it cannot open it.
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP else {
            throw .file(path: path, "cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}

/// A file descriptor that is closed with its owner, and writes everything or throws.
final class OutputFile: Sendable {
    let path: String
    private let descriptor: Int32
    /// What to do where there is no room.
    private let remedy: String

    /// Takes over a descriptor, and closes it.
    init(path: String, taking descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
        remedy = Self.space
    }

    static let space = "free some space"

    /// The name of a file that is new is on the disk when this returns.
    ///
    /// - Parameters:
    ///   - exclusive: fail where there is such a file, instead of appending to it.
    ///   - isPrivate: take away what others may do with it, if somebody has allowed them, and refuse a pipe and what
    ///     belongs to another user.
    /// - Throws: ``CacheError/file(path:_:)``.
    init(path: String, exclusive: Bool, isPrivate: Bool = false) throws(CacheError) {
        self.path = path
        remedy = exclusive ? "\(Self.space), or put it elsewhere with --journal FILE" : Self.space
        // A pipe in the place of a file of ours must not hold up anything; one that somebody has named is waited for.
        let waiting = isPrivate ? O_NONBLOCK : 0
        let flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | waiting | (exclusive ? O_CREAT | O_EXCL : O_APPEND)
        var opened = open(path, flags, 0o600)
        let isNew = exclusive || (opened < 0 && errno == ENOENT)
        if opened < 0, isNew, !exclusive { opened = open(path, flags | O_CREAT, 0o600) }
        descriptor = opened
        guard descriptor >= 0 else { throw Self.failure(path, errno, remedy) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, errno, remedy) }
        let kind = status.st_mode & S_IFMT
        guard !isPrivate || kind != S_IFIFO else {
            throw .file(path: path, "cannot be written: it is a pipe, and what is written there is not kept")
        }
        guard !isPrivate || !Self.isForeign(kind, owner: status.st_uid, user: geteuid()) else {
            throw .file(
                path: path, "cannot be written: it belongs to another user, who may change it; move it away")
        }
        if isPrivate {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
            if kind == S_IFREG { fchmod(descriptor, 0o600) }
        }
        if isNew { try Folder.synchronize(Folder.parent(of: path)) }
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) throws(CacheError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Self.failure(path, errno, remedy) }
            rest = rest.dropFirst(written)
        }
    }

    /// Appends lines, on a line of their own even where the last one was torn off.
    func append(lines: [UInt8]) throws(CacheError) {
        try write(Self.endsInALine(path) ? lines : [UInt8(ascii: "\n")] + lines)
    }

    /// True also where nobody can say.
    private static func endsInALine(_ path: String) -> Bool {
        let reader = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard reader >= 0 else { return true }
        defer { close(reader) }
        var last: UInt8 = 0
        guard lseek(reader, -1, SEEK_END) >= 0, read(reader, &last, 1) == 1 else { return true }
        return last == UInt8(ascii: "\n")
    }

    /// Tells others that it is being written to, as long as this is there; where the file system knows no such thing,
    /// nobody is told.
    func hold() { _ = flock(descriptor, LOCK_EX | LOCK_NB) }

    /// Waits until the disk has it.
    func synchronize() throws(CacheError) {
        // Pipes and terminals cannot be synchronised, and need not be.
        guard fdatasync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
            throw Self.failure(path, errno, remedy)
        }
    }

    /// Whether somebody else may change what is written there. What belongs to the administrator is nobody else's.
    static func isForeign(_ kind: mode_t, owner: uid_t, user: uid_t) -> Bool {
        kind == S_IFREG && owner != user && owner != 0 && user != 0
    }

    /// Why a file cannot be written, and what to do.
    ///
    /// - Parameter reason: the system's number.
    static func failure(_ path: String, _ reason: Int32, _ remedy: String = OutputFile.space) -> CacheError {
        .file(path: path, "cannot be written: \(String(cString: strerror(reason)))\(hint(reason, remedy))")
    }

    private static func hint(_ reason: Int32, _ remedy: String) -> String {
        switch reason {
        case ENOSPC, EDQUOT, EFBIG: "; \(remedy)"
        case EEXIST: "; choose another name"
        case ELOOP: "; it is a link, which is not followed"
        case ENOENT: "; make its folder first"
        case EISDIR: "; name a file in it"
        case EACCES, EPERM: "; check who owns it, and its folder"
        case EROFS: "; its file system is mounted for reading alone"
        case ENXIO: "; it is a pipe, and what is written there is not kept"
        default: ""
        }
    }
}

enum DiskSpace {
    /// Bytes that a user may still write in the folder of a file; nil where the system does not tell.
    static func free(for path: String) -> Int? {
        var folder = path[...]
        while let last = folder.last, last != "/" { folder.removeLast() }
        var answer = statvfs()
        guard statvfs(folder.isEmpty ? "." : String(folder), &answer) == 0 else { return nil }
        let (product, tooLarge) = UInt64(answer.f_bavail).multipliedReportingOverflow(by: UInt64(answer.f_frsize))
        return tooLarge ? .max : Int(clamping: product)
    }
}
