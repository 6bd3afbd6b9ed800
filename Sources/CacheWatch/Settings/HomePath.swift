/// A path as people write it: `~/` is the home folder, also where no shell has put it there.
public enum HomePath {
    /// Why a path leads nowhere.
    public struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// - Parameter home: nil where nobody knows it.
    /// - Throws: ``Problem`` for what a shell would have replaced by something that is not known here.
    public static func expand(_ path: String, home: String?) throws(Problem) -> String {
        if path.hasPrefix("$") || path.contains("${") {
            throw Problem(description: "holds a variable, which nobody replaces here: write ~/ or the whole path")
        }
        guard path.hasPrefix("~") else { return path }
        guard path == "~" || path.hasPrefix("~/") else {
            throw Problem(description: "names somebody's home folder by ~: write ~/ for your own, or the whole path")
        }
        guard let home, !home.isEmpty else {
            throw Problem(description: "begins with ~/, and HOME is not set: write the whole path")
        }
        var folder = home[...]
        while folder.count > 1, folder.last == "/" { folder.removeLast() }
        if folder == "/", path.count > 1 { folder = "" }
        return String(folder + path.dropFirst())
    }
}
