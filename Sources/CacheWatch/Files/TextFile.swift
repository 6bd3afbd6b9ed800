internal import CacheWire
internal import Glibc

/// Text that is read from beginning to end: settings, passwords, themes, tokens.
///
/// Pipes are read as files are, and what has no end costs no more than the limit.
public enum TextFile {
    private static let limit = 1 << 20

    /// - Throws: ``SettingsIssue`` for what is missing, unreadable, larger than 1 MiB or not UTF-8.
    public static func text(of path: String) throws(SettingsIssue) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw issue(path, errno) }
        defer { close(descriptor) }
        return try text(from: descriptor, source: path)
    }

    /// - Parameter source: its name, for people.
    /// - Throws: as ``text(of:)`` does.
    public static func text(from descriptor: Int32, source: String) throws(SettingsIssue) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw issue(source, errno) }
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
            guard bytes.count <= limit else { throw SettingsIssue(source: source, message: "it is larger than 1 MiB") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SettingsIssue(source: source, message: "it is not UTF-8 text")
        }
        return text
    }

    private static func issue(_ source: String, _ reason: Int32) -> SettingsIssue {
        let words =
            switch reason {
            case ENOENT: "there is no such file"
            case EACCES: "it may not be read by this user"
            case EISDIR: "it is a folder, and no file"
            default: "it cannot be read: \(String(cString: strerror(reason)))"
            }
        return SettingsIssue(source: source, message: words)
    }
}
