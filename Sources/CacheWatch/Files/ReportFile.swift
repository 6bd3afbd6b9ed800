internal import CacheWire
internal import Glibc

/// A file that somebody has named for a report, and that others may be reading.
///
/// What is there stays what it is: a link leads where it led, a pipe or a terminal is written into, a file keeps its
/// mode and its owner. Where it can be, a file is replaced in one step, so that nobody finds half a report, and the old
/// one stays where there is no room for the new one.
public enum ReportFile {
    /// - Throws: ``CacheError/file(path:_:)``.
    public static func write(_ text: String, to path: String) throws(CacheError) {
        var status = stat()
        let isThere = stat(path, &status) == 0
        if !isThere, errno != ENOENT { throw OutputFile.failure(path, errno) }
        switch (isThere, status.st_mode & S_IFMT) {
        case (true, S_IFDIR): throw OutputFile.failure(path, EISDIR)
        case (true, S_IFBLK): throw .file(path: path, "cannot be written: it is a disk; name a file")
        // `/dev/stdout` is whatever the shell has put there.
        case (true, S_IFREG) where path.hasPrefix("/dev/") || path.hasPrefix("/proc/"):
            try write(text, into: path, O_APPEND)
        // One that may not be written to is not replaced either.
        case (true, S_IFREG) where access(path, W_OK) != 0: throw OutputFile.failure(path, errno)
        case (true, S_IFREG):
            if status.st_nlink == 1, let target = resolved(path), try replace(target, with: text, as: status) { return }
            try write(text, into: path, O_TRUNC)
        case (true, _): try write(text, into: path)
        // A link that leads to nothing yet leads to the new file.
        case (false, _) where isLink(path): try write(text, into: path, O_CREAT)
        case (false, _):
            if try !replace(path, with: text, as: nil) { try write(text, into: path, O_CREAT) }
        }
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Without links.
    private static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(validatingCString: found)
    }

    private static func write(_ text: String, into path: String, _ flags: Int32 = 0) throws(CacheError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0o666)
        guard descriptor >= 0 else { throw OutputFile.failure(path, errno) }
        let file = OutputFile(path: path, taking: descriptor)
        try file.write(Array(text.utf8))
        try file.synchronize()
    }

    /// Writes beside it, and puts that in its place.
    ///
    /// - Parameter before: what is there; nil for a file that is new.
    /// - Returns: false where nothing can be made beside it, or not with its owner and mode.
    private static func replace(
        _ path: String, with text: String, as before: stat?
    ) throws(CacheError) -> Bool {
        let beside = "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            // Where there is no room for the new one, the old one stays.
            guard [EACCES, EPERM, EROFS, ENAMETOOLONG].contains(errno) else { throw OutputFile.failure(path, errno) }
            return false
        }
        let file = OutputFile(path: path, taking: descriptor)
        var isDone = false
        defer { if !isDone { unlink(beside) } }
        if let before, fchown(descriptor, before.st_uid, before.st_gid) != 0 || fchmod(descriptor, before.st_mode) != 0
        {
            return false
        }
        try file.write(Array(text.utf8))
        try file.synchronize()
        guard rename(beside, path) == 0 else { throw OutputFile.failure(path, errno) }
        isDone = true
        return true
    }
}
