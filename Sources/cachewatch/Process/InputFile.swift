internal import CacheWatch
internal import Glibc

/// Files that are read from beginning to end, pipes and standard input among them.
enum InputFile {
    static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// All of it, as text.
    ///
    /// - Parameter path: `-` for standard input.
    /// - Throws: ``SettingsIssue`` as ``TextFile`` does.
    static func text(of path: String) throws(SettingsIssue) -> String {
        guard path == "-" else { return try TextFile.text(of: path) }
        return try TextFile.text(from: 0, source: "standard input")
    }
}
