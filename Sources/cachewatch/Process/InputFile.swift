internal import CacheWatch
internal import Glibc

/// Files that are read from beginning to end, pipes and standard input among them.
enum InputFile {
    static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// All of it, as text.
    ///
    /// - Parameter path: `-` for standard input.
    /// - Throws: ``SettingsIssue`` for what cannot be read, is longer than the limit, in bytes, or no UTF-8.
    static func text(of path: String, limit: Int) throws(SettingsIssue) -> String {
        let source = path == "-" ? "standard input" : path
        let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SettingsIssue(source: source, message: "cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw SettingsIssue(source: source, message: "cannot be read: \(String(cString: strerror(errno)))")
            }
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer.prefix(count))
            guard bytes.count <= limit else {
                throw SettingsIssue(source: source, message: "is longer than \(limit >> 10) KiB")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SettingsIssue(source: source, message: "is not UTF-8 text")
        }
        return text
    }
}
